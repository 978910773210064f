"""Ctrl-C once finishes what is in flight, twice stops now; neither loses anything."""

import os
import signal
import time

import pytest
from support.shell import peersim, start
from support.studies import records

from peersim.errors import StoreError
from peersim.store.view import RunView

STUDY = ("replicates=150", "tracking=none", "concurrency=8", "hydra.run.dir=run")


def finished(run):
    return len(RunView(run).trial_ids) if (run / "study.sqlite").is_file() else 0


def interrupted(cwd, times):
    """Start the study, press Ctrl-C so often, and return the process and what it said."""
    process = start("run", *STUDY, cwd=cwd)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if finished(cwd / "run") > 3:
                break
        except StoreError:
            pass  # its tables are just being made
        time.sleep(0.01)
    for _ in range(times):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.002)
    said = process.communicate(timeout=60)
    return process, said


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_with_clear_last_words_and_resumes(tmp_path, times):
    process, (out, err) = interrupted(tmp_path, times)
    assert process.returncode == 130, (out, err)
    assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
    assert "Traceback" not in err
    run = tmp_path / "run"
    done = finished(run)
    assert 3 < done < 300
    (session,) = RunView(run).stores[0].sessions()
    assert session.ended == "stopped"
    before = records(run)
    assert peersim("resume", cwd=tmp_path).returncode == 0
    after = records(run)
    assert len(after) == 300
    assert {name: after[name] for name in before} == before


def test_a_batch_system_s_sigterm_is_one_wish_to_end(tmp_path):
    slow = ("model.latency_seconds=0.02", "replicates=40")
    process = start("run", *STUDY, *slow, cwd=tmp_path)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if finished(tmp_path / "run") > 3:
                break
        except StoreError:
            pass
        time.sleep(0.01)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
    (session,) = RunView(tmp_path / "run").stores[0].sessions()
    assert session.ended == "stopped"
    # What was in flight was finished: every history that was begun has its trials.
    assert 3 < finished(tmp_path / "run") < 80
    again = peersim("resume", "run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert finished(tmp_path / "run") == 80
