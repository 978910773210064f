"""Every kind of failure in every role, over real HTTP: typed, and never taken for behaviour.

The role of a judge, whose work begins when the trials are done, has a file of its own.
"""

import pytest
from servers.openai_server import FaultServer, bad_parameter, blocked_prompt, context_too_long
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
from support.studies import arm, records, run, study

from peersim.answers import Invalid, Refused, Valid
from peersim.errors import BudgetSpent, ProviderStop
from peersim.events.deeds import Lapsed
from peersim.models.base import Endpoint
from peersim.models.litellm import load_litellm
from peersim.models.meter import Budget
from peersim.oversight.base import Disposition
from peersim.store.view import RunView
from peersim.study.conditions import Conditions

ROLES = ("subject", "peer", "memory")


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """Import what takes seconds before a call that may take only one."""
    load_litellm()


def study_over(server, retry=RETRY, huge="", nowhere=""):
    """One trial; one role's replies may be huge, or one role's server not there."""
    models = {role: ref(role, HUGE if role == huge else None) for role in ROLES}
    arms = (arm().model_copy(update={"models": models}),)
    here = Endpoint(base_url=server.base_url, timeout_seconds=0.5)
    endpoints = {one.ref: NOWHERE if role == nowhere else here for role, one in models.items()}
    return study(1, arms=arms, endpoints=endpoints, retry=retry)


def tried(server, directory, retry=RETRY):
    run(study_over(server, retry), directory)
    view = RunView(directory)
    ((record, store),) = view.records()
    return record, store


def trials(directory):
    return RunView(directory).stores[0].query("SELECT COUNT(*) FROM trials")[0][0]


@pytest.mark.few(8)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_leaves_no_trace_but_in_the_journal(tmp_path, kind, role):
    with FaultServer(policy(role, PASSING[kind], times=2)) as server:
        record, store = tried(server, tmp_path)
        served = answered(server)
    assert isinstance(record.validity, Valid)
    assert journalled(store) == served
    retried = store.query("SELECT model, SUM(attempts - 1) FROM calls GROUP BY 1 ORDER BY 1")
    assert {str(name): n for name, n in retried if n} == {f"hosted_vllm/{role}": 2}
    assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]


@pytest.mark.few(8)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", PASSING)
def test_what_stays_is_an_invalid_trial_with_its_cause(tmp_path, kind, role):
    cause = cause_of(kind)
    with FaultServer(policy(role, PASSING[kind])) as server:
        record, store = tried(server, tmp_path, patience(kind))
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
    with FaultServer(policy(role, fault)) as server:
        with pytest.raises(ProviderStop, match=f"hosted_vllm/{role} refuses") as caught:
            run(study_over(server), tmp_path)
        assert [s.outcome for s in server.ledger].count(fault.name) == 1
    assert "peersim resume" in str(caught.value)
    assert trials(tmp_path) == 0


@pytest.mark.parametrize("role", ROLES)
def test_a_server_that_is_not_there_stops_the_study(tmp_path, role):
    with FaultServer(STAND_IN) as server:
        with pytest.raises(ProviderStop, match=f"hosted_vllm/{role} cannot be reached") as caught:
            run(study_over(server, IMPATIENT, nowhere=role), tmp_path)
        assert role not in answered(server)
    assert "connection" in str(caught.value)
    assert trials(tmp_path) == 0


@pytest.mark.parametrize("role", ROLES)
def test_a_budget_without_room_for_a_role_ends_the_study_and_a_larger_one_goes_on(tmp_path, role):
    few, many = (Conditions(budget=Budget(tokens=n)) for n in (HUGE, 100 * HUGE))
    with FaultServer(STAND_IN) as server:
        what = study_over(server, huge=role)
        with pytest.raises(BudgetSpent, match="has no room for another call"):
            run(what, tmp_path / "run", conditions=few)
        assert role not in answered(server)
        assert trials(tmp_path / "run") == 0
        run(what, tmp_path / "run", conditions=many)
        (store,) = RunView(tmp_path / "run").stores
        assert journalled(store) == answered(server)
        assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]
        run(what, tmp_path / "whole")
    assert records(tmp_path / "run") == records(tmp_path / "whole")


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
    assert trials(tmp_path) <= 3


@pytest.mark.parametrize("role", ROLES)
def test_a_block_by_the_provider_is_an_outcome_and_no_failure(tmp_path, role):
    with FaultServer(policy(role, blocked_prompt())) as server:
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
    with FaultServer(policy(role, context_too_long())) as server:
        record, _ = tried(server, tmp_path)
        outcomes = [served.outcome for served in server.ledger]
    assert outcomes.count("context_too_long") == 1
    assert isinstance(record.validity, Invalid)
    assert record.validity.cause == "context_window"
