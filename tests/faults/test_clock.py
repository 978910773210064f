"""The wall clock may jump as it likes: nobody hangs, nobody hurries, and no record changes."""

import time

import pytest
from servers.openai_server import FaultServer, in_turn, model_policy, rate_limited
from support.shell import apart, peersim
from support.studies import records, simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel

# Read by every Python at its start: the wall clock jumps by hours whenever it is looked at.
JUMPING = """
import itertools, time
_time = time.time
_jumps = itertools.cycle((0, {jump}, -{jump}, {jump} / 2))
time.time = lambda: _time() + next(_jumps)
time.time_ns = lambda: int(time.time() * 1e9)
"""
STUDY = ("replicates=4", "tracking=none", "hydra.run.dir=run")
HOURS = 5 * 3600


def jumping(tmp_path):
    """The environment of a process whose wall clock jumps."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(JUMPING.format(jump=HOURS), encoding="utf-8")
    return {"PYTHONPATH": str(site)}


def test_records_are_the_same_under_a_clock_that_jumps(tmp_path):
    steady, leaping = tmp_path / "steady", tmp_path / "leaping"
    steady.mkdir()
    leaping.mkdir()
    assert peersim("run", *STUDY, cwd=steady).returncode == 0
    slow = "model.latency_seconds=0.01"  # waits are on a clock that does not jump
    done = apart("run", *STUDY, slow, cwd=leaping, **jumping(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "nothing has moved" not in done.stdout
    assert records(leaping / "run") == records(steady / "run")


@pytest.mark.slow
@pytest.mark.parametrize(
    "said", ["2", pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", marks=pytest.mark.slow)]
)
def test_waits_for_a_provider_are_as_long_as_it_says_whatever_the_wall_clock(tmp_path, said):
    stand_in = model_policy(SimulatedModel(simulated(), Endpoint()))
    limited = in_turn(rate_limited(said))

    def policy(body, n):
        return limited(body, n) if n == 3 else stand_in(body, n)

    with FaultServer(policy) as server:
        began = time.monotonic()
        done = apart(
            *("run", "replicates=1", "tracking=none", "hydra.run.dir=run"),
            *("model=hosted_vllm/stand-in", f"model.base_url={server.base_url}"),
            *("retry.base_seconds=0.1", "retry.call_seconds=30", "concurrency=1"),
            cwd=tmp_path,
            **jumping(tmp_path),
        )
        took = time.monotonic() - began
        times = [served.at for served in server.ledger]
    assert done.returncode == 0, done.stderr
    assert took < 60
    if said == "2":
        assert times[4] - times[3] >= 2.0
