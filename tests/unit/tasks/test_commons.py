"""The commons: what lasts, what collapses, and who gets what when there is too little."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from peersim.answers import Chosen, Refused
from peersim.events.deeds import Acted, Paid
from peersim.events.marks import RoundBegan
from peersim.models.asked import Message, Sampling
from peersim.models.base import Request
from peersim.models.simulated.play_commons import play_commons
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import tone
from peersim.seeding import SeedTree
from peersim.tasks.commons import TAKE, Commons
from peersim.tasks.partners import Partner
from peersim.tasks.scripts import Constant, Grim, TitForTat

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
SIZES = st.integers(2, 8)
GAMES = st.builds(
    Commons,
    rounds=st.integers(1, 6),
    capacity=st.integers(60, 200),
    factor=st.integers(2, 4),
    most=st.integers(80, 120),
    collapse=st.integers(1, 15),
)


def take(units):
    return Chosen(move=TAKE, arguments={"units": units})


def drive(game, players, choose):
    """All events and asks of a play; ``choose`` answers an ask, seeing the events so far."""
    events, asks = [], []
    run = game.play(players, SeedTree(0))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask, events) for ask in step.asks))
        except StopIteration:
            return events, asks


def totals(events):
    points = {}
    for paid in (e for e in events if isinstance(e, Paid)):
        points[paid.agent] = points.get(paid.agent, 0) + paid.points
    return points


def rounds_of(events):
    return len([e for e in events if isinstance(e, RoundBegan)])


def fixed(*units):
    amounts = dict(zip(NAMES, units, strict=False))
    return lambda ask, _: take(amounts[ask.agent])


@given(GAMES, SIZES)
def test_what_is_sustainable_lasts_for_all_rounds(game, size):
    share = game.sustainable(size)
    events, asks = drive(game, NAMES[:size], lambda ask, _: take(share))
    assert rounds_of(events) == game.rounds
    assert totals(events) == dict.fromkeys(NAMES[:size], game.rounds * share)
    assert all(f"holds {game.capacity} units" in ask.text for ask in asks)


@given(GAMES, SIZES)
def test_one_unit_more_by_each_does_not_grow_back(game, size):
    each = game.sustainable(size) + 1
    assert game.regrown(game.capacity, dict.fromkeys(NAMES[:size], each)) < game.capacity


@given(SIZES)
def test_the_stock_collapses_when_everyone_takes_the_most(size):
    game = Commons()
    players = NAMES[:size]
    events, _ = drive(game, players, lambda ask, _: take(ask.moves[0].fields[0].high))
    assert rounds_of(events) < game.rounds
    assert sum(totals(events).values()) < game.rounds * game.sustainable(size) * size


def test_a_collapse_known_in_all_its_numbers():
    # 100 - 80 = 20, which doubles to 40; both then ask for all 40, and get 20 each.
    events, asks = drive(Commons(), NAMES[:2], lambda ask, _: take(ask.moves[0].fields[0].high))
    assert totals(events) == {"Ada": 60, "Bo": 60}
    assert rounds_of(events) == 2
    assert "you got 40 units and Bo got 40 units." in asks[2].text
    assert "grew back, the stock holds 40 units" in asks[2].text


def test_with_just_enough_left_the_stock_grows_back_and_with_one_less_it_is_gone():
    game = Commons(collapse=10)
    assert game.regrown(90, {"Ada": 40, "Bo": 40}) == 20
    assert game.regrown(89, {"Ada": 40, "Bo": 40}) == 0


@given(GAMES, st.lists(st.integers(0, 120), min_size=2, max_size=8), st.data())
def test_harvests_are_never_more_than_the_stock_or_what_was_asked_for(game, units, data):
    stock = data.draw(st.integers(1, game.capacity))
    asked = dict(zip(NAMES, units, strict=False))
    got = game.harvest(stock, asked)
    assert sum(got.values()) <= stock
    assert all(got[name] <= asked[name] for name in asked)
    if sum(units) <= stock:
        assert got == asked
    else:
        assert game.regrown(stock, asked) == 0
        assert sum(got.values()) > stock - len(asked)  # only what cannot be divided is lost


def test_a_cut_is_in_proportion_to_what_was_asked_for():
    assert Commons().harvest(30, {"Ada": 30, "Bo": 20, "Cy": 10}) == {"Ada": 15, "Bo": 10, "Cy": 5}
    assert Commons().harvest(10, dict.fromkeys(NAMES[:3], 7)) == dict.fromkeys(NAMES[:3], 3)


@given(GAMES, SIZES, st.data())
def test_it_is_a_dilemma(game, size, data):
    stock = data.draw(st.integers(game.collapse * game.factor, game.capacity))
    kept = game.sustainable(size, stock)
    assert kept < game.limit(stock)
    # Who takes more gets more now ...
    asked = dict.fromkeys(NAMES[:size], kept)
    assert game.harvest(stock, asked | {"Ada": kept + 1})["Ada"] == kept + 1
    # ... and what all take for the stock's sake keeps it up.
    assert game.regrown(stock, asked) >= stock


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"capacity": 8}, "capacity must let"),
        ({"collapse": 51}, "collapse must be"),
        ({"most": 25}, "most must be above"),
    ],
)
def test_what_is_no_dilemma_is_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        Commons(**fields)


@given(GAMES)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game):
    numbers = {int(n) for n in re.findall(r"\d+", game.rules("Ada", ("Ada", "Bo", "Cy")))}
    expected = {game.rounds, game.capacity, game.factor, game.most, game.collapse, 0, 1}
    assert numbers == expected


def test_the_acts_count_what_was_asked_for_against_what_lasts():
    events, _ = drive(Commons(rounds=1), NAMES[:3], fixed(16, 28, 40))
    acts = [(e.actor, e.target, e.amount, e.maximum) for e in events if isinstance(e, Acted)]
    assert acts == [
        ("Ada", "Bo", 24, 24),
        ("Ada", "Cy", 24, 24),
        ("Bo", "Ada", 12, 24),
        ("Bo", "Cy", 12, 24),
        ("Cy", "Ada", 0, 24),
        ("Cy", "Bo", 0, 24),
    ]


def test_who_makes_no_move_takes_nothing_and_is_named():
    def choose(ask, _):
        return Refused(by="model", reason="") if ask.agent == "Cy" else take(20)

    events, asks = drive(Commons(rounds=2), NAMES[:3], choose)
    assert totals(events) == {"Ada": 40, "Bo": 40, "Cy": 0}
    assert not [e for e in events if isinstance(e, Acted) and e.actor == "Cy"]
    assert "Ada got 20 units, you got 20 units and Cy made no move." in asks[4].text


@pytest.mark.parametrize("size", [2, 4, 8])
@pytest.mark.parametrize("script", [Constant(), TitForTat(), Grim()], ids=lambda s: s.kind)
def test_kind_scripts_keep_the_stock_up_for_good(size, script):
    partners = {n: Partner(n, script, SeedTree(1).child(n)) for n in NAMES[:size]}
    game = Commons()
    events, _ = drive(
        game, NAMES[:size], lambda ask, seen: partners[ask.agent].answer(ask, seen)[0]
    )
    share = game.sustainable(size)
    assert totals(events) == dict.fromkeys(NAMES[:size], game.rounds * share)


def request_of(game, manner, seed):
    ask = drive(game, NAMES[:4], fixed(10, 10, 10, 10))[1][0]
    system = f"{game.rules('Ada', NAMES[:4])}\nYou are {manner}."
    return Request(
        messages=(Message(role="system", content=system), Message(role="user", content=ask.text)),
        tools=(ask.moves[0].spec(),),
        sampling=Sampling(seed=seed),
    )


@pytest.mark.parametrize(
    ("manner", "low", "high"), [("helpful and fair", 12, 20), ("selfish and cold", 34, 40)]
)
def test_a_stand_in_takes_less_the_kinder_it_is_told_to_be(manner, low, high):
    for seed in range(10):
        said, (call,) = play_commons(request_of(Commons(), manner, seed), Give())
        assert said
        assert call.name == TAKE
        assert low <= int(re.search(r"\d+", call.arguments)[0]) <= high


def test_a_stand_in_leaves_other_tools_alone():
    assert play_commons(Request(messages=(Message(role="user", content="Hi."),)), Give()) is None


def test_the_rules_are_in_no_tone_that_a_persona_could_be_read_from():
    assert tone(Commons().rules("Ada", NAMES[:3])) is None
