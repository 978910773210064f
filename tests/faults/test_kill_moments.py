"""Killed just before or just after any touch of a file, a run goes on as if it never was.

PEERSIM_KILLS=200 makes the number of kills; without it there are 20.
"""

import gc
import os
import random
import shutil
from pathlib import Path

import pytest
from support.forked import KILLED, forked
from support.kills import contents, kept
from support.shell import peersim

from peersim.store.schema import FILE
from peersim.store.view import RunView
from peersim.study.frozen_plan import check_plan

KILLS = int(os.environ.get("PEERSIM_KILLS", "20"))
# Its gate is a store of its own, made and read on the way.
STUDY = (
    *("run", "study=gated", "replicates=1", "allow_few_histories=true", "tracking=none"),
    *("study.gates.instructed.replicates=8", "concurrency=8", "hydra.run.dir=run"),
)
OLD = Path(__file__).parents[1] / "data" / "store_v1.sqlite"


def files(home):
    """The files under a directory, but for what SQLite keeps beside a store that is read."""
    found = (path.relative_to(home) for path in home.rglob("*") if path.is_file())
    beside = ("-wal", "-shm", ".html")  # and the report, which the last command alone writes
    named = (path for path in found if not path.name.endswith(beside))
    # A note of the latest run that was not put into its place does no harm.
    return sorted(str(path) for path in named if not path.name.startswith(".latest."))


def counted(home, *command):
    """Let a command run to its end; return how many moments it has."""
    home.mkdir()
    process = forked(*command, cwd=home, moment=0)
    process.join()
    assert process.exitcode == 0, (home / "said").read_text()
    (home / "said").unlink()
    found = int((home / "moments").read_text())
    (home / "moments").unlink()
    return found


def killed_at(moment, home, *command):
    """Kill a command at a moment; return whether it lived to see it."""
    process = forked(*command, cwd=home, moment=moment)
    process.join()
    said = (home / "said").read_text()
    (home / "said").unlink()
    (home / "moments").unlink(missing_ok=True)
    assert process.exitcode in (KILLED, 0), said
    return process.exitcode == KILLED


def spread(kills, moments, rng):
    """So many moments: those of the beginning one by one, then a few out of all that follow."""
    first = range(1, kills * 2 // 3 + 1)
    if kills < 100:
        first = rng.sample(range(1, 100), kills * 2 // 3)
    return [*first, *rng.sample(range(100, moments + 1), kills - len(first))]


@pytest.mark.slow
def test_a_study_killed_beside_any_touch_of_a_file_ends_equal(tmp_path):
    rng, whole = random.Random(3), tmp_path / "whole"
    moments = counted(whole, *STUDY)
    stores = [Path("run"), Path("run/gates/instructed")]
    expected = [contents(whole / store) for store in stores]
    kills = 0
    for number, moment in enumerate(spread(KILLS, moments, rng)):
        home = tmp_path / str(number)
        home.mkdir()
        kills += killed_at(moment, home, *STUDY)
        looked = peersim("status", "run", cwd=home)
        begun = (home / "run" / FILE).is_file()
        assert looked.returncode == (0 if begun else 1), looked.stderr
        assert begun or looked.stderr.startswith(("peersim: no run in", "peersim: no directory"))
        gc.collect()  # what looked at the store looks no more
        if rng.random() < 0.3:
            kills += killed_at(rng.randint(1, 60), home, *STUDY)
        before = [kept(home / store) for store in stores]
        done = peersim(*STUDY, cwd=home)
        assert done.returncode == 0, (moment, done.stderr)
        assert [contents(home / store) for store in stores] == expected, moment
        for store, found, all_of_it in zip(stores, before, expected, strict=True):
            view = RunView(home / store).stores[0]
            # A gate that was judged already is not worked on again.
            made = view.sessions()[-1].made
            assert made == len(all_of_it["calls"]) - found or found == len(all_of_it["calls"])
            assert check_plan(home / store) == [], moment
        assert files(home) == files(whole), moment
    print(f"\nbeside touches of files, of {moments}: {kills} kills")


@pytest.mark.slow
def test_a_store_killed_while_it_is_brought_to_this_version_is_brought_there_again(tmp_path):
    def old(home):
        (home / "run").mkdir(parents=True)
        shutil.copyfile(OLD, home / "run" / FILE)
        return home

    look = ("status", "run")
    whole = old(tmp_path / "whole")
    assert peersim(*look, cwd=whole).returncode == 0
    rng, moments = random.Random(4), set()
    moment = 1
    while killed_at(moment, home := old(tmp_path / str(moment)), *look):
        moments.add(moment)
        done = peersim(*look, cwd=home)
        assert done.returncode == 0, (moment, done.stderr)
        assert contents(home / "run") == contents(whole / "run"), moment
        assert files(home) == files(whole), moment
        moment += rng.randint(1, max(2, 400 // KILLS))
    assert len(moments) > 5
