"""Killed at any moment of its life, again and again, a study still ends as if it never was.

PEERSIM_KILLS=200 makes the number of kills, for each of the tests; without it there are 20.
"""

import contextlib
import os
import random
import sqlite3
import time
from collections import Counter
from functools import partial

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
from support.forked import KILLED, forked
from support.kills import (
    contents,
    count,
    counted_tokens,
    journalled,
    kept,
    kept_seeds,
    patiently,
    reader,
)
from support.shell import peersim, start
from support.studies import records, simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.schema import FILE

KILLS = int(os.environ.get("PEERSIM_KILLS", "20"))
COMMON = ("tracking=none", "concurrency=8", "hydra.run.dir=run")
STUDY = ("run", "replicates=15", "model.latency_seconds=0.01", *COMMON)
HTTP = (
    *("run", "replicates=6", *COMMON, "budget.tokens=1000000000"),
    *("model=hosted_vllm/stand-in", "model.send_seed=true", "retry.base_seconds=0.01"),
    # Where the machine stands still, a reply that came meanwhile must not be given up for late.
    "model.timeout_seconds=3600",
)
# Eight trials, and each asks both of its agents, or does its job and says its beliefs, at once.
IN_FLIGHT = 8 * 2
FAULTS = (rate_limited("0"), server_error(), dropped(), cut_off(), not_json())
# One in so many is a process that begins from nothing, as a user's does.
FRESH = 10


def sessions(run):
    """The calls made by each session, None for one that was killed."""
    with contextlib.closing(sqlite3.connect(run / FILE)) as store:
        return [made for (made,) in store.execute("SELECT made FROM sessions ORDER BY session")]


class Killer:
    """Starts commands and kills them without any warning.

    Attributes:
        left: How many kills are still to be done; a command that had ended was not killed.
        struck: How many kills found how much of the study done.
    """

    def __init__(self, kills, seed):
        self.left, self.struck = kills, Counter()
        self.rng = random.Random(seed)
        self._started = 0

    def start(self, command, home):
        self._started += 1
        return (forked if self._started % FRESH else start)(*command, cwd=home)

    def kill(self, process, home, total):
        """Kill a process; return whether it was still alive."""
        process.kill()
        dead = ended(process) == KILLED
        if dead:
            self.left -= 1
            found = kept(home / "run")
            begun = (home / "run" / FILE).is_file()
            self.struck["amid" if 0 < found < total else "all calls" if found else begun] += 1
        return dead

    def told(self, what):
        """Say what was done, for who looks (pytest -s)."""
        names = {False: "before the store", True: "before the first call"}
        found = ", ".join(f"{names.get(k, k)} {v}" for k, v in self.struck.items())
        print(f"\n{what}: {sum(self.struck.values())} kills ({found})")


def alive(process):
    """Whether a process of either sort has not ended."""
    return process.poll() is None if hasattr(process, "poll") else process.is_alive()


def ended(process):
    """Wait for a process of either sort; return its exit code."""
    if hasattr(process, "communicate"):
        process.communicate()
        return process.returncode
    process.join()
    return process.exitcode


