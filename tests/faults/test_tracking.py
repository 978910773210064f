"""W&B's service killed, its disk full, its folder gone: the study goes on, the mirror is remade."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from support.kills import patiently
from support.shell import apart, environment, peersim, start
from support.wandb_reader import arms_of, read_all, study_of

from peersim.store.tables import rows
from peersim.store.view import RunView

STUDY = ("replicates=6", "model.latency_seconds=0.05", "concurrency=4", "tracking.mode=offline")
HERE = "hydra.run.dir=run"
# The service alone is on a small disk: it takes the limit over when it is started.
SMALL_DISK = """
import resource, sys
import peersim.tracking.wandb as room
opened = room._open

def open_on_a_small_disk(entry):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        return opened(entry)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

room._open = open_on_a_small_disk
sys.argv = ["peersim", *sys.argv[1:]]
from peersim.cli import main
main()
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same study without tracking."""
    home = tmp_path_factory.mktemp("whole")
    words = (*STUDY[:1], "concurrency=4", "tracking=none", HERE)
    assert peersim("run", *words, cwd=home).returncode == 0
    return home / "run"


@pytest.mark.slow
def test_w_and_b_s_key_may_stand_in_the_file_of_keys_alone(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("WANDB_API_KEY=planted0123456789abcdef0123456789abcdef01\n", encoding="utf-8")
    keys.chmod(0o600)
    known = {"PEERSIM_KEYS_FILE": str(keys), "WANDB_BASE_URL": "http://127.0.0.1:9"}
    for command in (("run", "replicates=2", HERE), ("track", "run", "--mode", "auto")):
        done = peersim(*command, cwd=tmp_path, **known)
        assert done.returncode == 0, done.stderr
        # It is read, since nothing else would let W&B try to go online.
        assert "offline because it cannot go online" in done.stdout


def remade(home):
    """Make the mirror again and return its summaries beside the stored rows of each arm."""
    done = apart("track", "run", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "W&B: 3 runs" in done.stdout
    stored = rows(RunView(home / "run"))
    whole = [found for found in arms_of(home / "run") if found.exit_code == 0]
    assert len({found.run_id for found in whole}) == 2
    for found in whole:
        own = [row for row in stored if row.arm["persona.peer"] in found.name.split("=")]
        assert found.summary["n"] == len(own) == 6
        assert found.summary["count/protected"] == sum(row.values["protected"] for row in own)


def outcomes(run):
    """What the trials came to."""
    return {row.trial_id: (row.arm, row.invalid, row.values) for row in rows(RunView(run))}


def service_of(process):
    """Wait for the W&B service that a process started, and return its id."""
    until = time.monotonic() + 60
    words = ["ps", "-A", "-o", "pid=,ppid=,comm="]
    while time.monotonic() < until and process.poll() is None:
        listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        for number, parent, name in (line.split(None, 2) for line in listed.splitlines()):
            if int(parent) == process.pid and "wandb-core" in name:
                return int(number)
        time.sleep(0.02)
    raise AssertionError("no service was started")


def finished(run):
    """How many trials are stored; 0 before there is a store."""
    return len(rows(RunView(run))) if (run / "study.sqlite").is_file() else 0


@pytest.mark.slow
def test_a_killed_service_is_one_warning(whole, tmp_path):
    process = start("run", *STUDY, HERE, cwd=tmp_path)
    os.kill(service_of(process), signal.SIGKILL)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert out.count("W&B tracking is off") == 1
    assert "Traceback" not in err
    assert outcomes(tmp_path / "run") == outcomes(whole)
    remade(tmp_path)


@pytest.mark.slow
def test_a_full_disk_of_the_services_loses_nothing(whole, tmp_path):
    words = [sys.executable, "-c", SMALL_DISK, "run", *STUDY, HERE]
    done = subprocess.run(
        words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("W&B tracking is off") <= 1
    assert outcomes(tmp_path / "run") == outcomes(whole)
    shutil.rmtree(tmp_path / "run" / "wandb")
    remade(tmp_path)


@pytest.mark.slow
def test_a_folder_deleted_while_the_study_runs_loses_nothing(whole, tmp_path):
    process = start("run", *STUDY, HERE, cwd=tmp_path)
    service_of(process)
    shutil.rmtree(tmp_path / "run" / "wandb", ignore_errors=True)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert out.count("W&B tracking is off") <= 1
    assert outcomes(tmp_path / "run") == outcomes(whole)
    shutil.rmtree(tmp_path / "run" / "wandb", ignore_errors=True)
    remade(tmp_path)


@pytest.mark.slow
def test_a_killed_study_is_shown_as_stopped_and_without_outcomes_by_arm(tmp_path):
    process = start("run", *STUDY, HERE, cwd=tmp_path)
    service_of(process)
    patiently(lambda: finished(tmp_path / "run") >= 3)
    process.kill()
    process.communicate()
    shutil.rmtree(tmp_path / "run" / "wandb")
    assert apart("track", "run", cwd=tmp_path).returncode == 0
    done = finished(tmp_path / "run")
    assert 3 <= done < 12
    for found in read_all(tmp_path / "run"):
        assert (found.exit_code, found.summary["ended"]) == (130, "stopped")
    for found in arms_of(tmp_path / "run"):
        known = {name for name in found.summary if not name.startswith("_")}
        assert known <= {"ended", "health/finished", "health/invalid"}
    assert study_of(tmp_path / "run").summary["progress/finished"] == done
    assert "looks at outcomes" in study_of(tmp_path / "run").summary["blind"]
