"""Every kind of failure in every role, over real HTTP: typed, and never taken for behaviour."""

import asyncio
import collections
import itertools

import pytest
from servers.openai_server import (
    FaultServer,
    bad_parameter,
    blocked_prompt,
    context_too_long,
    dropped,
    hang,
    model_policy,
    no_choices,
    not_json,
    out_of_credit,
    rate_limited,
    server_error,
    unauthorised,
    unavailable,
    unknown_model,
    wrong_address,
)
from support.studies import arm, run, simulated, study

from peersim.answers import Invalid, Refused, Valid
from peersim.errors import ProviderStop
from peersim.events.deeds import Lapsed
from peersim.models.base import Completion, Endpoint, Failure, Message, ModelRef, Request
from peersim.models.journal import MemoryJournal
from peersim.models.line import Line
from peersim.models.litellm import load_litellm
from peersim.models.pool import Pool
from peersim.models.retry import RetryPolicy
from peersim.models.simulated.model import SimulatedModel
from peersim.oversight.base import Disposition
from peersim.seeding import SeedTree
from peersim.store.view import RunView

ROLES = ("subject", "peer", "memory")
STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
PASSING = {
    "rate_limited": rate_limited("0"),
    "overloaded": server_error(),
    "unavailable": unavailable("0"),
    "timeout": hang(),
    "connection": dropped(),
    "malformed_reply": not_json(),
    "no_choices": no_choices,
}
CAUSES = {
    "unavailable": "overloaded",
    "no_choices": "malformed_reply",
}
STOPPING = {
    "auth": unauthorised(),
    "auth (no credit)": out_of_credit(),
    "bad_request (name)": unknown_model(),
    "bad_request (parameter)": bad_parameter(),
    "bad_request (address)": wrong_address(),
}
# What passes is waited out; what may be billed each time is tried three times.
PATIENT = ("rate_limited", "overloaded")
RETRY = RetryPolicy(attempts=3, base_seconds=0.01, cap_seconds=0.1)
BRIEF = RETRY.model_copy(update={"call_seconds": 1.0})


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """Import what takes seconds before a call that may take only one."""
    load_litellm()


def ref(role):
    return ModelRef(ref=f"hosted_vllm/{role}", send_seed=True)


def policy(role, fault, times):
    """The stand-in, but the first requests of a role meet a fault."""
    count = itertools.count()

    def answer(body, n):
        if body["model"] == role and next(count) < times:
            return fault(body) if callable(fault) else fault
        return STAND_IN(body, n)

    return answer


def study_over(server, retry=RETRY):
    models = {role: ref(role) for role in ROLES}
    arms = (arm().model_copy(update={"models": models}),)
    endpoint = Endpoint(base_url=server.base_url, timeout_seconds=0.5)
    return study(
        1, arms=arms, endpoints={one.ref: endpoint for one in models.values()}, retry=retry
    )


def tried(server, directory, retry=RETRY):
    run(study_over(server, retry), directory)
    view = RunView(directory)
    ((record, store),) = view.records()
    return record, store


def answered(server):
    return collections.Counter(
        served.body["model"] for served in server.ledger if served.outcome == "reply"
    )


