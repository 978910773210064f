"""Memories: what each makes of a history, and that it cites the events it rests on."""

import asyncio

import pytest
from support.models import ListModel, fails, line, says, tools

from peersim.answers import Failed
from peersim.events.deeds import Act, Acted, Moved
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.memory.verbatim import Verbatim

LOG = EventLog(
    [
        Moved(round=1, agent="Linden", move="send_points", arguments={"points": 6}),
        Acted(round=1, actor="Linden", target="Rowan", act=Act.HELPED, amount=6, maximum=10),
        Said(round=1, speaker="Linden", to=("Rowan",), text="for <you>"),
        Said(round=1, speaker="Linden", to=("Aspen",), text="a secret"),
    ]
)


def recollect(memory, *replies):
    model = ListModel(*replies)
    return asyncio.run(memory.recollect(LOG, "Rowan", line(model, "memory"))), model


def test_none_remembers_nothing_and_asks_nobody():
    recollection, model = recollect(NoMemory())
    assert recollection.items == ()
    assert model.requests == []


def test_verbatim_keeps_what_was_witnessed_each_item_citing_its_event():
    recollection, _ = recollect(Verbatim())
    assert [(item.text, item.cites) for item in recollection.items] == [
        ("Round 1: Linden sent 6 of 10 points to Rowan.", ("e1",)),
        ('Round 1: Linden said: "for &lt;you&gt;"', ("e2",)),
    ]


def test_summary_keeps_the_models_statements_and_their_citations():
    said = {"statements": [{"text": "Linden was kind.", "events": ["e1", "e2"]}]}
    recollection, model = recollect(Summary(), tools(("remember", said)))
    assert [(i.text, i.cites) for i in recollection.items] == [("Linden was kind.", ("e1", "e2"))]
    assert len(recollection.calls) == 1
    asked = model.requests[0].messages[1].content
    assert "[e1] Round 1: Linden sent 6 of 10 points to Rowan." in asked
    assert "a secret" not in asked


def test_an_invented_citation_is_kept_to_be_measured():
    said = {"statements": [{"text": "Linden lied.", "events": ["e99"]}]}
    recollection, _ = recollect(Summary(), tools(("remember", said)))
    assert recollection.items[0].cites == ("e99",)


GROUNDLESS = {"statements": [{"text": "Linden betrayed me 40 times.", "events": []}]}


@pytest.mark.parametrize(
    "bad",
    [
        says("no tool"),
        tools(("remember", "{")),
        tools(("remember", {"statements": []})),
        tools(("remember", GROUNDLESS)),
    ],
)
def test_an_unusable_summary_is_asked_for_again(bad):
    good = tools(("remember", {"statements": [{"text": "x", "events": ["e1"]}]}))
    recollection, model = recollect(Summary(), bad, good)
    assert len(recollection.items) == 1
    assert len(recollection.calls) == len(model.requests) == 2
    told = model.requests[1].messages[-1]
    assert "could not be kept" in told.content
    assert (told.role == "tool") == bool(bad.tool_calls)


def test_three_unusable_summaries_are_a_failure_of_the_memory_and_no_empty_memory():
    failed, _ = recollect(Summary(), *(says("no"),) * 3)
    assert isinstance(failed, Failed)
    assert failed.origin == "memory"


def test_a_failed_call_is_a_failure_of_the_provider():
    failed, _ = recollect(Summary(), fails("timeout"))
    assert (failed.origin, failed.cause) == ("provider", "timeout")
