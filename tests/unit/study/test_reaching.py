"""How models are reached may change while a run goes on, and leaves a trace."""

import asyncio
import json

import pytest
from support.studies import arm, opened, study

from peersim.cli.base import plain_console
from peersim.commands.status import show_status
from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.journal import CallKey, Entry
from peersim.models.money import Price
from peersim.models.needed import address_of
from peersim.models.retry import RetryPolicy
from peersim.report.serving import calls_table
from peersim.store.reached import reached
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.reaching import addresses, changes
from peersim.study.runner import STUDY_KEY, adopt

REF = ModelRef(ref="openai/m")
ASK = Request(messages=(Message(role="user", content="Well?"),))


def asking(**reached_by):
    endpoints = {REF.ref: Endpoint(**reached_by)}
    return study(1, arms=(arm(ref=REF),), endpoints=endpoints)


def begin(what, directory):
    with opened(directory) as store:
        asyncio.run(adopt(what, store))


def test_a_run_goes_on_with_the_latest_price_address_and_patience(tmp_path):
    begin(asking(base_url="http://one/v1"), tmp_path)
    priced = asking(base_url="http://two/v1?key=abc", price=Price(input=1, output=2))
    patient = priced.model_copy(update={"retry": RetryPolicy(attempts=9)})
    begin(patient, tmp_path)
    with opened(tmp_path) as store:
        held = Study.model_validate_json(store.meta(STUDY_KEY))
        (change,) = changes(store)
    assert held == patient
    assert change.finished == 0
    assert change.changed["openai/m base_url"] == ('"http://one/v1"', '"http://two/v1"')
    assert json.loads(change.changed["openai/m price"][1])["output"] == 2
    assert change.changed["retry.attempts"][1] == "9"


def test_the_same_again_is_no_change(tmp_path):
    for _ in range(2):
        begin(asking(base_url="http://one/v1"), tmp_path)
    assert changes(RunView(tmp_path).stores[0]) == ()


async def _session(store, what, number):
    await store.begin_session(addresses(what, what.models))
    entry = Entry(request="r", parts=1, changed={}, completion=Completion(served_model="m"))
    await store.ledger.keep(CallKey("t", "Rowan", number), entry, REF.ref, ASK)


@pytest.fixture
def moved(tmp_path):
    begin(asking(base_url="http://one/v1"), tmp_path)
    for number, name in enumerate(("one", "one", "two")):
        with opened(tmp_path) as store:
            asyncio.run(_session(store, asking(base_url=f"http://{name}/v1"), number))
    return tmp_path


def test_another_address_is_shown_by_status_and_in_the_report(moved, capsys):
    run = RunView(moved)
    assert reached(run.stores) == {REF.ref: {"http://one/v1": 2, "http://two/v1": 1}}
    said = "asked at 2 addresses"
    assert said in calls_table(run).note
    show_status(moved, plain_console())
    assert f"openai/m was {said}" in capsys.readouterr().out


def test_an_address_is_the_endpoint_s_or_the_environment_s_and_holds_no_secret(monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    assert address_of(REF, Endpoint()) == ""
    monkeypatch.setenv("OPENAI_API_BASE", "https://me:word@host:8000/v1?key=abc#d")
    assert address_of(REF, Endpoint()) == "https://host:8000/v1"
    assert address_of(REF, Endpoint(base_url="http://here/")) == "http://here"
    assert addresses(study(1), study(1).models) == {}
