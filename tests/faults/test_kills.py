"""Killed at any moment of its life, again and again, a study still ends as if it never was.

PEERSIM_KILLS=200 makes the number of kills; without it there are 20.
"""

import os
import random
import sqlite3
import time

import pytest
from servers.openai_server import FaultServer, model_policy
from support.shell import apart, peersim, start
from support.studies import records, simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.schema import FILE

KILLS = int(os.environ.get("PEERSIM_KILLS", "20"))
STUDY = ("replicates=15", "tracking=none", "concurrency=8", "hydra.run.dir=run")
HTTP = (
    *("replicates=6", "tracking=none", "concurrency=8", "hydra.run.dir=run"),
    *("model=hosted_vllm/stand-in", "model.send_seed=true"),
)


def journalled(run):
    """How many calls a store holds; 0 before there is a store."""
    try:
        with sqlite3.connect(f"{(run / FILE).as_uri()}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
    except sqlite3.Error:
        return 0


def calls_made(run):
    """How many calls all sessions that came to an end say they made."""
    with sqlite3.connect(run / FILE) as connection:
        return connection.execute("SELECT SUM(made) FROM sessions").fetchone()[0]


def killed_after(seconds, command, cwd, **env):
    """Start a command and kill it without any warning."""
    process = start(*command, cwd=cwd, **env)
    time.sleep(seconds)
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The uninterrupted run: its directory, and how long it took."""
    home = tmp_path_factory.mktemp("whole")
    began = time.monotonic()
    done = apart("run", *STUDY, cwd=home)
    assert done.returncode == 0, done.stderr
    return home / "run", time.monotonic() - began


@pytest.mark.slow
def test_a_study_killed_at_any_moment_ends_equal_and_repeats_no_call(whole, tmp_path):
    directory, seconds = whole
    expected, total = records(directory), journalled(directory)
    rng, left, homes = random.Random(1), KILLS, 0
    while left:
        home = tmp_path / str(homes)
        home.mkdir()
        homes += 1
        for _ in range(min(left, rng.randint(1, 4))):
            left -= 1
            before = journalled(home / "run")
            killed_after(rng.uniform(0, seconds), ("run", *STUDY), home)
            assert journalled(home / "run") >= before
        kept = journalled(home / "run")
        done = peersim("run", *STUDY, cwd=home)
        assert done.returncode == 0, done.stderr
        assert records(home / "run") == expected
        assert journalled(home / "run") == total
        # Sessions that were killed say nothing; the last one made just what was missing.
        assert (calls_made(home / "run") or 0) == total - kept or kept == total


@pytest.mark.slow
def test_no_completed_call_is_asked_again_by_the_server_s_own_account(tmp_path):
    stand_in = SimulatedModel(simulated(), Endpoint(latency_seconds=0.02))
    rng, lost = random.Random(2), 0
    with FaultServer(model_policy(stand_in)) as server:
        command = ("run", *HTTP, f"model.base_url={server.base_url}")
        for _ in range(3):
            process = start(*command, cwd=tmp_path)
            answered = len(server.ledger)
            goal = answered + rng.randint(5, 25)
            until = time.monotonic() + 60
            while len(server.ledger) < goal and process.poll() is None:
                assert time.monotonic() < until, "the server was never asked"
                time.sleep(0.005)
            process.kill()
            process.communicate()
            time.sleep(0.2)  # what the server was still writing ends in its ledger
            lost = len(server.ledger) - journalled(tmp_path / "run")
        done = peersim(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        # Answered once each, but for those whose answers the dead processes had not stored yet.
        assert len(server.ledger) == journalled(tmp_path / "run") + lost
        assert lost <= 3 * 8