def journalled(store):
    return collections.Counter(
        dict(
            store.query("SELECT REPLACE(model, 'hosted_vllm/', ''), COUNT(*) FROM calls GROUP BY 1")
        )
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_leaves_no_trace_but_in_the_journal(tmp_path, kind, role):
    with FaultServer(policy(role, PASSING[kind], times=2)) as server:
        record, store = tried(server, tmp_path)
        served = answered(server)
    assert isinstance(record.validity, Valid)
    kept = journalled(store)
    if kind == "no_choices":  # the server's ledger holds these two as replies
        served[role] -= 2
    assert kept == served
    retried = store.query("SELECT model, SUM(attempts - 1) FROM calls GROUP BY 1 ORDER BY 1")
    assert {str(name): n for name, n in retried if n} == {f"hosted_vllm/{role}": 2}
    assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", PASSING)
def test_what_stays_is_an_invalid_trial_with_its_cause(tmp_path, kind, role):
    cause = CAUSES.get(kind, kind)
    with FaultServer(policy(role, PASSING[kind], times=10**6)) as server:
        record, store = tried(server, tmp_path, BRIEF if cause in PATIENT else RETRY)
    assert isinstance(record.validity, Invalid)
    assert record.outcome is None
    assert record.validity.origin == "provider"
    assert record.validity.cause == cause
    ((model, failed, attempts),) = store.query("SELECT model, kind, attempts FROM failures")
    assert (model, failed) == (f"hosted_vllm/{role}", cause)
    assert attempts > 3 if cause in PATIENT else attempts == 3


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", STOPPING)
def test_what_no_retry_helps_stops_the_study_at_its_first_call(tmp_path, kind, role):
    fault = STOPPING[kind]
    with FaultServer(policy(role, fault, times=10**6)) as server:
        with pytest.raises(ProviderStop, match=f"hosted_vllm/{role} refuses") as caught:
            run(study_over(server), tmp_path)
        assert [s.outcome for s in server.ledger].count(fault.name) == 1
    assert "peersim resume" in str(caught.value)
    assert RunView(tmp_path).stores[0].query("SELECT COUNT(*) FROM trials") == [(0,)]


def test_tools_that_a_provider_refuses_stop_a_study_though_it_answers_all_else(tmp_path):
    def answer(body, n):
        names = {tool["function"]["name"] for tool in body.get("tools", ())}
        return bad_parameter() if "submit_report" in names else STAND_IN(body, n)

    with FaultServer(answer) as server:
        endpoint = Endpoint(base_url=server.base_url)
        what = study(40, arms=(arm(ref=ref("m")),), endpoints={ref("m").ref: endpoint})
        with pytest.raises(ProviderStop, match="refuses the study's calls") as caught:
            run(what, tmp_path, concurrency=4)
        refused = [served.outcome for served in server.ledger].count("bad_parameter")
    assert "--retry-invalid" in str(caught.value)
    assert 3 <= refused <= 3 + 4
    assert RunView(tmp_path).stores[0].query("SELECT COUNT(*) FROM trials")[0][0] <= 3


@pytest.mark.parametrize("role", ROLES)
def test_a_block_by_the_provider_is_an_outcome_and_no_failure(tmp_path, role):
    with FaultServer(policy(role, blocked_prompt(), times=10**6)) as server:
        record, store = tried(server, tmp_path)
    if role == "memory":  # an instrument that is blocked measures nothing
        assert isinstance(record.validity, Invalid)
        assert record.validity.origin == "memory"
        return
    assert isinstance(record.validity, Valid)
    assert record.outcome
    lapses = [e for e in store.history(record.history_id).events if isinstance(e, Lapsed)]
    assert {(type(e.answer), e.answer.by) for e in lapses} == {(Refused, "provider")}
    blocked = record.outcome.disposition is Disposition.BLOCKED
    assert blocked == (role == "subject")


@pytest.mark.parametrize("role", ROLES)
def test_a_context_that_is_full_is_never_retried(tmp_path, role):
    with FaultServer(policy(role, context_too_long(), times=10**6)) as server:
        record, _ = tried(server, tmp_path)
        outcomes = [served.outcome for served in server.ledger]
    assert outcomes.count("context_too_long") == 1
    assert isinstance(record.validity, Invalid)
    assert record.validity.cause == "context_window"


def judged(server, retry=RETRY):
    """Ask as a judge does: an instrument's line of its own."""
    endpoint = Endpoint(base_url=server.base_url, timeout_seconds=0.5)
    pool = Pool({ref("judge").ref: endpoint}, retry)
    journal = MemoryJournal()

    async def ask():
        line = Line(pool.model(ref("judge")), journal, "trial-0", "judge", SeedTree(0))
        try:
            return await line.complete(Request(messages=(Message(role="user", content="Well?"),)))
        finally:
            await pool.aclose()

    return asyncio.run(ask()), journal


@pytest.mark.parametrize("kind", PASSING)
def test_a_judge_meets_the_same_failures_as_everyone(kind):
    with FaultServer(policy("judge", PASSING[kind], times=2)) as server:
        reply, journal = judged(server)
    assert isinstance(reply, Completion)
    assert [attempt.kind for attempt in reply.earlier] == [CAUSES.get(kind, kind)] * 2
    assert len(journal.entries) == 1
    with FaultServer(policy("judge", PASSING[kind], times=10**6)) as server:
        reply, journal = judged(server, BRIEF if CAUSES.get(kind, kind) in PATIENT else RETRY)
    assert isinstance(reply, Failure)
    assert (reply.kind, journal.entries) == (CAUSES.get(kind, kind), {})
    assert [failure.kind for _, _, failure in journal.failures] == [reply.kind]


@pytest.mark.parametrize("kind", STOPPING)
def test_a_judge_that_is_refused_stops_the_study(kind):
    with (
        FaultServer(policy("judge", STOPPING[kind], times=10**6)) as server,
        pytest.raises(ProviderStop, match="hosted_vllm/judge refuses"),
    ):
        judged(server)
