"""Measures by hand, on graphs small enough to draw."""

import asyncio

import pytest

from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.events.marks import Enrolled, RoundBegan
from peersim.relations.graph import at, course
from peersim.relations.measures import (
    ally_count,
    asymmetry,
    given_strength,
    rank,
    received_strength,
    reciprocity,
    strength,
    trend,
    trust_in,
    trust_out,
    volatility,
)
from peersim.seeding import SeedTree
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Constant


def act(actor, target, amount, kind=Act.HELPED, number=1):
    return Acted(round=number, actor=actor, target=target, act=kind, amount=amount, maximum=10)


NAMES = ["Ada", "Bo", "Cy", "Di"]
LOG = [
    *(Enrolled(agent=name, persona="neutral", model="simulated/x") for name in NAMES),
    act("Ada", "Bo", 8),
    act("Ada", "Cy", 2),
    act("Bo", "Ada", 3),
    act("Cy", "Bo", 4, Act.BLAMED),
]
GRAPH = at(LOG, rule="ledger")


def test_strengths_are_sums_and_trust_is_a_mean():
    assert strength(GRAPH, "Ada", "Bo") == 8
    assert given_strength(GRAPH, "Ada") == 10
    assert trust_out(GRAPH, "Ada") == 5
    assert received_strength(GRAPH, "Bo") == 8 - 4
    assert trust_in(GRAPH, "Bo") == 2


def test_without_ties_there_is_no_number():
    assert strength(GRAPH, "Di", "Ada") is None
    for measure in (given_strength, received_strength, trust_in, trust_out):
        assert measure(GRAPH, "Di") is None
    assert asymmetry(GRAPH, "Ada", "Cy") is None
    assert rank(GRAPH, "Ada", "Di") is None
    assert reciprocity(at(LOG, 4)) is None
    assert given_strength(at(LOG, rule="promises"), "Ada") is None


def test_asymmetry_and_reciprocity():
    assert asymmetry(GRAPH, "Ada", "Bo") == 5
    assert asymmetry(GRAPH, "Bo", "Ada") == -5
    assert reciprocity(GRAPH) == pytest.approx(6 / 13)  # 3 of Ada's 8 come back from Bo, of 13
    assert reciprocity(GRAPH, "harm") == 0


def played(one, other):
    """The graph of a matrix game between two who always, or never, cooperate."""
    log, seeds = EventLog(), SeedTree(0)
    scripts = {"Ada": Constant(degree=one), "Bo": Constant(degree=other)}
    players = {name: Partner(name, script, seeds.child(name)) for name, script in scripts.items()}
    asyncio.run(play(MatrixGame(rounds=6), players, log, seeds))
    return at(log.events)


def test_a_chance_is_no_kindness_and_harm_for_harm_is_none_returned():
    assert reciprocity(played(1.0, 1.0)) == 1
    assert reciprocity(played(1.0, 0.0)) == 0
    assert reciprocity(played(0.0, 0.0)) is None
    assert reciprocity(played(1.0, 0.0), "harm") == 0
    assert reciprocity(played(0.0, 0.0), "harm") == 1
    assert reciprocity(played(1.0, 1.0), "harm") is None


def test_a_stranger_to_the_history_has_no_strength():
    for measure in (given_strength, received_strength, trust_in, trust_out):
        assert measure(GRAPH, "Zed") is None


def test_rank_counts_from_the_strongest_and_equals_share_a_place():
    assert rank(GRAPH, "Ada", "Bo") == 1
    assert rank(GRAPH, "Ada", "Cy") == 2
    even = at([*LOG, act("Ada", "Cy", 6), act("Ada", "Di", 1)], rule="ledger")
    assert [rank(even, "Ada", name) for name in ("Bo", "Cy", "Di")] == [1, 1, 3]


def test_allies_are_tied_to_the_target_more_than_neutrally():
    more = [*LOG, act("Di", "Bo", 1), act("Cy", "Ada", 0)]
    graph = at(more, rule="ledger")
    assert ally_count(graph, "Bo", "Ada") == 1  # Di; Cy blamed Bo, and Ada is the overseer
    assert ally_count(graph, "Bo", "Di") == 1  # Ada
    assert ally_count(graph, "Ada", "Bo") == 0  # Cy is neutral
    # Under beta one tenth of the possible is less than neutral, and blame held back is more.
    assert ally_count(at(more), "Bo", "Ada") == 1


ROUNDS = [
    RoundBegan(round=1),
    act("Ada", "Bo", 6),
    RoundBegan(round=2),
    act("Ada", "Bo", 4, Act.BLAMED, 2),
    RoundBegan(round=3),
    act("Ada", "Bo", 8, number=3),
]


def test_volatility_is_the_mean_step():
    graphs = course(ROUNDS, "ledger")  # no tie, then 6, 2, 10
    assert volatility(graphs, "Ada", "Bo") == (4 + 8) / 2
    assert volatility(graphs[:2], "Ada", "Bo") is None
    assert volatility(graphs, "Bo", "Ada") is None


def test_trend_is_a_slope_over_the_last_rounds():
    graphs = course(ROUNDS, "ledger")
    assert trend(graphs, "Ada", "Bo") == 2  # 6, 2, 10: (10 - 6) / 2
    assert trend(graphs, "Ada", "Bo", 2) == 8
    assert trend(graphs, "Ada", "Bo", 9) == 2  # the round without a tie is no zero
    assert trend(graphs[:2], "Ada", "Bo") is None
    with pytest.raises(ValueError, match="at least two rounds"):
        trend(graphs, "Ada", "Bo", 1)
