"""What every journal must keep."""

import asyncio

import pytest
from support.studies import opened

from peersim.models.asked import Message, ToolCall
from peersim.models.base import Attempt, Completion, Request
from peersim.models.journal import CallKey, Entry, MemoryJournal
from peersim.models.money import Usage

ASK = Request(messages=(Message(role="user", content="Well?"),))
FULL = Entry(
    request="r1",
    parts=3,
    changed={"message 0 (system)": "a", "sampling": "b"},
    completion=Completion(
        content="words: äöü 漢字 \u2028",
        tool_calls=(ToolCall(id="", name="send", arguments="{not json"),),
        finish="tool_calls",
        thinking="hm",
        served_model="m-2026",
        fingerprint="f",
        usage=Usage(input_tokens=0, output_tokens=None, cost_usd=0.0),
        earlier=(Attempt(kind="overloaded", detail="busy", waited=1.5),),
        thinking_blocks=({"type": "thinking", "signature": "s"},),
    ),
)


@pytest.fixture(params=["memory", "sqlite"])
def reopened(request, tmp_path):
    """Run functions of a journal, each on the journal opened anew where that is possible."""
    if request.param == "memory":
        journal = MemoryJournal()
        return lambda use: use(journal)

    def go(use):
        with opened(tmp_path) as store:
            return use(store.ledger)

    return go


def test_an_entry_comes_back_as_it_was(reopened):
    key = CallKey("trial-0", "Rowan", 0)
    reopened(lambda journal: asyncio.run(journal.keep(key, FULL, "m", ASK)))
    assert reopened(lambda journal: journal.recall(key)) == FULL


def test_only_the_very_key_recalls_it(reopened):
    key = CallKey("trial-0", "Rowan", 1)
    reopened(lambda journal: asyncio.run(journal.keep(key, FULL, "m", ASK)))
    for other in (
        key._replace(owner="trial-1"),
        key._replace(caller="Linden"),
        key._replace(number=0),
    ):
        assert reopened(lambda journal, other=other: journal.recall(other)) is None
