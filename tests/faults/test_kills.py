"""Killed at any moment of its life, again and again, a study still ends as if it never was.

PEERSIM_KILLS=200 makes the number of kills; without it there are 20.
"""

import os
import random
import sqlite3
import time

import pytest
from servers.openai_server import (
    FaultServer,
    cut_off,
    dropped,
    model_policy,
    not_json,
    rate_limited,
    server_error,
)
from support.kills import journalled, kept
from support.shell import apart, peersim, start
from support.studies import records, simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.schema import FILE

KILLS = int(os.environ.get("PEERSIM_KILLS", "20"))
STUDY = ("replicates=15", "tracking=none", "concurrency=8", "hydra.run.dir=run")
# Over HTTP a process takes seconds to begin, so there are fewer.
HTTP_KILLS = max(5, KILLS // 4)
HTTP = (
    *("run", "replicates=6", "tracking=none", "concurrency=8", "hydra.run.dir=run"),
    *("model=hosted_vllm/stand-in", "model.send_seed=true", "retry.base_seconds=0.01"),
)
FAULTS = (rate_limited("0"), server_error(), dropped(), cut_off(), not_json())


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
            before = kept(home / "run")
            killed_after(rng.uniform(0, seconds), ("run", *STUDY), home)
            assert kept(home / "run") >= before
        before = kept(home / "run")
        done = peersim("run", *STUDY, cwd=home)
        assert done.returncode == 0, done.stderr
        assert records(home / "run") == expected
        assert journalled(home / "run") == total
        # Sessions that were killed say nothing; the last one made just what was missing.
        assert (calls_made(home / "run") or 0) == total - before or before == total


def over_http(server, home):
    return peersim(*HTTP, f"model.base_url={server.base_url}", cwd=home)


def replies(server):
    """How many requests a server answered, by its own account."""
    return sum(served.outcome == "reply" for served in server.ledger)


def killed_over_http(server, goal, home):
    """Start the study over HTTP, and kill it once the server has answered so many more."""
    process = start(*HTTP, f"model.base_url={server.base_url}", cwd=home)
    until, goal = time.monotonic() + 60, replies(server) + goal
    while replies(server) < goal and process.poll() is None:
        assert time.monotonic() < until, "the server was never asked"
        time.sleep(0.005)
    process.kill()
    process.communicate()
    time.sleep(0.2)  # what the server was still writing ends in its ledger


@pytest.mark.slow
def test_no_completed_call_is_asked_again_by_the_server_s_own_account(tmp_path):
    stand_in = model_policy(SimulatedModel(simulated(), Endpoint(latency_seconds=0.02)))
    rng = random.Random(2)

    def faulty(body, n):
        return rng.choice(FAULTS) if rng.random() < 0.1 else stand_in(body, n)

    with FaultServer(stand_in) as server:
        assert over_http(server, tmp_path).returncode == 0
    expected, total = records(tmp_path / "run"), journalled(tmp_path / "run")
    left = HTTP_KILLS
    while left:
        home = tmp_path / str(left)
        home.mkdir()
        kills = min(left, rng.randint(1, 4))
        left -= kills
        with FaultServer(faulty) as server:
            for _ in range(kills):
                killed_over_http(server, rng.randint(1, total // 5), home)
            lost = replies(server) - kept(home / "run")
            done = over_http(server, home)
            assert done.returncode == 0, done.stderr
            # Answered once each, but for those whose answers the dead had not stored yet.
            assert replies(server) == journalled(home / "run") + lost
            assert lost <= kills * 8
        assert records(home / "run") == expected
        assert journalled(home / "run") == total
