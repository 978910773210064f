"""A long outage costs the estimates of a few requests, not of hundreds; over real HTTP."""

import asyncio
import time

import pytest
from servers.openai_server import FaultServer, dropped, model_policy, not_json
from support.studies import arm, records, run, simulated, study

from peersim.errors import ProviderStop
from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.litellm import load_litellm
from peersim.models.meter import Budget
from peersim.models.outage import LOST
from peersim.models.pool import Pool
from peersim.models.retry import RetryPolicy
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView
from peersim.study.conditions import Conditions

STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
REF = ModelRef(ref="hosted_vllm/m", send_seed=True)
RETRY = RetryPolicy(attempts=8, base_seconds=0.05, cap_seconds=0.4)
SECONDS = 4.0
# With waits of .05, .1, .2, and .4 from there.
TRIES = 3 + SECONDS / 0.4 + 2
AT_ONCE = 16
ASK = Request(messages=(Message(role="user", content="Hi."),))


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    load_litellm()


def down_for_a_while(fault, after):
    """The stand-in, but for some time after so many requests everything is lost."""
    began = []

    def answer(body, n):
        if n >= after:
            began.append(time.monotonic())
        down = began and time.monotonic() < began[0] + SECONDS
        return fault if down else STAND_IN(body, n)

    return answer


@pytest.mark.parametrize("fault", [dropped(), not_json()], ids=lambda fault: fault.name)
def test_a_study_outlives_an_outage_at_the_price_of_few_requests(tmp_path, fault):
    with FaultServer(down_for_a_while(fault, after=60)) as server:
        endpoint = Endpoint(base_url=server.base_url)
        what = study(12, arms=(arm(ref=REF),), retry=RETRY, endpoints={REF.ref: endpoint})
        conditions = Conditions(concurrency=AT_ONCE, budget=Budget(tokens=3_000_000))
        counter = run(what, tmp_path / "run", conditions=conditions)
        lost = [served.outcome for served in server.ledger].count(fault.name)
        whole = [served.outcome for served in server.ledger].count("reply")
        run(what, tmp_path / "whole")
    assert counter.failed == 0
    assert counter.made == whole
    assert LOST <= lost <= AT_ONCE + LOST + TRIES
    assert records(tmp_path / "run") == records(tmp_path / "whole")
    (store,) = RunView(tmp_path / "run").stores
    told = store.query("SELECT slots, why FROM throttles ORDER BY at")
    assert told == [(64, "start"), (1, "outage"), (64, "answered")]


def test_a_model_that_is_down_holds_up_no_other():
    def answer(body, n):
        return dropped() if body["model"] == "down" else STAND_IN(body, n)

    async def both(pool):
        up, down = (pool.model(ModelRef(ref=f"hosted_vllm/{name}")) for name in ("up", "down"))
        trying = [asyncio.create_task(down.complete(ASK)) for _ in range(AT_ONCE)]
        while not pool.throttles["hosted_vllm/down"].outage.on:
            await asyncio.sleep(0.01)
        found = await asyncio.gather(*(up.complete(ASK) for _ in range(100)))
        said = pool.waits("hosted_vllm/down")
        still = sum(not one.done() for one in trying)
        for one in trying:
            one.cancel()
        await asyncio.gather(*trying, return_exceptions=True)
        await pool.aclose()
        return found, still, said

    with FaultServer(answer) as server:
        endpoint = Endpoint(base_url=server.base_url)
        reached = {f"hosted_vllm/{name}": endpoint for name in ("up", "down")}
        found, still, (said,) = asyncio.run(both(Pool(reached, RETRY)))
    assert all(isinstance(reply, Completion) for reply in found)
    assert still == AT_ONCE
    assert "one at a time since" in said


def test_an_outage_that_stays_ends_the_study_as_ever(tmp_path):
    def answer(body, n):
        return dropped() if n >= 60 else STAND_IN(body, n)

    brief = RETRY.model_copy(update={"call_seconds": 3.0})
    with FaultServer(answer) as server:
        endpoint = Endpoint(base_url=server.base_url)
        what = study(12, arms=(arm(ref=REF),), retry=brief, endpoints={REF.ref: endpoint})
        with pytest.raises(ProviderStop, match="calls in a row unanswered"):
            run(what, tmp_path, conditions=Conditions(concurrency=AT_ONCE))
        lost = [served.outcome for served in server.ledger].count("dropped")
    assert lost <= AT_ONCE + LOST + 2 * TRIES
