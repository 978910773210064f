"""What a run has spent is read from its journal, over all sessions and attempts."""

import asyncio

import pytest

from peersim.errors import ConfigError
from peersim.models.asked import Message
from peersim.models.base import Attempt, Completion, Failure, Request
from peersim.models.counter import CallCounter
from peersim.models.journal import CallKey, Entry
from peersim.models.meter import Spent
from peersim.models.money import Charge, Price, Usage
from peersim.store.study import StudyStore

ASK = Request(messages=(Message(role="user", content="Well?"),))
PRICE = Price(input=1.0, output=2.0)


def charge(usd, tokens=100, estimated=False):
    return Charge(input_tokens=tokens, output_tokens=0, usd=usd, estimated=estimated)


def entry(**fields):
    return Entry(request="r", parts=1, changed={}, completion=Completion(**fields))


@pytest.fixture
def store(tmp_path):
    opened = StudyStore(tmp_path / "run")
    yield opened
    opened.close()


def keep(store, *entries):
    async def go():
        for number, one in enumerate(entries):
            await store.ledger.keep(CallKey("trial-0", "Rowan", number), one, "openai/m", ASK)

    asyncio.run(go())


def test_an_empty_run_has_spent_nothing(store):
    assert store.spent(lambda name: None) == Spent()


def test_calls_failed_attempts_failures_and_abandoned_requests_all_count(store):
    late = Attempt(kind="timeout", detail="", charge=charge(0.25, estimated=True))
    keep(store, entry(charge=charge(1.0)), entry(charge=charge(0.5), earlier=(late,)))
    failed = Failure(kind="timeout", detail="", retryable=True, charge=charge(2.0, estimated=True))

    async def go():
        await store.ledger.note(CallKey("trial-1", "Rowan", 0), "openai/m", failed)
        await store.begin_session()
        await store.end_session("stopped", CallCounter(), Spent(usd=4.0, tokens=50))

    asyncio.run(go())
    found = store.spent(lambda name: None)
    assert found.usd == pytest.approx(7.75)
    assert found.tokens == 450
    assert found.estimated_usd == pytest.approx(6.25)
    assert (found.unseen_usd, found.unseen_tokens) == (4.0, 50)


def test_what_nobody_metered_counts_by_what_it_said(store):
    keep(store, entry(usage=Usage(input_tokens=10, output_tokens=5, cost_usd=0.125)))
    assert store.spent(lambda name: None) == Spent(usd=0.125, tokens=15)


def test_calls_of_unknown_price_are_priced_later_as_the_dearer_kind(store):
    keep(store, entry(charge=charge(None, tokens=1_000_000)))
    found = store.spent({"openai/m": PRICE}.get)
    assert (found.usd, found.estimated_usd) == (2.0, 2.0)


def test_an_unknown_price_is_never_taken_for_zero(store):
    keep(store, entry(charge=charge(None)))
    with pytest.raises(ConfigError, match="100 tokens of openai/m at an unknown price"):
        store.spent(lambda name: None)


def test_what_a_killed_session_had_in_flight_counts_as_estimated(store):
    async def killed():
        await store.begin_session()
        await store.keep_held(Spent(usd=1.5, tokens=70))
        await store.keep_held(Spent(usd=2.5, tokens=90))
        await store.begin_session()  # the next process, while the first never said a last word

    asyncio.run(killed())
    assert store.spent(lambda name: None) == Spent(
        usd=2.5, tokens=90, estimated_usd=2.5, unseen_usd=2.5, unseen_tokens=90
    )


def test_what_a_session_had_in_flight_counts_no_more_once_it_has_ended(store):
    async def ended():
        await store.begin_session()
        await store.keep_held(Spent(usd=2.5, tokens=90))
        await store.end_session("complete", CallCounter(), Spent())

    asyncio.run(ended())
    assert store.spent(lambda name: None) == Spent()


def test_the_journal_tells_what_of_a_call_it_has_written_down(store):
    told = []
    store.ledger.told = told.append
    late = Attempt(kind="timeout", detail="", charge=charge(0.25, estimated=True))
    keep(store, entry(charge=charge(1.0), earlier=(late,)), entry(usage=Usage(input_tokens=10)))
    assert told == [Spent(usd=1.25, tokens=200), Spent()]
