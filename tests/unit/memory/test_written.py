"""Memories that models write: by whom, in whose voice, how long, and what does not fit."""

import asyncio

import pytest
from support.models import ListModel, line, says, tools
from support.studies import arm, simulated

from peersim.answers import Failed
from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.events.marks import Enrolled
from peersim.memory.declared import Declared
from peersim.memory.reflective import Reflective
from peersim.memory.summary import Summary

LOG = EventLog(
    [
        Enrolled(agent="Rowan", persona="neutral", model="m"),
        Enrolled(agent="Linden", persona="neutral", model="m"),
        Acted(round=1, actor="Linden", target="Rowan", act=Act.HELPED, amount=6, maximum=10),
    ]
)
LESSON = {"about": "Linden", "text": "Linden <helps>.", "events": ["e2"]}
STATEMENT = {"text": "Linden helped.", "events": ["e2"]}
GOOD = {
    "reflective": ("learn", {"lessons": [LESSON]}),
    "summary": ("remember", {"statements": [STATEMENT]}),
}


def recollect(memory, *replies):
    model = ListModel(*replies)
    return asyncio.run(memory.recollect(LOG, "Rowan", line(model, "memory"))), model


def asked(memory):
    _, model = recollect(memory, tools(GOOD[memory.kind]))
    return " ".join(message.content for message in model.requests[0].messages)


def test_lessons_name_whom_they_are_about_and_cite_their_events():
    found, _ = recollect(Reflective(), tools(("learn", {"lessons": [LESSON]})))
    ((item,), (call,)) = found.items, found.calls
    assert "Linden" in item.text
    assert "&lt;helps&gt;" in item.text
    assert item.cites == ("e2",)
    assert call.caller == "memory"


@pytest.mark.parametrize(
    "bad",
    [
        says("I learnt a lot."),
        tools(("learn", {"lessons": []})),
        tools(("learn", {"lessons": [{**LESSON, "events": []}]})),
        tools(("learn", "no json")),
        tools(("learn", {"lessons": [LESSON]}), ("learn", {"lessons": [LESSON]})),
    ],
)
def test_what_does_not_fit_is_asked_again_and_then_a_failure(bad):
    good = tools(("learn", {"lessons": [LESSON]}))
    found, model = recollect(Reflective(), bad, good)
    assert len(found.items) == 1
    assert len(model.requests) == 2
    found, model = recollect(Reflective(), bad, bad, bad)
    assert isinstance(found, Failed)
    assert (found.origin, found.cause) == ("memory", "unusable_lessons")
    assert len(model.requests) == 3


@pytest.mark.parametrize("kind", [Reflective, Summary])
def test_author_voice_and_length_change_what_the_author_is_told(kind):
    told = {
        (author, view, words): asked(kind(author=author, view=view, words=words))
        for author in ("scribe", "self", "peer")
        for view in ("third", "first")
        for words in (None, 17)
    }
    assert len(set(told.values())) == 12
    for (author, view, words), text in told.items():
        assert ("You are Linden" in text) is (author == "peer")
        assert ("You are Rowan" in text) is (author == "self")
        assert ('"I" is Rowan' in text) is (view == "first")
        assert ("17" in text) is (words == 17)


@pytest.mark.parametrize(
    ("author", "role"), [("scribe", "memory"), ("self", "subject"), ("peer", "peer")]
)
def test_who_writes_decides_whose_model_is_asked(author, role):
    refs = [simulated(name) for name in ("loyal", "null", "spiteful")]
    roles = dict(zip(("subject", "peer", "memory"), refs, strict=True))
    made = arm("cooperative", Summary(author=author)).model_copy(update={"models": roles})
    spec = made.trial(seed=0, replicate=0)
    assert spec.remembering.model == roles[role]


def test_a_declared_past_is_stated_in_every_form_and_warmth_and_lived_by_nobody():
    texts = set()
    for form in ("sentence", "document", "memory_file"):
        for relation in ("cooperative", "neutral", "uncooperative", "named"):
            found, model = recollect(Declared(form=form, relation=relation))
            (item,) = found.items
            assert "Linden" in item.text
            assert item.cites == ()
            assert model.requests == []
            texts.add(item.text)
    assert len(texts) == 12


def test_warmths_of_a_declared_past_differ_in_little_else_than_warmth():
    for form in ("sentence", "document", "memory_file"):
        lengths = [
            len(recollect(Declared(form=form, relation=relation))[0].items[0].text)
            for relation in ("cooperative", "neutral", "uncooperative")
        ]
        assert max(lengths) <= 1.25 * min(lengths)


@pytest.mark.parametrize("memory", [Reflective(), Summary()], ids=lambda memory: memory.kind)
def test_a_reply_that_the_provider_blocked_is_its_failure_whatever_stands_in_it(memory):
    blocked = tools(GOOD[memory.kind]).model_copy(update={"finish": "content_filter"})
    found, model = recollect(memory, blocked)
    assert isinstance(found, Failed)
    assert (found.origin, found.cause) == ("memory", "provider_blocked")
    assert len(model.requests) == 1


@pytest.mark.parametrize("memory", [Reflective(), Summary()], ids=lambda memory: memory.kind)
def test_a_call_that_was_cut_off_is_asked_for_again(memory):
    name, _ = GOOD[memory.kind]
    cut = tools((name, '{"lessons": [')).model_copy(update={"finish": "length"})
    found, model = recollect(memory, cut, tools(GOOD[memory.kind]))
    assert len(found.items) == 1
    assert len(model.requests) == 2
