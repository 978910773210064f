"""How a lived history is shown: what each transform changes, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.kinds import kinds
from support.studies import arm

from peersim.errors import ConfigError
from peersim.events.acts import fold_named
from peersim.events.deeds import Act, Acted, Paid
from peersim.events.log import EventLog
from peersim.events.marks import Delayed, Enrolled, RoundBegan
from peersim.events.talk import Noted, Said
from peersim.history.transforms import (
    Ablated,
    AnyTransform,
    Blurred,
    Erased,
    Flipped,
    Own,
    Placebo,
    Shuffled,
    Swapped,
    present,
)
from peersim.memory.telling import tell, told
from peersim.seeding import SeedTree
from peersim.study.design import Roster

NAMES = ("Rowan", "Linden", "Aspen")
TRANSFORMS = [
    kind(one="Linden", other="Aspen") if kind is Swapped else kind() for kind in kinds(AnyTransform)
]


def acted(number, actor, target, amount=3.0, act=Act.HELPED):
    return Acted(round=number, actor=actor, target=target, act=act, amount=amount, maximum=10)


LIVED = [
    *(Enrolled(agent=name, persona="neutral", model="simulated/x") for name in NAMES),
    RoundBegan(round=1),
    Said(round=1, speaker="Linden", to=("Rowan", "Aspen"), text="Rowan, trust Linden & Aspen."),
    acted(1, "Linden", "Rowan", 9),
    acted(1, "Rowan", "Linden", 2),
    Paid(round=1, agent="Linden", points=4),
    RoundBegan(round=2),
    acted(2, "Aspen", "Rowan", 0),
    acted(2, "Linden", "Rowan", 1),
    Said(round=2, speaker="Aspen", to=("Linden",), text="a secret"),
    RoundBegan(round=3),
    acted(3, "Linden", "Rowan", 5),
]
LOG = EventLog(LIVED)
GROUP = Roster(background=("Aspen",))


def shown(transform, log=LOG, seed=0):
    return present(transform, log, "Rowan", SeedTree(seed))


def texts(log):
    return [item.text for item in told(log, "Rowan")]


@st.composite
def logs(draw):
    events = [Enrolled(agent=name, persona="neutral", model="m") for name in NAMES]
    for number in range(1, draw(st.integers(1, 4)) + 1):
        events.append(RoundBegan(round=number))
        for _ in range(draw(st.integers(0, 4))):
            one, other = draw(st.permutations(NAMES))[:2]
            amount = draw(st.integers(0, 10))
            act = acted(number, one, other, amount, draw(st.sampled_from(Act)))
            said = Said(round=number, speaker=one, to=(other,), text=draw(st.text(max_size=40)))
            events.append(draw(st.sampled_from([act, said])))
    return EventLog(events)


@pytest.mark.few(4)
@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda one: one.kind)
@given(log=logs(), seed=st.integers(0, 5))
def test_every_transform_is_pure_and_keeps_ids(transform, log, seed):
    before = log.events
    once, again = shown(transform, log, seed), shown(transform, log, seed)
    assert list(once.items()) == list(again.items())
    assert log.events == before
    names = [name for name, _ in once.items()]
    assert len(set(names)) == len(names)
    if not isinstance(transform, Placebo):
        kept = dict(log.items())
        for name, event in once.items():
            assert type(event) is type(kept[name])


def test_own_is_the_past_as_it_was():
    assert list(shown(Own()).items()) == list(LOG.items())


def test_swapped_exchanges_two_names_everywhere_and_back_again():
    swapped = Swapped(one="Linden", other="Aspen")
    found = shown(swapped)
    assert found.events[4].text == "Rowan, trust Aspen & Linden."
    assert found.events[4].speaker == "Aspen"
    assert found.events[4].to == ("Rowan", "Linden")
    assert (found.events[5].actor, found.events[5].amount) == ("Aspen", 9)
    assert list(shown(swapped, found).items()) == list(LOG.items())


@given(logs())
def test_flipped_turns_every_kindness_round_and_back_again(log):
    found = shown(Flipped(), log)
    kept = dict(log.items())
    for name, act in ((n, e) for n, e in found.items() if isinstance(e, Acted)):
        assert act.kindness == pytest.approx(1 - kept[name].kindness)
    assert not found.of(Paid)
    acts = [(n, e) for n, e in log.items() if isinstance(e, Acted)]
    back = shown(Flipped(), found)
    assert [(n, e) for n, e in back.items() if isinstance(e, Acted)] == acts
    assert len(found.of(Said)) == len(log.of(Said))
    assert not shown(Flipped(talk="drop"), log).of(Said)


@given(logs(), st.integers(0, 9))
def test_shuffled_keeps_the_deeds_and_changes_the_order_of_rounds(log, seed):
    found = shown(Shuffled(), log, seed)

    def amounts(of):
        return {t: (y.amount, y.opportunities) for t, y in fold_named(of.items()).items()}

    assert amounts(found) == amounts(log)
    rounds = [event.round for event in found.of(RoundBegan)]
    assert rounds == sorted(rounds)
    kept = dict(log.items())
    places = [kept[name].round for name, e in found.items() if isinstance(e, RoundBegan)]
    assert sorted(places) == rounds
    assert len(rounds) < 2 or places != rounds


@given(st.integers(-20, 20))
def test_ablated_leaves_out_one_sentence(number):
    everything = texts(LOG)
    found = texts(shown(Ablated(number=number)))
    there = -len(everything) <= number < len(everything)
    expected = list(everything)
    if there:
        del expected[number]
    assert found == expected


@pytest.mark.parametrize(("drop", "kind"), [("acts", Acted), ("talk", Said), ("payoffs", Paid)])
def test_ablated_leaves_out_all_of_a_kind(drop, kind):
    found = shown(Ablated(drop=drop))
    assert not found.of(kind)
    assert len(found.events) == len(LIVED) - len(LOG.of(kind))


@pytest.mark.parametrize(("lost", "left"), [(0.0, 7), (0.3, 5), (1.0, 0)])
def test_blurred_loses_its_part_of_what_was_witnessed(lost, left):
    assert len(texts(LOG)) == 7
    found = texts(shown(Blurred(lost=lost)))
    assert len(found) == left
    assert set(found) <= set(texts(LOG))


@given(st.lists(st.integers(1, 600), min_size=1, max_size=30), st.integers(0, 50))
def test_placebo_is_as_long_within_five_percent_and_names_nobody(lengths, seed):
    said = [Said(round=1, speaker="Linden", to=("Rowan",), text="x" * n) for n in lengths]
    log = EventLog(said)
    found = texts(shown(Placebo(), log, seed))
    assert len(found) == len(lengths)
    wanted = sum(len(text) for text in texts(log))
    assert abs(sum(len(text) for text in found) - wanted) <= max(0.05 * wanted, 12)
    assert not any(name in text for name in NAMES for text in found)
    assert all(isinstance(event, Noted) for event in shown(Placebo(), log, seed).events)


def test_erased_leaves_who_was_there_and_nothing_to_tell():
    found = shown(Erased())
    assert texts(found) == []
    assert len(found.of(Enrolled)) == len(NAMES)


def test_a_secret_among_others_is_in_no_presented_past():
    for transform in TRANSFORMS:
        if isinstance(transform, Swapped):
            continue
        assert not any("secret" in text for text in texts(shown(transform)))


def test_told_in_the_first_person_it_is_i_and_me():
    mine = [tell(event, "Rowan") for event in LIVED[5:8]]
    assert mine == [
        "Round 1: Linden sent 9 of 10 points to me.",
        "Round 1: I sent 2 of 10 points to Linden.",
        "Round 1: Linden ended with 4 points.",
    ]


def test_a_donor_belongs_to_the_yoked_transform_alone():
    from support.studies import arm

    trial = arm().trial(0, 0)
    with pytest.raises(ValidationError, match="donor"):
        trial.remembering.model_validate(
            trial.remembering.model_dump() | {"donor": trial.history.model_dump()}
        )


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda t: t.kind)
def test_who_took_part_is_known_under_every_transform(transform):
    enrolled = [event.agent for event in shown(transform).of(Enrolled)]
    assert sorted(enrolled) == sorted(NAMES)


def test_flipped_gives_away_no_limit_that_hung_on_what_was_really_done():
    sent = [
        Acted(round=1, actor="Rowan", target="Linden", act=Act.HELPED, amount=10, maximum=10),
        Acted(round=1, actor="Linden", target="Rowan", act=Act.SHARED, amount=30, maximum=30),
        Acted(round=2, actor="Rowan", target="Linden", act=Act.HELPED, amount=2, maximum=10),
        Acted(round=2, actor="Linden", target="Rowan", act=Act.SHARED, amount=0, maximum=6),
    ]
    found = shown(Flipped(), EventLog(sent)).of(Acted)
    assert [(act.amount, act.maximum) for act in found] == [(0, 10), (0, 30), (8, 10), (30, 30)]


def test_the_rounds_of_work_alone_keep_their_place_after_the_task():
    later = [Delayed(rounds=2), RoundBegan(round=4), Paid(round=4, agent="Rowan", points=1)]
    log = EventLog([*LIVED, *later])
    for seed in range(5):
        items = list(shown(Shuffled(), log, seed).items())
        assert [event for _, event in items][-3:] == later
        assert {e.round for _, e in items if isinstance(e, Acted)} <= {1, 2, 3}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"transform": Swapped(one="Rowan")}, "cannot exchange Rowan and Rowan"),
        ({"transform": Swapped(one="Nobody")}, "cannot exchange Nobody"),
        (
            {"transform": Swapped(), "roster": GROUP, "appointment": "strongest_tie"},
            "the graph appoints",
        ),
    ],
)
def test_a_swap_that_makes_no_sense_is_refused(more, said):
    with pytest.raises(ConfigError, match=said):
        arm("cooperative", more=more).trial(0, 0)
