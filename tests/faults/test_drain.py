"""One wish to end: said at once, waits for no provider, and loses nothing."""

import signal
import time
from collections import Counter

import pytest
from servers.openai_server import (
    FaultServer,
    dropped,
    hang,
    model_policy,
    rate_limited,
    unavailable,
)
from support.shell import peersim, start
from support.studies import records, simulated

from peersim.answers import Valid
from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView

COMMON = (
    *("model=hosted_vllm/stand-in", "model.send_seed=true", "tracking=none", "concurrency=8"),
    *("replicates=4", "hydra.run.dir=run", "retry.base_seconds=20", "retry.call_seconds=600"),
)
STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
# Replies before the provider is down, in the middle of several histories.
SOUND = 30


class Outage:
    """The stand-in, down from some request on until it is mended."""

    def __init__(self, fault, sound=SOUND):
        """Be sound for so many requests."""
        self.fault, self.sound, self.down = fault, sound, True

    def __call__(self, body, n):
        """Answer, or fail."""
        return self.fault if self.down and n >= self.sound else STAND_IN(body, n)


def told_until(process, words):
    """Read what a process says until it says this; return that line."""
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it never said {words!r}: {process.stderr.read()}")


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def journalled(run):
    (store,) = RunView(run).stores
    return store.query("SELECT COUNT(*) FROM calls")[0][0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The records of the run that nobody interrupts."""
    home = tmp_path_factory.mktemp("whole")
    with FaultServer(STAND_IN) as server:
        done = peersim("run", *COMMON, f"model.base_url={server.base_url}", cwd=home)
    assert done.returncode == 0, done.stderr
    return records(home / "run")


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("fault", "number"),
    [
        (unavailable(), signal.SIGINT),
        (dropped(), signal.SIGTERM),
        (rate_limited("500"), signal.SIGTERM),
    ],
    ids=["down", "lost", "paused"],
)
def test_in_an_outage_it_ends_at_once_and_goes_on_as_if_nothing_had_been(
    tmp_path, whole, fault, number
):
    policy = Outage(fault)
    with FaultServer(policy) as server:
        command = ("run", *COMMON, f"model.base_url={server.base_url}")
        process = start(*command, cwd=tmp_path)
        until(lambda: len(server.ledger) > SOUND)
        time.sleep(0.5)
        asked_at = time.monotonic()
        process.send_signal(number)
        line = told_until(process, "asked to stop")
        assert time.monotonic() - asked_at < 3
        assert "in flight" in line
        assert "Ask again (Ctrl-C) to stop now" in line
        _, err = process.communicate(timeout=30)
        assert time.monotonic() - asked_at < 10  # each wait is twenty seconds, or five hundred
        assert process.returncode == 130, err
        assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
        assert "Traceback" not in err
        (session,) = RunView(tmp_path / "run").stores[0].sessions()
        assert session.ended == "stopped"
        assert journalled(tmp_path / "run") == SOUND
        policy.down = False
        again = peersim("resume", "run", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        served = Counter(served.outcome for served in server.ledger)
        assert served["reply"] == journalled(tmp_path / "run")
    assert list(records(tmp_path / "run")) == list(whole)
    assert all(isinstance(r.validity, Valid) for r, _ in RunView(tmp_path / "run").records())


@pytest.mark.slow
def test_what_is_in_flight_is_finished_and_what_fails_then_is_not_made_again(tmp_path):
    slow = Outage(hang())
    with FaultServer(slow) as server:
        more = ("model.timeout_seconds=3", "limits.stall_seconds=600")
        process = start("run", *COMMON, *more, f"model.base_url={server.base_url}", cwd=tmp_path)
        until(lambda: len(server.ledger) > SOUND + 2)
        process.send_signal(signal.SIGINT)
        asked = len(server.ledger)
        told_until(process, "asked to stop")
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130, err
        # Trials that still had an answer went on; none that had none was asked for again.
        assert len(server.ledger) <= asked + 8
        assert journalled(tmp_path / "run") == SOUND
        (store,) = RunView(tmp_path / "run").stores
        kinds = [kind for (kind,) in store.query("SELECT DISTINCT kind FROM failures")]
        assert kinds == ["timeout"]
