"""Another group's past is brought to the length of the own one, and the record says how."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.models import ListModel, line, tools
from support.studies import arm, run, study

from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.events.marks import Enrolled
from peersim.events.talk import Noted, Said
from peersim.history.matching import TOLERANCE, fit, match_items, match_past, near
from peersim.history.spec import History
from peersim.history.transforms import Own, Yoked
from peersim.memory.base import Item
from peersim.memory.declared import Declared
from peersim.memory.ledger import Ledger
from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.memory.telling import told
from peersim.memory.verbatim import Verbatim
from peersim.memory.window import Window
from peersim.readings.manipulation import checks
from peersim.seeding import SeedTree
from peersim.store.view import RunView
from peersim.study.recollecting import recollect
from peersim.tasks.commons import Commons
from peersim.tasks.haggling import Haggling
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.public_goods import PublicGoods
from peersim.tasks.shared_report import SharedReport
from peersim.tasks.trust_game import TrustGame

SEEDS = SeedTree(3)
LENGTH = Yoked(match="length")
NAMES = ("Rowan", "Linden")
MEMORIES = (Verbatim(), Verbatim(view="first"), Window(last=5), Ledger())


def size(items):
    return sum(len(item.text) for item in items)


def items(*lengths):
    return tuple(Item(text="x" * n, cites=(f"e{i}",)) for i, n in enumerate(lengths))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=40), st.integers(1, 6000))
def test_whatever_the_texts_the_length_is_met_unless_the_first_alone_is_too_long(lengths, own):
    found = fit(lengths, own, SEEDS)
    length = sum(lengths[: found.kept]) + sum(map(len, found.padding))
    assert found.kept >= 1
    # Below 200 characters, 5 % are less than the shortest neutral text.
    if own >= 200 and lengths[0] <= own:
        assert near(length, own)
    if near(sum(lengths), own):
        assert found.kept == len(lengths)
        assert found.padding == ()


def test_no_past_of_ones_own_and_nothing_to_match_change_nothing():
    assert fit([10, 20], 0, SEEDS).kept == 2
    assert fit([], 500, SEEDS).padding == ()


def test_what_is_too_long_loses_whole_items_at_its_end_and_says_which():
    made, matched = match_items(items(100, 100, 100, 100), items(210), SEEDS)
    assert [item.cites for item in made] == [("e0",), ("e1",)]
    assert matched.trimmed == ("e2", "e3")
    assert (matched.own, matched.before, matched.after, matched.padded) == (210, 400, 200, ())


def test_what_is_too_short_gets_neutral_texts_that_cite_nothing():
    made, matched = match_items(items(100), items(400), SEEDS)
    assert made[0] == items(100)[0]
    assert [item.text for item in made[1:]] == list(matched.padded)
    assert all(item.cites == () for item in made[1:])
    assert matched.trimmed == ()
    assert matched.after == size(made)
    assert near(matched.after, 400)
    assert match_items(items(100), items(400), SEEDS) == (made, matched)


def test_a_past_for_a_model_is_matched_before_it_is_read():
    long = EventLog([said(i, "Let us be fair to each other, always.") for i in range(9)])
    short = EventLog([said(i, "Hello.") for i in range(9)])
    cut, trimmed = match_past(long, short, "Rowan", SEEDS)
    filled, padded = match_past(short, long, "Rowan", SEEDS)
    assert len(cut.of(Said)) == 9 - len(trimmed.trimmed) < 9
    assert [event.text for event in filled.of(Noted)] == list(padded.padded)
    assert size(told(filled, "Rowan")) == padded.after
    assert near(size(told(cut, "Rowan")), trimmed.own)
    assert near(padded.after, padded.own)


def said(number, text):
    return Said(round=number, speaker="Linden", to=("Rowan",), text=text)


acts = st.builds(
    Acted,
    round=st.integers(1, 9),
    actor=st.just("Linden"),
    target=st.just("Rowan"),
    act=st.sampled_from(Act),
    amount=st.integers(0, 10),
    maximum=st.just(10),
)
mine = st.builds(lambda act: act.model_copy(update={"actor": "Rowan", "target": "Linden"}), acts)
talk = st.builds(said, st.integers(1, 9), st.text("abc de", min_size=1, max_size=80))
# Both act at least once, so that every memory holds more than one thing.
pasts = st.builds(
    lambda one, other, rest: (one, other, *rest),
    acts,
    mine,
    st.lists(st.one_of(acts, mine, talk), min_size=3, max_size=30),
)


def made(spec, donor, own):
    enrolled = tuple(Enrolled(agent=name, persona="neutral", model="m") for name in NAMES)
    shown, lived = (
        History(spec=history, events=(*enrolled, *events))
        for history, events in ((spec.donor, donor), (spec.history, own))
    )
    return asyncio.run(recollect(spec, shown, lived, line(ListModel(), "memory")))


@given(pasts, pasts, st.sampled_from(MEMORIES))
def test_every_memory_of_another_past_is_as_long_as_that_of_the_own(donor, own, memory):
    spec = arm("neutral", memory, more={"transform": LENGTH}).trial(0, 0, replicates=2).remembering
    found = made(spec, donor, own)
    alone = made(spec.model_copy(update={"transform": Own()}), own, own)
    matched = found.matched
    assert alone.matched is None
    assert matched.own == size(alone.items)
    assert matched.after == size(found.items)
    assert 1 - TOLERANCE <= matched.after / matched.own <= 1 + TOLERANCE


def lived(tmp_path, task, *memories, match="length"):
    more = {"transform": Yoked(match=match), "task": task}
    arms = tuple(
        arm("neutral", memory, more=more, memory=str(number))
        for number, memory in enumerate(memories)
    )
    run(study(4, arms=arms), tmp_path)
    for record, store in RunView(tmp_path).records():
        donor = store.history(record.spec.remembering.donor.history_id)
        yield record, checks(record, store.history(record.history_id), donor)


TASKS = (TrustGame(), MatrixGame(), PublicGoods(), Commons(), Haggling(), SharedReport())


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
def test_in_every_task_the_record_says_what_was_done_and_the_ratio_holds(tmp_path, task):
    memories = (*MEMORIES, Summary())
    for record, found in lived(tmp_path, task, *memories):
        matched = record.matched
        assert record.validity.kind == "valid"
        assert 0.95 <= found.shown_ratio <= 1.05
        assert found.yoke_off is False
        assert (found.fidelity.invented, found.fidelity.uncited) == (0, 0)
        # Nothing of another group's past was lived here.
        assert found.fidelity_lived.omitted == found.fidelity_lived.acts
        assert found.fidelity_lived.invented
        remembered = [event for event in record.events if event.kind == "remembered"]
        if matched.of == "items":
            assert sum(len(event.text) for event in remembered) == matched.after
            padded = [event.text for event in remembered if not event.cites]
            assert padded == list(matched.padded)
            cited = {name for event in remembered for name in event.cites}
            assert not cited & set(matched.trimmed)
        else:
            assert record.spec.remembering.memory.kind == "summary"


def test_left_as_it_is_the_length_is_measured_and_reported_as_off(tmp_path):
    found = list(lived(tmp_path, SharedReport(), Verbatim(), match="none"))
    assert all(record.matched is None for record, _ in found)
    assert all("matched" not in record.model_dump(mode="json") for record, _ in found)
    for _, one in found:
        assert one.yoke_off is (abs(one.shown_ratio - 1) > TOLERANCE)


def test_nothing_remembered_is_matched_to_nothing_and_stated_pasts_are_as_long(tmp_path):
    for record, found in lived(tmp_path, TrustGame(), NoMemory(), Declared()):
        stated = record.spec.remembering.memory.kind == "declared"
        assert (record.matched is not None) == stated
        if stated:
            assert record.matched.after == record.matched.own
            assert record.matched.padded == record.matched.trimmed == ()
        assert found.yoke_off is (False if stated else None)


def test_what_is_no_other_groups_past_has_no_yoke_to_be_off(tmp_path):
    run(study(2, arms=(arm("neutral", Verbatim()),)), tmp_path)
    for record, store in RunView(tmp_path).records():
        assert checks(record, store.history(record.history_id)).yoke_off is None


def test_unmatched_and_own_pasts_keep_the_ids_they_had():
    def dumped(transform):
        more = {"transform": transform}
        spec = arm("neutral", Verbatim(), more=more).trial(0, 0, replicates=2)
        return spec.remembering.model_dump(mode="json").get("transform")

    assert dumped(Own()) is None
    assert dumped(Yoked()) == {"kind": "yoked"}
    assert dumped(LENGTH) == {"kind": "yoked", "match": "length"}


def test_a_model_that_writes_reads_the_matched_past():
    more = {"transform": LENGTH}
    spec = arm("neutral", Summary(), more=more).trial(0, 0, replicates=2).remembering
    enrolled = tuple(Enrolled(agent=name, persona="neutral", model="m") for name in NAMES)
    own, shown = (
        History(spec=history, events=(*enrolled, *(said(i, "Good.") for i in range(n))))
        for history, n in ((spec.history, 12), (spec.donor, 4))
    )
    model = ListModel(tools(("remember", {"statements": [{"text": "Fine.", "events": ["e2"]}]})))
    found = asyncio.run(recollect(spec, shown, own, line(model, "memory")))
    asked = " ".join(message.content for message in model.requests[0].messages)
    assert found.matched.of == "past"
    assert found.matched.padded
    assert all(text in asked for text in found.matched.padded)
