"""Every kind of failure in the role of a judge, over real HTTP: a missing verdict, or an end.

What a judge cannot say is missing with its cause, and no trial is touched by it. Whatever ends
the judging says how judging goes on, which is not how a run does.
"""

import asyncio
import shutil

import pytest
from servers.openai_server import (
    FaultServer,
    blocked_prompt,
    context_too_long,
    rate_limited,
    unauthorised,
)
from support.disk import on_a_small_disk
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
from support.shell import peersim
from support.studies import arm, opened, records, run, study

from peersim.answers import Failed, Refused
from peersim.errors import BudgetSpent, ProviderStop, StoreError
from peersim.models.base import Endpoint
from peersim.models.counter import BLOCKS, SILENT_SHARE, UNANSWERED
from peersim.models.litellm import load_litellm
from peersim.models.meter import Budget
from peersim.models.onward import JUDGE as ONWARD
from peersim.readings.judging.rubric import load_rubric
from peersim.store.schema import FILE
from peersim.store.study import StudyStore
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


def judged(home, server, retry=RETRY, judge=JUDGE, budget=None, endpoint=None, votes=1):
    """Judge the run; return its last judgement and the store."""
    endpoint = endpoint or Endpoint(base_url=server.base_url, timeout_seconds=0.5)
    what = WHAT.model_copy(update={"endpoints": {judge.ref: endpoint}, "retry": retry})
    conditions = Conditions(concurrency=1, budget=Budget(tokens=budget))
    with opened(home) as store:
        view = RunView(home).stores[0]
        bench = Bench(judge, votes, load_rubric())
        asyncio.run(judge_run(what, store, view, bench, conditions=conditions))
    *_, found = RunView(home).judgements()
    return found, view


def goes_on_as_a_judging(error):
    """Whether last words name the command that judges, and not the one that resumes a run."""
    return "peersim judge" in str(error) and "resume" not in str(error)


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
        with pytest.raises(ProviderStop, match="hosted_vllm/judge refuses") as caught:
            judged(home, server)
        assert len(server.ledger) == 1
    assert goes_on_as_a_judging(caught.value)
    assert RunView(home).judgements() == []


def test_a_server_that_is_not_there_stops_the_judging(home):
    with pytest.raises(ProviderStop, match="hosted_vllm/judge cannot be reached") as caught:
        judged(home, None, IMPATIENT, endpoint=NOWHERE)
    assert goes_on_as_a_judging(caught.value)
    assert "peersim judge with this --model and --set model.base_url=URL" in str(caught.value)
    assert RunView(home).judgements() == []


def test_a_budget_without_room_ends_the_judging_and_a_larger_one_goes_on(home):
    judge = ref("judge", HUGE)
    with FaultServer(STAND_IN) as server:
        with pytest.raises(BudgetSpent, match="has no room for another call") as caught:
            judged(home, server, judge=judge, budget=HUGE)
        assert goes_on_as_a_judging(caught.value)
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


def test_a_provider_that_blocks_every_call_stops_the_judging(home):
    with (
        FaultServer(policy("judge", blocked_prompt())) as server,
        pytest.raises(ProviderStop, match="has blocked") as caught,
    ):
        judged(home, server, votes=BLOCKS)
    assert goes_on_as_a_judging(caught.value)
    assert "kept as missing verdicts" in str(caught.value)


def test_an_outage_stops_the_judging(home):
    quick = RETRY.model_copy(update={"attempts": 2, "call_seconds": 0.1 / SILENT_SHARE})
    with (
        FaultServer(policy("judge", PASSING["connection"])) as server,
        pytest.raises(ProviderStop, match="unanswered") as caught,
    ):
        judged(home, server, quick, votes=20 * UNANSWERED)
    assert goes_on_as_a_judging(caught.value)


def test_a_wait_that_is_asked_for_beyond_the_limit_stops_the_judging(home):
    with (
        FaultServer(policy("judge", rate_limited("9999"))) as server,
        pytest.raises(ProviderStop, match="asks to wait") as caught,
    ):
        judged(home, server)
    assert goes_on_as_a_judging(caught.value)


def test_a_run_in_use_is_not_judged_in_another_directory(home):
    with opened(home), pytest.raises(StoreError, match="in use by another peersim") as caught:
        StudyStore(home, ONWARD)
    assert caught.value.fix == "wait for it, or stop it"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A place with a run that was given on the command line."""
    where = tmp_path_factory.mktemp("given")
    run_it = ("run", "replicates=1", "tracking=none", "hydra.run.dir=run")
    done = peersim(*run_it, cwd=where)
    assert done.returncode == 0, done.stderr
    return where


SAID = ("judge", "--model", "hosted_vllm/judge", "--set", "model.timeout_seconds=5")


@pytest.mark.parametrize("what", [(), ("--labelled",)])
@pytest.mark.parametrize(
    ("answer", "more", "code", "said"),
    [
        (unauthorised(), (), 1, "check the key in its environment variable"),
        (STAND_IN, ("--budget-tokens", "10"), 4, "give a larger one"),
    ],
)
def test_on_the_command_line_the_last_words_are_those_of_a_judging(
    given, what, answer, more, code, said
):
    with FaultServer(answer if callable(answer) else policy("judge", answer)) as server:
        address = ("--set", f"model.base_url={server.base_url}")
        done = peersim(*SAID, *address, *(what or ("run",)), *more, cwd=given)
    assert done.returncode == code
    last = done.stderr.strip().splitlines()[-1]
    assert said in last
    assert goes_on_as_a_judging(last)


def test_a_store_that_cannot_be_written_says_to_make_room_and_judge_again(given):
    room = (given / "run" / FILE).stat().st_size
    judge = ("judge", "run", "--model", "simulated/null", "--judges", "400")
    done = on_a_small_disk(room + 64 * 1024, *judge, cwd=given)
    assert done.returncode == 1, done.stderr
    assert "make room or mend the permissions, then: the same peersim judge command" in done.stderr
    assert goes_on_as_a_judging(done.stderr)
