"""Bills add up calls and failures, and mark what is unknown and who else served."""

import asyncio

import pytest

from peersim.commands.status import _cached
from peersim.models.asked import Message
from peersim.models.base import Completion, Failure, Request
from peersim.models.journal import CallKey, Entry
from peersim.models.money import Usage
from peersim.report.serving import calls_table, slots_table
from peersim.store.bills import bills, tokens_of
from peersim.store.study import StudyStore
from peersim.store.view import RunView

ASK = Request(messages=(Message(role="user", content="Well?"),))
KNOWN = Usage(input_tokens=100, cached_tokens=60, output_tokens=10, cost_usd=0.25)


def reply(served, usage):
    return Completion(served_model=served, usage=usage)


@pytest.fixture
def run(tmp_path):
    """A run with calls of one model under three names, and a failure."""
    store = StudyStore(tmp_path)
    replies = (
        reply("m-2026-01-01", KNOWN),
        reply("m-2026-01-01", KNOWN),
        reply("other", KNOWN),
        reply("", Usage()),
    )

    async def go():
        for number, one in enumerate(replies):
            entry = Entry(request="r", parts=1, changed={}, completion=one)
            await store.ledger.keep(CallKey("t", "Rowan", number), entry, "openai/m", ASK)
        late = Failure(kind="timeout", detail="", retryable=True)
        await store.ledger.note(CallKey("t", "Rowan", 9), "openai/m", late)

    asyncio.run(go())
    store.close()
    return RunView(tmp_path)


def test_calls_are_summed_by_the_name_they_were_served_under(run):
    found = {bill.served or bill.failed: bill for bill in bills(run.stores)}
    dated = found["m-2026-01-01"]
    assert (dated.calls, dated.input_tokens, dated.cached_tokens, dated.usd) == (2, 200, 120, 0.5)
    assert not dated.differs
    assert found["other"].differs
    assert (found["timeout"].calls, found["timeout"].failed) == (1, "timeout")


def test_what_is_unknown_is_counted_and_not_taken_for_zero(run):
    (unsaid,) = (bill for bill in bills(run.stores) if not bill.served and not bill.failed)
    assert (unsaid.unknown, unsaid.unpriced, unsaid.calls) == (1, 1, 1)


def test_the_report_shows_another_model_that_served(run):
    table = calls_table(run)
    served = {row[1]: row for row in table.rows}
    assert "other (NOT the model asked for)" in served
    assert served["no answer: timeout"][2] == "1"
    assert served["not said"][-1] == "unknown"
    assert served["not said"][4:7] == ("?", "?", "?")
    assert served["other (NOT the model asked for)"][5] == "60"
    assert slots_table(run) is None


def test_a_cache_that_the_provider_does_not_speak_of_is_unknown(run):
    lines = {bill.served or bill.failed: _cached(bill) for bill in bills(run.stores)}
    assert (lines["m-2026-01-01"], lines[""]) == ("60%", "?")
    silent = bills(run.stores)[0].model_copy(
        update={"input_tokens": 100, "cached_tokens": None, "uncached": 1}
    )
    assert _cached(silent) == "?"
    assert tokens_of(5, 1) == "5?"