def reached(process, count, goal):
    """Wait until something has come to a goal, or a process to its end."""
    patiently(lambda: count() >= goal or not alive(process))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The uninterrupted run: its directory, and how long it took."""
    home = tmp_path_factory.mktemp("whole")
    ended(forked(*STUDY, "replicates=1", cwd=tmp_path_factory.mktemp("first")))
    began = time.monotonic()
    assert ended(forked(*STUDY, cwd=home)) == 0, (home / "said").read_text()
    return home / "run", time.monotonic() - began


def rival(killer, home):
    """Let a second process come while the first one works, and so while it dies."""
    process = forked(*STUDY, cwd=home, said="rival")
    time.sleep(killer.rng.uniform(0, 0.5))
    return process


@pytest.mark.slow
def test_a_study_killed_at_any_moment_ends_equal_and_repeats_no_call(whole, tmp_path):
    directory, seconds = whole
    expected, said, total = contents(directory), records(directory), journalled(directory)
    killer, homes = Killer(KILLS, 1), 0
    while killer.left > 0:
        home = tmp_path / str(homes)
        home.mkdir()
        homes += 1
        for _ in range(killer.rng.randint(1, 4)):
            before = kept(home / "run")
            process = killer.start(STUDY, home)
            if killer.rng.random() < 0.5:
                time.sleep(killer.rng.uniform(0, seconds))
            else:
                goal = killer.rng.randint(before, total)
                reached(process, partial(journalled, home / "run"), goal)
            second = rival(killer, home) if killer.rng.random() < 0.1 else None
            # One that ended before took less time than was thought.
            seconds *= 1 if killer.kill(process, home, total) else 0.9
            if second and not killer.kill(second, home, total) and ended(second) == 1:
                assert "in use by another peersim" in (home / "rival").read_text()
            assert kept(home / "run") >= before
            if kept(home / "run") == total:
                break
        before = kept(home / "run")
        done = peersim(*STUDY, cwd=home)
        assert done.returncode == 0, done.stderr
        assert records(home / "run") == said
        assert contents(home / "run") == expected
        # The last one made just what was missing; those that were killed say nothing.
        assert sessions(home / "run")[-1] == total - before
    killer.told(f"stand-in, {total} calls in each of {homes} studies")


@pytest.mark.slow
def test_who_looks_on_while_a_study_dies_changes_nothing(whole, tmp_path):
    directory, _ = whole
    total, rng = journalled(directory), random.Random(5)
    for number in range(max(3, KILLS // 10)):
        home = tmp_path / str(number)
        home.mkdir()
        process = forked(*STUDY, cwd=home)
        reached(process, partial(journalled, home / "run"), rng.randint(1, total))
        with reader(home / "run") as looks_on:
            time.sleep(rng.uniform(0, 0.05) if count(looks_on) else 0)
            process.kill()
            ended(process)
            before = count(looks_on)
            done = peersim(*STUDY, cwd=home)
            assert done.returncode == 0, done.stderr
        assert contents(home / "run") == contents(directory)
        assert sessions(home / "run")[-1] == total - before


class Faulty:
    """The stand-in behind HTTP, with faults; counts the tokens that it would bill."""

    def __init__(self, rng, share=0.1):
        self.billed = 0
        self._rng, self._share = rng, share
        stand_in = SimulatedModel(simulated(), Endpoint(latency_seconds=0.02))
        self._answer = model_policy(stand_in)

    async def __call__(self, body, n):
        if self._rng.random() < self._share:
            return self._rng.choice(FAULTS)
        answer = await self._answer(body, n)
        self.billed += answer["usage"]["total_tokens"]
        return answer


def replies(server):
    """How many requests a server answered, by its own account."""
    return sum(served.outcome == "reply" for served in server.ledger)


def asked_since(server, place):
    """The seeds of the calls that a server was asked for since a place in its ledger."""
    return {served.body["seed"] for served in server.ledger[place:]}


@pytest.mark.slow
def test_no_completed_call_is_asked_again_by_the_server_s_own_account(tmp_path):
    killer = Killer(KILLS, 2)
    with FaultServer(Faulty(killer.rng, share=0)) as server:
        done = peersim(*HTTP, f"model.base_url={server.base_url}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    expected, said = contents(tmp_path / "run"), records(tmp_path / "run")
    total, homes, lost_of = journalled(tmp_path / "run"), 0, []
    while killer.left > 0:
        home = tmp_path / str(homes)
        home.mkdir()
        homes += 1
        policy, lost = Faulty(killer.rng), 0
        with FaultServer(policy) as server:
            command = (*HTTP, f"model.base_url={server.base_url}")
            for _ in range(killer.rng.randint(1, 4)):
                place, stored = len(server.ledger), kept_seeds(home / "run")
                goal = replies(server) + killer.rng.randint(1, total // 5)
                process = killer.start(command, home)
                reached(process, partial(replies, server), goal)
                killer.kill(process, home, total)
                server.settle()
                assert not stored & asked_since(server, place), "a completed call was repeated"
                # Answered, and not stored yet: no more than were in flight.
                before, lost = lost, replies(server) - kept(home / "run")
                lost_of.append(lost - before)
                assert 0 <= lost_of[-1] <= IN_FLIGHT
                assert counted_tokens(home / "run") >= policy.billed, "the bill is above the count"
            place, stored = len(server.ledger), kept_seeds(home / "run")
            done = peersim(*command, cwd=home)
            assert done.returncode == 0, done.stderr
            assert not stored & asked_since(server, place), "a completed call was repeated"
            assert replies(server) == journalled(home / "run") + lost
        assert records(home / "run") == said
        assert contents(home / "run") == expected
    gone = f"{sum(lost_of)} answers in flight lost, {max(lost_of)} at once"
    killer.told(f"over HTTP, {total} calls in each of {homes} studies, {gone}")
