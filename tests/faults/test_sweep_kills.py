"""A sweep that is killed goes on by the same command, and ends as if it never was."""

import random

import pytest
from support.kills import journalled, kept, patiently
from support.shell import peersim, rates, start
from support.studies import records

from peersim.store.schema import FILE
from peersim.store.view import RunView

SWEEP = (
    *("run", "-m", "memory=none,verbatim", "persona.peer=cooperative,uncooperative"),
    *("replicates=12", "tracking=none", "concurrency=8"),
)
# 4 factors and 48 arms, 24 of them on the histories of each persona.
LARGE = (
    *("run", "-m", "memory=none,verbatim", "persona.peer=cooperative,uncooperative"),
    *("circumstances.stakes=none,note,retrain,shutdown", "replicates=50", "tracking=none"),
    "circumstances.standing=below,just_below,above",
)


def only_run(home):
    """The one sweep under ``runs``; None before there is one."""
    found = [path for path in (home / "runs").glob("*") if path.is_dir()]
    assert len(found) <= 1, found
    return found[0] if found else None


def begun(home):
    """The sweep that has a store; Hydra's directory of one that is about to go on has none."""
    return next((path.parent for path in (home / "runs").glob(f"*/{FILE}")), None)


def kill_at(command, home, calls):
    """Start a command, and kill it without any warning once so many calls are journalled."""
    process = start(*command, cwd=home)

    def so_far():
        run = begun(home)
        return journalled(run) if run else 0

    patiently(lambda: so_far() >= calls or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()


def check_killed_twice(command, home, whole, seed):
    """Kill a sweep twice, let it go on by the same command, and compare it with a whole one."""
    expected, total = records(whole), journalled(whole)
    rng = random.Random(seed)
    first = rng.randint(1, total // 3)
    kill_at(command, home, first)
    kill_at(command, home, rng.randint(total // 2, total * 3 // 4))
    before = kept(begun(home))
    done = peersim(*command, cwd=home)
    assert done.returncode == 0, done.stderr
    run = only_run(home)  # what Hydra wrote for the later two is gone
    said = next(line for line in done.stdout.splitlines() if line.startswith("going on with"))
    assert str(run.relative_to(home)) in said
    assert "hydra.sweep.dir=" in said
    assert records(run) == expected
    assert journalled(run) == total
    # The last session made just what was missing: no completed call was made again.
    assert RunView(run).stores[0].sessions()[-1].made == total - before


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The uninterrupted sweep."""
    home = tmp_path_factory.mktemp("whole")
    done = peersim(*SWEEP, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "24 histories lived for 48 trials" in done.stdout
    return only_run(home)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_sweep_killed_twice_goes_on_by_the_same_command(whole, tmp_path, seed):
    check_killed_twice(SWEEP, tmp_path, whole, seed)
    assert rates(cwd=tmp_path) == rates(whole, cwd=tmp_path)


def test_a_killed_sweep_is_resumed_wholly(whole, tmp_path):
    kill_at(SWEEP, tmp_path, 20)
    done = peersim("resume", only_run(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note: jobs of the sweep" not in done.stdout
    assert records(only_run(tmp_path)) == records(whole)


def test_a_finished_sweep_is_not_gone_on_with(tmp_path):
    little = ("run", "-m", "memory=none,verbatim", "replicates=1", "tracking=none")
    for place in ("first", "second"):
        where = f"hydra.sweep.dir=runs/{place}" if place == "first" else "seed=0"
        done = peersim(*little, where, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "going on with" not in done.stdout
    assert len(list((tmp_path / "runs").glob(f"*/{FILE}"))) == 2


@pytest.mark.slow
def test_another_sweep_and_a_directory_of_its_own_begin_afresh(whole, tmp_path):
    kill_at(SWEEP, tmp_path, 20)
    left = only_run(tmp_path)
    done = peersim(*SWEEP, "seed=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = peersim(*SWEEP, "hydra.sweep.dir=runs/mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert records(tmp_path / "runs" / "mine") == records(whole)
    # Nobody went on with what was left: whoever does begins a session there.
    assert len(RunView(left).stores[0].sessions()) == 1
    assert journalled(left) < journalled(whole)


@pytest.mark.slow
def test_a_sweep_of_four_factors_killed_twice_ends_equal(tmp_path):
    home, again = tmp_path / "whole", tmp_path / "again"
    home.mkdir()
    again.mkdir()
    done = peersim(*LARGE, cwd=home)
    assert done.returncode == 0, done.stderr
    run = only_run(home)
    assert len(rates(run, cwd=home)) == 48
    assert "100 histories lived for 2,400 trials" in done.stdout
    check_killed_twice(LARGE, again, run, 0)
