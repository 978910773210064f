"""Haggling: limits, payoffs that share out the surplus, lies found exactly, and how talks end."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.few import examples
from support.moves import answers, toward

from peersim.agents.scripted import Line, Scripted
from peersim.answers import Chosen, Refused, Unparsed
from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.memory.telling import tell
from peersim.seeding import SeedTree
from peersim.tasks.bargain import ACCEPT, OFFER, STATE, WALK, Talks, Trade
from peersim.tasks.haggling import Haggling
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Constant

PLAYERS = ("Ada", "Bo")
LAPSE = Unparsed(problem="", text="hm")
GAMES = st.builds(
    Haggling,
    rounds=st.integers(1, 3),
    low=st.integers(0, 30),
    high=st.integers(31, 90),
    turns=st.integers(2, 5),
    impossible=st.sampled_from([0.0, 0.2, 1.0]),
)
SEEDS = st.integers(0, 99)


class Fixed(Haggling):
    """Haggling with limits that are given, so that points can be worked out by hand."""

    cost: int = 40
    value: int = 60

    def trade(self, number, players, seeds):
        drawn = super().trade(number, players, seeds)
        return drawn.model_copy(update={"cost": self.cost, "value": self.value})


def state(price):
    return Chosen(move=STATE, arguments={"price": price})


def offer(price):
    return Chosen(move=OFFER, arguments={"price": price})


YES, BYE = Chosen(move=ACCEPT, arguments={}), Chosen(move=WALK, arguments={})


def drive(game, choose, seed=0, players=PLAYERS):
    """Play with a function from an ask to an answer; return all events and asks."""
    events, asks = [], []
    run = game.play(players, SeedTree(seed))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask) for ask in step.asks))
        except StopIteration:
            return events, asks


def haggle(*replies, **numbers):
    """Play a round of a cost of 40 and a value of 60, with replies in the order of the asks.

    Bo sells to Ada; it is asked first both for its limit and for a turn.
    """
    left = list(replies)

    def choose(ask):
        answer = left.pop(0)
        if isinstance(answer, Chosen):
            (move,) = [move for move in ask.moves if move.name == answer.move]
            assert move.problem(answer.arguments) is None
        return answer

    found = drive(Fixed(rounds=1, **numbers), choose)
    assert not left
    return found


def paid(events, number=1):
    return {e.agent: e.points for e in events if isinstance(e, Paid) and e.round == number}


def acts(events, act):
    found = [e for e in events if isinstance(e, Acted) and e.act.value == act]
    return [(e.actor, e.target, e.amount, e.maximum) for e in found]


@given(GAMES, SEEDS)
def test_limits_lie_in_the_range_and_part_it(game, seed):
    for number in range(1, 7):
        trade = game.trade(number, PLAYERS, SeedTree(seed))
        assert game.low <= min(trade.cost, trade.value)
        assert max(trade.cost, trade.value) <= game.high
        assert trade.surplus != 0
        if game.impossible == 0:
            assert trade.surplus > 0
        if game.impossible == 1:
            assert trade.surplus < 0


def test_some_rounds_are_impossible_as_often_as_is_said():
    game = Haggling(impossible=0.2)
    surpluses = [game.trade(n, PLAYERS, SeedTree(1)).surplus for n in range(1, 1001)]
    assert 0.15 < sum(surplus < 0 for surplus in surpluses) / 1000 < 0.25


def test_limits_hang_on_the_seed_the_round_and_the_names_alone():
    game, seeds = Haggling(), SeedTree(3)
    trades = [game.trade(n, PLAYERS, seeds) for n in range(1, 9)]
    assert [game.trade(n, PLAYERS, seeds) for n in reversed(range(1, 9))] == trades[::-1]
    # The part of the range is the round's, so another partner changes nothing for Ada.
    with_cy = [game.trade(n, ("Ada", "Cy"), seeds) for n in range(1, 9)]
    assert [t.limit("Ada") for t in with_cy] == [t.limit("Ada") for t in trades]
    assert [t.limit("Cy") for t in with_cy] != [t.limit("Bo") for t in trades]
    assert len({(t.cost, t.value) for t in trades}) == len(trades)
    assert game.trade(1, PLAYERS, SeedTree(4)) != trades[0]


def test_the_roles_alternate():
    game = Haggling(rounds=3)
    sellers = [game.trade(n, PLAYERS, SeedTree(0)).seller for n in (1, 2, 3)]
    assert sellers == ["Bo", "Ada", "Bo"]
    _, asks = drive(game, toward)
    for ask in asks:
        sells = ask.agent == sellers[ask.round - 1]
        assert ("You are the seller" in ask.text) == sells
        assert ("You are the buyer" in ask.text) != sells


@pytest.mark.parametrize("price", [40, 41, 47, 60])
def test_a_deal_pays_each_its_distance_from_the_price(price):
    events, asks = haggle(state(40), state(60), offer(price), YES)
    assert paid(events) == {"Ada": 60 - price, "Bo": price - 40}
    assert [ask.agent for ask in asks] == ["Bo", "Ada", "Bo", "Ada"]
    # Ada named no price, so it gave Bo all that it asked for, be that much or little.
    assert acts(events, "helped") == [("Bo", "Ada", 60 - price, 20), ("Ada", "Bo", 1, 1)]


@pytest.mark.parametrize(
    ("replies", "by_seller", "by_buyer"),
    [
        ((offer(60), offer(47), YES), 0, 7),  # the seller's best is 60, which leaves nothing
        ((offer(60), offer(47), offer(55), YES), 5, 7),  # the buyer had offered to leave 7
        ((offer(45), offer(30), offer(55), YES), 5, 0),  # 30 is a loss to the seller
        ((offer(42), offer(41), offer(50), offer(44), YES), 18, 4),
    ],
)
def test_each_is_scored_by_the_price_that_it_named_itself(replies, by_seller, by_buyer):
    events, _ = haggle(state(40), state(60), *replies)
    assert acts(events, "helped") == [("Bo", "Ada", by_seller, 20), ("Ada", "Bo", by_buyer, 20)]


def test_who_accepts_takes_no_credit_for_a_generous_price_nor_blame_for_a_greedy_one():
    for price in (41, 59):
        events, _ = haggle(state(40), state(60), offer(60), LAPSE, offer(price), YES)
        (by_ada,) = [e for e in events if isinstance(e, Acted) and e.deed == "agreed"]
        assert (by_ada.actor, by_ada.kindness) == ("Ada", 1)
        assert tell(by_ada) == "Round 1: Ada gave 1 of 1 agreements to the price offered by Bo."


def test_turns_that_run_out_leave_what_the_best_offer_would_have_but_for_one_in_the_last():
    events, _ = haggle(state(40), state(60), offer(45), LAPSE, offer(60), offer(60), turns=4)
    assert acts(events, "helped") == [("Bo", "Ada", 15, 20), ("Ada", "Bo", 0, 20)]
    told = [tell(e) for e in events if isinstance(e, Acted) and e.deed == "offered"]
    assert told[0] == (
        "Round 1: Bo left 15 of 20 points of the gain from trade to Ada in its best offer."
    )


@pytest.mark.parametrize("turns", [2, 6])
def test_wholly_kind_scripts_score_1_and_wholly_unkind_ones_0(turns):
    found = {}
    for degree in (1.0, 0.0):
        game = Haggling(rounds=8, turns=turns, impossible=0)
        agents = {n: Partner(n, Constant(degree=degree), SeedTree(2).child(n)) for n in PLAYERS}
        log = EventLog()
        assert asyncio.run(play(game, agents, log, SeedTree(0))) is None
        found[degree] = {(e.actor, e.kindness) for e in log.of(Acted)}
    assert found == {d: {("Ada", d), ("Bo", d)} for d in (1.0, 0.0)}


def test_offers_go_back_and_forth_and_the_last_one_counts():
    events, asks = haggle(state(40), state(60), offer(80), offer(20), offer(70), offer(52), YES)
    assert paid(events) == {"Ada": 8, "Bo": 12}
    turns = [ask for ask in asks if STATE not in [move.name for move in ask.moves]]
    assert [ask.agent for ask in turns] == ["Bo", "Ada", "Bo", "Ada", "Bo"]
    moves = [{move.name for move in ask.moves} for ask in turns]
    # 80 is a loss to Ada, 20 to Bo, 70 to Ada; only 52 can be accepted.
    assert [ACCEPT in names for names in moves] == [False, False, False, False, True]
    assert "Turn 1: you offered 80.\nTurn 2: Ada offered 20.\n" in asks[-1].text
    assert "The offer of 70 would be a loss to you, so you cannot accept it." in turns[3].text
    assert "The offer of 52 stands: call `accept_offer`" in turns[4].text


def test_an_offer_stands_for_the_next_turn_alone():
    _, asks = haggle(state(40), state(60), offer(55), LAPSE, LAPSE, offer(58), BYE, turns=6)
    names = [[move.name for move in ask.moves] for ask in asks[2:]]
    assert names == [
        [OFFER, WALK],
        [ACCEPT, OFFER, WALK],
        [OFFER, WALK],  # Ada made no move, so there is nothing to accept
        [OFFER, WALK],  # nor is the 55 of two turns before
        [ACCEPT, OFFER, WALK],
    ]
    assert "Turn 2: Ada made no move." in asks[4].text


@pytest.mark.parametrize(
    ("replies", "walker"),
    [
        ((BYE,), "Bo"),
        ((offer(50), BYE), "Ada"),
        ((offer(50), offer(45), BYE), "Bo"),
    ],
)
def test_who_walks_away_leaves_nothing_to_anyone(replies, walker):
    events, _ = haggle(state(40), state(60), *replies)
    assert paid(events) == {"Ada": 0, "Bo": 0}
    other = "Ada" if walker == "Bo" else "Bo"
    assert acts(events, "helped") == [(walker, other, 0, 20)]


def test_the_turns_run_out():
    events, asks = haggle(state(40), state(60), offer(60), offer(40), turns=2)
    assert paid(events) == {"Ada": 0, "Bo": 0}
    assert acts(events, "helped") == [("Bo", "Ada", 0, 20), ("Ada", "Bo", 0, 20)]
    assert "This is the last turn" in asks[-1].text
    assert "This is the last turn" not in asks[-2].text


def test_who_made_no_offer_has_withheld_nothing_when_turns_run_out():
    events, _ = haggle(state(40), state(60), LAPSE, offer(40), turns=2)
    assert acts(events, "helped") == [("Ada", "Bo", 0, 20)]
    events, _ = haggle(LAPSE, LAPSE, LAPSE, LAPSE, turns=2)
    assert not [e for e in events if isinstance(e, Acted | Moved)]


def test_where_there_is_no_surplus_nobody_can_leave_any():
    events, asks = haggle(state(60), state(40), offer(60), offer(40), BYE, cost=60, value=40)
    assert paid(events) == {"Ada": 0, "Bo": 0}
    assert not acts(events, "helped")
    assert not [move for ask in asks for move in ask.moves if move.name == ACCEPT]


@pytest.mark.parametrize(
    ("first", "second", "lies"),
    [
        (state(40), state(60), [("Bo", "Ada", 0, 1), ("Ada", "Bo", 0, 1)]),
        (state(41), state(60), [("Bo", "Ada", 1, 1), ("Ada", "Bo", 0, 1)]),
        (state(39), state(59), [("Bo", "Ada", 1, 1), ("Ada", "Bo", 1, 1)]),
        (LAPSE, state(80), [("Ada", "Bo", 1, 1)]),
        (Refused(by="model", reason="no"), LAPSE, []),
    ],
)
def test_a_statement_is_a_truth_or_a_lie_and_no_statement_is_neither(first, second, lies):
    events, _ = haggle(first, second, BYE)
    assert acts(events, "lied") == lies


@examples(80)
@given(GAMES, SEEDS, st.data())
def test_it_ends_and_a_deal_shares_out_the_surplus_for_every_sequence_of_answers(game, seed, data):
    stated, ends = {}, {}

    def choose(ask):
        answer = data.draw(answers(ask))
        if ask.moves[0].name == STATE and isinstance(answer, Chosen):
            stated[ask.round, ask.agent] = answer.arguments["price"]
        if isinstance(answer, Chosen) and answer.move in (ACCEPT, WALK):
            assert ask.round not in ends
            ends[ask.round] = answer.move
        return answer

    events, asks = drive(game, choose, seed)
    for number in range(1, game.rounds + 1):
        trade = game.trade(number, PLAYERS, SeedTree(seed))
        points = paid(events, number)
        assert list(points) == list(PLAYERS)
        assert min(points.values()) >= 0
        deal = ends.get(number) == ACCEPT
        assert sum(points.values()) == (trade.surplus if deal else 0)
        turns = [ask for ask in asks if ask.round == number and ask.moves[0].name != STATE]
        assert 1 <= len(turns) <= game.turns
        if number not in ends:
            assert len(turns) == game.turns
    lies = [e for e in events if isinstance(e, Acted) and e.act.value == "lied"]
    assert {(e.round, e.actor): e.amount for e in lies} == {
        (number, who): price != game.trade(number, PLAYERS, SeedTree(seed)).limit(who)
        for (number, who), price in stated.items()
    }


@given(GAMES, SEEDS, st.data())
def test_nobody_can_offer_or_accept_a_loss(game, seed, data):
    offered = {}

    def choose(ask):
        trade = game.trade(ask.round, PLAYERS, SeedTree(seed))
        for move in ask.moves:
            if move.name == OFFER:
                (price,) = move.fields
                assert game.low <= price.low <= price.high <= game.high
                assert trade.gain(ask.agent, price.low) >= 0
                assert trade.gain(ask.agent, price.high) >= 0
                outside = price.high + 1 if ask.agent == trade.buyer else price.low - 1
                assert trade.gain(ask.agent, outside) < 0
            if move.name == ACCEPT:
                assert trade.gain(ask.agent, offered[ask.round]) >= 0
        answer = data.draw(answers(ask))
        if isinstance(answer, Chosen) and answer.move == OFFER:
            offered[ask.round] = answer.arguments["price"]
        return answer

    drive(game, choose, seed)


@given(GAMES, SEEDS)
def test_the_kindest_tell_the_truth_and_the_unkindest_lie_legally(game, seed):
    def choose(ask):
        trade = game.trade(ask.round, PLAYERS, SeedTree(seed))
        if ask.moves[0].name == STATE:
            assert ask.moves[0].toward(1.0)["price"] == trade.limit(ask.agent)
            lie = ask.moves[0].toward(0.0)["price"]
            assert lie != trade.limit(ask.agent)
            assert game.low <= lie <= game.high
        return toward(ask)

    events, _ = drive(game, choose, seed)
    assert not [e for e in events if isinstance(e, Acted) and e.act.value == "lied" and e.amount]


@pytest.mark.parametrize(
    ("cost", "value", "seller", "buyer"),
    [(40, 60, 80, 20), (80, 60, 20, 20), (40, 20, 80, 80)],
)
def test_a_bluff_asks_most_unless_the_limit_is_there_already(cost, value, seller, buyer):
    trade = Trade(number=1, seller="Bo", buyer="Ada", cost=cost, value=value)
    game = Haggling()
    assert (game.bluff(trade, "Bo"), game.bluff(trade, "Ada")) == (seller, buyer)


@given(GAMES)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game):
    numbers = [int(n) for n in re.findall(r"\d+", game.rules("Ada", PLAYERS))]
    assert numbers == [game.rounds, game.low, game.high, game.turns, game.low, game.high, 0]


def test_the_rules_say_whether_a_deal_is_always_possible():
    assert "costs more than it is worth" in Haggling().rules("Ada", PLAYERS)
    never = Haggling(impossible=0).rules("Ada", PLAYERS)
    assert "In every round the item is worth more than it costs." in never
    assert "costs more" not in never
    assert "\n\n" not in never
    assert "You and Ada work through" in Haggling().rules("Bo", PLAYERS)


@pytest.mark.parametrize(
    "wrong",
    [{"low": 50, "high": 50}, {"rounds": 0}, {"turns": 1}, {"impossible": 1.1}, {"low": -1}],
)
def test_numbers_that_cannot_be_played_are_refused(wrong):
    with pytest.raises(ValidationError):
        Haggling(**wrong)


def test_the_narrowest_range_can_be_played():
    game = Haggling(low=0, high=1, impossible=0, rounds=2)
    events, _ = drive(game, toward)
    assert sum(paid(events).values()) == 1


def test_a_limit_is_shown_to_nobody_but_its_owner_while_the_round_lasts():
    _, asks = haggle(state(33), state(77), offer(50), YES)
    for ask in asks:
        assert ("60" in ask.text) == (ask.agent == "Ada")
        assert ("40" in ask.text) == (ask.agent == "Bo")
    assert "You stated a limit of 33. Ada stated a limit of 77." in asks[2].text
    # The statements themselves are made without knowing the other's.
    assert "77" not in asks[0].text
    assert "33" not in asks[1].text


@pytest.mark.parametrize(
    ("replies", "first"),
    [
        (
            (state(45), state(60), offer(50), YES),
            "a deal at 50. The item cost you 40 and was worth 60 to Ada. You had stated a limit of "
            "45, Ada a limit of 60. Points for you 10, points for Ada 10.",
        ),
        (
            (state(45), LAPSE, BYE),
            "you walked away. The item cost you 40 and was worth 60 to Ada. You had stated a limit "
            "of 45, Ada no limit. Points for you 0, points for Ada 0.",
        ),
        (
            (LAPSE, state(60), offer(44), BYE),
            "Ada walked away. The item cost you 40 and was worth 60 to Ada. You had stated no "
            "limit, Ada a limit of 60. Points for you 0, points for Ada 0.",
        ),
        (
            (state(40), state(60), offer(44), LAPSE),
            "the turns ran out without a deal. The item cost you 40 and was worth 60 to Ada. You "
            "had stated a limit of 40, Ada a limit of 60. Points for you 0, points for Ada 0.",
        ),
    ],
)
def test_how_a_round_came_out_is_told_in_the_next(replies, first):
    left = [*replies, LAPSE, LAPSE, BYE]
    _, asks = drive(Fixed(rounds=2, turns=2), lambda ask: left.pop(0))
    told = {ask.agent: ask.text.splitlines()[0] for ask in asks if STATE in ask.text}
    assert told["Bo"] == f"Round 1 is over: {first}"
    assert "The item was worth 60 to you and cost Bo 40." in told["Ada"]


def test_acts_are_told_in_words_that_name_both():
    events, _ = haggle(state(41), state(60), offer(45), YES)
    assert [tell(act).strip() for act in events if isinstance(act, Acted)] == [
        "Round 1: Bo gave 0 of 1 true limits to Ada.",
        "Round 1: Ada gave 1 of 1 true limits to Bo.",
        "Round 1: Bo left 15 of 20 points of the gain from trade to Ada.",
        "Round 1: Ada gave 1 of 1 agreements to the price offered by Bo.",
    ]


def test_talks_keep_what_was_offered():
    talks = Talks().after("Bo", offer(50)).after("Ada", LAPSE)
    assert talks.turns == (("Bo", 50), ("Ada", None))
    assert talks.standing is None
    assert not talks.over
    assert talks.after("Bo", BYE).walked == "Bo"
    assert Talks().after("Bo", offer(50)).after("Ada", YES).price == 50


def test_lapses_alone_run_the_turns_out():
    events, asks = drive(Haggling(rounds=2, turns=3), lambda ask: LAPSE)
    assert len(asks) == 2 * (2 + 3)
    assert len([e for e in events if isinstance(e, Lapsed)]) == len(asks)


@pytest.mark.parametrize(("degree", "points"), [(1.0, 20), (0.0, 0)])
def test_scripted_partners_find_a_deal_if_they_are_kind(degree, points):
    agents = {
        name: Partner(name, Constant(degree=degree), SeedTree(2).child(name)) for name in PLAYERS
    }
    log = EventLog()
    assert asyncio.run(play(Fixed(rounds=1), agents, log, SeedTree(0))) is None
    assert sum(e.points for e in log.of(Paid)) == points


def test_it_is_played_through_tools_and_what_is_said_is_heard_in_the_next_turn():
    lines = {
        "Bo": [(STATE, {"price": 40}), (OFFER, {"price": 50})],
        "Ada": [(STATE, {"price": 60}), (ACCEPT, {})],
    }
    heard = []

    def script(name):
        def act(text, tools, turn):
            heard.append((name, text))
            return Line(said=f"{name} says {turn}", calls=(lines[name][turn],))

        return Scripted(name, act)

    log = EventLog()
    agents = {name: script(name) for name in PLAYERS}
    assert asyncio.run(play(Fixed(rounds=1), agents, log, SeedTree(0))) is None
    assert paid(log.events) == {"Ada": 10, "Bo": 10}
    assert len(log.of(Said)) == 4
    assert "Bo says 1" in heard[-1][1]
