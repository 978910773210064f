"""A process that stands still, as when it is stopped or its machine is frozen, loses nothing."""

import asyncio
import os
import signal
import time

import pytest
from servers.openai_server import FaultServer, model_policy
from support.kills import journalled
from support.shell import start
from support.studies import simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView

STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
# The limit of a request, and for how long the process stands still, which is far longer.
LIMIT, STILL = 3, 10


async def slow(body, n):
    """Answer as the stand-in does, after a second."""
    await asyncio.sleep(1.0)
    return await STAND_IN(body, n)


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["hosted_vllm", "openai"])
def test_replies_that_came_while_the_process_stood_still_are_taken(tmp_path, provider):
    with FaultServer(slow) as server:
        process = start(
            *("run", f"model={provider}/stand-in", f"model.base_url={server.base_url}"),
            *("model.send_seed=true", f"model.timeout_seconds={LIMIT}", "replicates=2"),
            *("tracking=none", "hydra.run.dir=run", "concurrency=4", "retry.call_seconds=6"),
            cwd=tmp_path,
            OPENAI_API_KEY="unused",
        )
        while len(server.ledger) < 8:
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(STILL)
        os.kill(process.pid, signal.SIGCONT)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, (out, err)
        assert [served.outcome for served in server.ledger] == ["reply"] * journalled(
            tmp_path / "run"
        )
    (store,) = RunView(tmp_path / "run").stores
    assert store.query("SELECT kind FROM failures") == []
    assert store.query("SELECT MAX(attempts) FROM calls") == [(1,)]
    assert "nothing has moved" not in out
