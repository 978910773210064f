"""Every kind of failure in the role of a judge, over real HTTP: a missing verdict, or an end.

What a judge cannot say is missing with its cause, and no trial is touched by it.
"""

import asyncio
import shutil

import pytest
from servers.openai_server import FaultServer, blocked_prompt, context_too_long
from support.matrix import (
    HUGE,
    IMPATIENT,
    NOWHERE,
    PASSING,
    PATIENT,
    RETRY,
    STAND_IN,
    STOPPING,
    answered,
    cause_of,
    journalled,
    patience,
    policy,
    ref,
)
from support.studies import arm, opened, records, run, study

from peersim.answers import Failed, Refused
from peersim.errors import BudgetSpent, ProviderStop
from peersim.models.base import Endpoint
from peersim.models.litellm import load_litellm
from peersim.models.meter import Budget
from peersim.readings.judging.rubric import load_rubric
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.judging import Bench, judge_run

WHAT = study(1, arms=(arm(),))
JUDGE = ref("judge")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of one trial, and LiteLLM imported before a call that may take only a second."""
    load_litellm()
    home = tmp_path_factory.mktemp("finished") / "run"
    run(WHAT, home)
    return home


@pytest.fixture
def home(finished, tmp_path):
    """The run, to be judged; no judge may change its records."""
    shutil.copytree(finished, tmp_path / "run")
    before = records(tmp_path / "run")
    yield tmp_path / "run"
    assert records(tmp_path / "run") == before


def judged(home, server, retry=RETRY, judge=JUDGE, budget=None, endpoint=None):
    """Judge the run; return the judgement and the store."""
    endpoint = endpoint or Endpoint(base_url=server.base_url, timeout_seconds=0.5)
    what = WHAT.model_copy(update={"endpoints": {judge.ref: endpoint}, "retry": retry})
    conditions = Conditions(concurrency=1, budget=Budget(tokens=budget))
    with opened(home) as store:
        view = RunView(home).stores[0]
        bench = Bench(judge, 1, load_rubric())
        asyncio.run(judge_run(what, store, view, bench, conditions=conditions))
    (found,) = RunView(home).judgements()
    return found, view


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_leaves_no_trace_but_in_the_journal(home, kind):
    with FaultServer(policy("judge", PASSING[kind], times=2)) as server:
        found, store = judged(home, server)
        served = answered(server)
    assert found.verdict
    assert journalled(store) == served
    judge = "WHERE model = 'hosted_vllm/judge'"
    assert store.query(f"SELECT SUM(attempts - 1) FROM calls {judge}") == [(2,)]
    assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]


@pytest.mark.few(3)
@pytest.mark.parametrize("kind", PASSING)
def test_what_stays_is_a_missing_verdict_with_its_cause_and_judging_again_mends_it(home, kind):
    cause = cause_of(kind)
    with FaultServer(policy("judge", PASSING[kind])) as server:
        found, store = judged(home, server, patience(kind))
    assert found.verdict is None
    assert isinstance(found.missing, Failed)
    assert (found.missing.origin, found.missing.cause) == ("provider", cause)
    ((model, failed, attempts),) = store.query("SELECT model, kind, attempts FROM failures")
    assert (model, failed) == ("hosted_vllm/judge", cause)
    assert attempts > 3 if cause in PATIENT else attempts == 3
    with FaultServer(STAND_IN) as server:
        assert judged(home, server)[0].verdict


@pytest.mark.parametrize("kind", STOPPING)
def test_what_no_retry_helps_stops_the_judging_at_its_first_call(home, kind):
    with FaultServer(policy("judge", STOPPING[kind])) as server:
        with pytest.raises(ProviderStop, match="hosted_vllm/judge refuses"):
            judged(home, server)
        assert len(server.ledger) == 1
    assert RunView(home).judgements() == []


def test_a_server_that_is_not_there_stops_the_judging(home):
    with pytest.raises(ProviderStop, match="hosted_vllm/judge cannot be reached"):
        judged(home, None, IMPATIENT, endpoint=NOWHERE)
    assert RunView(home).judgements() == []


def test_a_budget_without_room_ends_the_judging_and_a_larger_one_goes_on(home):
    judge = ref("judge", HUGE)
    with FaultServer(STAND_IN) as server:
        with pytest.raises(BudgetSpent, match="has no room for another call"):
            judged(home, server, judge=judge, budget=HUGE)
        assert (server.ledger, RunView(home).judgements()) == ([], [])
        found, _ = judged(home, server, judge=judge, budget=100 * HUGE)
    assert found.verdict


def test_a_block_by_the_provider_is_a_missing_verdict_of_its_own(home):
    with FaultServer(policy("judge", blocked_prompt())) as server:
        found, store = judged(home, server)
    assert isinstance(found.missing, Refused)
    assert found.missing.by == "provider"
    assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]


def test_a_context_that_is_full_is_never_retried(home):
    with FaultServer(policy("judge", context_too_long())) as server:
        found, _ = judged(home, server)
        assert len(server.ledger) == 1
    assert isinstance(found.missing, Failed)
    assert found.missing.cause == "context_window"
