"""The volunteer's dilemma: its payoffs, and what it is a dilemma of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from peersim.answers import Chosen, Refused
from peersim.events.deeds import Acted, Paid
from peersim.seeding import SeedTree
from peersim.tasks.volunteer import VOLUNTEER, WAIT, Volunteer

DECISIONS = st.sampled_from([VOLUNTEER, WAIT, None])
GAMES = st.builds(Volunteer, benefit=st.integers(5, 30), cost=st.integers(1, 4))


@given(GAMES, st.lists(DECISIONS, min_size=2, max_size=8))
def test_one_volunteer_serves_all_and_each_pays_alone(game, decisions):
    points = game.points(dict(enumerate(decisions)))
    served = VOLUNTEER in decisions
    for name, decided in enumerate(decisions):
        expected = game.benefit * served - game.cost * (decided == VOLUNTEER)
        assert points[name] == (expected if decided else 0)


@given(GAMES, st.integers(2, 8))
def test_it_is_a_dilemma(game, size):
    def mine(own, others):
        return game.points({"me": own, **dict(enumerate(others))})["me"]

    alone, served = [WAIT] * (size - 1), [VOLUNTEER, *[WAIT] * (size - 2)]
    assert mine(VOLUNTEER, alone) > mine(WAIT, alone)  # somebody should ...
    assert mine(WAIT, served) > mine(VOLUNTEER, served)  # ... but better another


def test_no_one_would_volunteer_at_a_loss():
    with pytest.raises(ValidationError, match="below benefit"):
        Volunteer(benefit=4, cost=4)


@given(GAMES)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game):
    numbers = {int(n) for n in re.findall(r"\d+", game.rules("Ada", ("Ada", "Bo", "Cy")))}
    assert numbers == {game.rounds, game.benefit, game.cost, 1}


def test_a_known_round():
    game, players = Volunteer(rounds=1), ("Ada", "Bo", "Cy")
    play = game.play(players, SeedTree(0))
    step = next(play)
    answers = [step.asks[0].moves[0].toward(1), step.asks[1].moves[0].toward(0)]
    chosen = [Chosen(move="decide", arguments=arguments) for arguments in answers]
    step = play.send((*chosen, Refused(by="model", reason="")))
    acts = [(e.actor, e.target, e.amount) for e in step.events if isinstance(e, Acted)]
    assert acts == [("Ada", "Bo", 10), ("Ada", "Cy", 10), ("Bo", "Ada", 0), ("Bo", "Cy", 0)]
    assert [e.points for e in step.events if isinstance(e, Paid)] == [6, 10, 0]


@pytest.mark.parametrize(
    ("players", "opening"),
    [
        (("Ada", "Bo"), "You and Bo"),
        (("Ada", "Bo", "Cy"), "You, Bo and Cy"),
        (("Ada", "Bo", "Cy", "Dee"), "You, Bo, Cy and Dee"),
    ],
)
def test_the_others_are_listed_as_people_do(players, opening):
    game = Volunteer(rounds=2)
    assert game.rules("Ada", players).startswith(f"{opening} work through 2 rounds of shifts.")
    play = game.play(players, SeedTree(0))
    step = next(play)
    assert f"Round 1 of 2. {opening} decide at the same time." in step.asks[0].text
    volunteers = [Chosen(move="decide", arguments=ask.moves[0].toward(1)) for ask in step.asks]
    play.send(tuple(volunteers))
    told = next(play).asks[0].text
    assert f"Round 1 is over: {opening.replace('You', 'you')} volunteered" in told
