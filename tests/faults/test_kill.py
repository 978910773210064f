"""Killed anywhere, a resumed study repeats no completed call and ends equal to a whole one."""

import random

import pytest
from support.kills import journalled, kept, patiently
from support.shell import peersim, rates, start
from support.studies import records

from peersim.store.view import RunView

STUDY = ("replicates=15", "tracking=none", "concurrency=8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The uninterrupted run."""
    home = tmp_path_factory.mktemp("whole")
    done = peersim("run", *STUDY, "hydra.run.dir=run", cwd=home)
    assert done.returncode == 0, done.stderr
    return home


def kill_at(process, run, calls):
    """Kill a process, without any warning, once the journal holds so many calls."""
    patiently(lambda: journalled(run) >= calls or process.poll() is not None, look=0.002)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_a_killed_study_resumes_to_the_same_end(whole, tmp_path, seed):
    rng = random.Random(seed)
    total = journalled(whole / "run")
    run = tmp_path / "run"
    kill_at(start("run", *STUDY, "hydra.run.dir=run", cwd=tmp_path), run, rng.randint(1, total))
    before = kept(run)
    assert before
    kill_at(start("resume", "run", cwd=tmp_path), run, rng.randint(before, total))
    done = peersim("resume", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert records(run) == records(whole / "run")
    assert rates("run", cwd=tmp_path) == rates("run", cwd=whole)
    # The journal holds each call once, and the whole run needed exactly as many.
    assert journalled(run) == total
    sessions = RunView(run).stores[0].sessions()
    finished = sessions[-1]
    assert finished.ended == "complete"
    assert finished.made + before <= total


@pytest.mark.slow
def test_the_same_command_goes_on_too(whole, tmp_path):
    run = tmp_path / "run"
    kill_at(start("run", *STUDY, "hydra.run.dir=run", cwd=tmp_path), run, 100)
    done = peersim("run", *STUDY, "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert records(run) == records(whole / "run")


def test_a_second_copy_is_told_and_harms_nothing(whole, tmp_path):
    run = tmp_path / "run"
    process = start("run", *STUDY, "replicates=400", "hydra.run.dir=run", cwd=tmp_path)
    patiently(lambda: journalled(run))
    second = peersim("resume", "run", cwd=tmp_path)
    shown = peersim("status", "run", cwd=tmp_path).stdout
    process.kill()
    process.communicate()
    assert f"at work (process {process.pid})" in shown
    assert "go on with" not in shown
    shown = peersim("status", "run", cwd=tmp_path).stdout
    assert "killed, or at work elsewhere" in shown
    assert "go on with: peersim resume run" in shown
    assert second.returncode != 0
    assert "in use by another peersim" in second.stderr
    assert "Traceback" not in second.stderr
