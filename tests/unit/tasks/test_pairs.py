"""Games for two in larger groups."""

import asyncio
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.events.deeds import Acted, Paid
from peersim.events.log import EventLog
from peersim.events.marks import RoundBegan
from peersim.events.talk import Said
from peersim.history.live import rules_text
from peersim.history.spec import check_group
from peersim.memory.telling import told
from peersim.seeding import SeedTree
from peersim.tasks.filler import Filler
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.pairs import edges, matchings
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Constant, Grim
from peersim.tasks.trust_game import TrustGame

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")


@pytest.mark.parametrize(
    ("topology", "size", "expected"),
    [
        ("all", 3, {("Ada", "Bo"), ("Ada", "Cy"), ("Bo", "Cy")}),
        ("ring", 4, {("Ada", "Bo"), ("Bo", "Cy"), ("Cy", "Dee"), ("Dee", "Ada")}),
        ("ring", 2, {("Ada", "Bo")}),
        ("star", 4, {("Ada", "Bo"), ("Ada", "Cy"), ("Ada", "Dee")}),
        ("pairs", 4, {("Ada", "Bo"), ("Cy", "Dee")}),
    ],
)
def test_who_meets_whom(topology, size, expected):
    assert set(edges(topology, NAMES[:size])) == expected


def test_an_odd_group_cannot_be_paired_off():
    with pytest.raises(ValueError, match="odd"):
        edges("pairs", NAMES[:3])


@given(st.integers(2, 8), st.sampled_from(["all", "ring", "star"]))
def test_nobody_is_in_two_meetings_at_once_and_no_meeting_is_left_out(size, topology):
    pairs = edges(topology, NAMES[:size])
    groups = matchings(pairs)
    assert sorted(pair for group in groups for pair in group) == sorted(pairs)
    for group in groups:
        assert not any(set(a) & set(b) for a, b in combinations(group, 2))


def played(topology, size, task=None, says="silent"):
    log = EventLog()
    agents = {n: Partner(n, Constant(says=says), SeedTree(0).child(n)) for n in NAMES[:size]}
    failed = asyncio.run(
        play(task or MatrixGame(rounds=3), agents, log, SeedTree(0), topology=topology)
    )
    assert failed is None
    return log


@pytest.mark.parametrize("topology", ["all", "ring", "star"])
def test_every_pair_plays_every_round_and_rounds_are_told_once(topology):
    log = played(topology, 4)
    pairs = edges(topology, NAMES[:4])
    assert [e.round for e in log.of(RoundBegan)] == [1, 2, 3]
    for number in (1, 2, 3):
        met = {frozenset((a.actor, a.target)) for a in log.of(Acted) if a.round == number}
        assert met == {frozenset(pair) for pair in pairs}
    assert len(log.of(Paid)) == 3 * 2 * len(pairs)


def test_a_meeting_is_known_to_the_two_alone():
    log = played("all", 4, says="warm")
    for item in told(log, "Ada"):
        event = dict(log.items())[item.cites[0]]
        assert "Ada" in (
            getattr(event, "actor", ""),
            getattr(event, "target", ""),
            getattr(event, "speaker", ""),
            *getattr(event, "to", ()),
            getattr(event, "agent", ""),
            *(getattr(event, "seen_by", None) or ()),
        )
    for said in log.of(Said):
        assert len(said.to) == 1


def test_a_pairs_game_is_the_same_in_any_group():
    small, large = played("all", 2, TrustGame()), played("all", 5, TrustGame())

    def between(log):
        pair = {"Ada", "Bo"}
        return [(a.round, a.amount) for a in log.of(Acted) if {a.actor, a.target} == pair]

    assert between(small) == between(large)


def test_one_quarrel_does_not_spread_to_other_pairs():
    log = EventLog()
    scripts = {"Ada": Grim(), "Bo": Constant(degree=0.0), "Cy": Constant()}
    agents = {n: Partner(n, s, SeedTree(0).child(n)) for n, s in scripts.items()}
    assert asyncio.run(play(MatrixGame(rounds=3), agents, log, SeedTree(0))) is None
    to = {}
    for act in log.of(Acted):
        if act.actor == "Ada":
            to.setdefault(act.target, []).append(act.share)
    assert to == {"Bo": [1, 0, 0], "Cy": [1, 1, 1]}


def test_the_rules_of_pairs_name_all_that_are_met_and_no_others():
    text = rules_text(TrustGame(), "Bo", NAMES[:5], "ring")
    assert "Ada" in text
    assert "Cy" in text
    assert "Dee" not in text
    assert rules_text(TrustGame(), "Bo", NAMES[:2], "all") == TrustGame().rules("Bo", NAMES[:2])


def test_a_group_that_does_not_fit_is_refused():
    check_group(TrustGame(), 8, "ring")
    check_group(Filler(), 5, "all")
    with pytest.raises(ValueError, match="all at once"):
        check_group(Filler(), 5, "ring")
    with pytest.raises(ValueError, match="is for"):
        check_group(Filler(), 9, "all")
    with pytest.raises(ValueError, match="odd"):
        check_group(TrustGame(), 3, "pairs")
