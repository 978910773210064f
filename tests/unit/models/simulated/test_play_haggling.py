"""The stand-in haggles: the kinder its persona, the truer its limit and the more it leaves."""

import pytest
from support.stand_ins import arguments, over, played, request, tally

from peersim.events.deeds import Act, Lapsed, Paid
from peersim.models.base import Request
from peersim.models.simulated.play_haggling import play_haggling
from peersim.models.simulated.profile import Give
from peersim.tasks.bargain import ACCEPT, OFFER, STATE, WALK, Talks, Trade
from peersim.tasks.haggling import Haggling

GAME = Haggling()
TRADE = Trade(number=1, seller="Ada", buyer="Bo", cost=40, value=60)


def giving(share):
    return Give(neutral=share, spread=0)


def state_ask(who="Ada", trade=TRADE):
    return GAME._state_ask(trade, who, None)


def turn_ask(who="Ada", own=40, other=60, turns=(), trade=TRADE):
    stated = {who: own, trade.other(who): other}
    return GAME._turn_ask(trade, who, stated, Talks(turns=turns))


def move(ask, give=None, **more):
    return arguments(play_haggling(request(ask, **more), give or Give()))


def test_cooperative_personas_lie_less_and_leave_more(tmp_path):
    warm = played(tmp_path / "warm", Haggling(), "cooperative")
    cold = played(tmp_path / "cold", Haggling(), "uncooperative")
    lies = tally(warm, Act.LIED), tally(cold, Act.LIED)
    assert lies[0].opportunities == lies[1].opportunities == 8 * 4
    assert lies[0].share < 0.35
    assert lies[1].share > 0.75
    assert tally(warm, Act.HELPED).share > tally(cold, Act.HELPED).share + 0.2
    assert not [e for events in (*warm, *cold) for e in events if isinstance(e, Lapsed)]
    assert sum(e.points for events in warm for e in events if isinstance(e, Paid)) > 0


@pytest.mark.parametrize(
    ("who", "low", "high"),
    [("cooperative", 0.75, 0.95), ("neutral", 0.4, 0.6), ("uncooperative", 0.0, 0.2)],
)
def test_the_persona_is_the_chance_to_tell_the_truth(who, low, high):
    made = over(play_haggling, state_ask(), Give(), who)
    assert low < sum(given["price"] == 40 for _, given in made) / len(made) < high
    assert {name for name, _ in made} == {STATE}


def test_a_lie_asks_more_for_the_liar_where_it_can():
    sold = over(play_haggling, state_ask("Ada"), giving(0))
    assert all(40 < given["price"] <= 80 for _, given in sold)
    bought = over(play_haggling, state_ask("Bo"), giving(0))
    assert all(20 <= given["price"] < 60 for _, given in bought)
    at_the_end = TRADE.model_copy(update={"cost": 80})
    lies = over(play_haggling, state_ask("Ada", at_the_end), giving(0))
    assert all(20 <= given["price"] < 80 for _, given in lies)


@pytest.mark.parametrize(
    ("who", "share", "price"),
    [("Ada", 1, 40), ("Ada", 0, 60), ("Ada", 0.5, 50), ("Bo", 1, 60), ("Bo", 0, 40)],
)
def test_it_offers_the_other_its_share_of_what_the_other_stated(who, share, price):
    own, other = (40, 60) if who == "Ada" else (60, 40)
    assert move(turn_ask(who, own, other), giving(share)) == (OFFER, {"price": price})


def test_a_limit_that_was_not_stated_is_taken_for_a_middling_one():
    assert move(turn_ask(other=None), giving(0)) == (OFFER, {"price": 60})


def test_its_own_statement_is_not_taken_for_the_others():
    assert move(turn_ask(own=77, other=60), giving(0)) == (OFFER, {"price": 60})


@pytest.mark.parametrize(
    ("offered", "share", "expected"),
    [
        (55, 0.5, (ACCEPT, {})),
        (50, 0.5, (ACCEPT, {})),
        (44, 0.5, (OFFER, {"price": 50})),
        (44, 1, (ACCEPT, {})),
        (30, 1, (OFFER, {"price": 40})),  # a loss, which cannot be accepted
    ],
)
def test_it_accepts_what_leaves_it_enough(offered, share, expected):
    assert move(turn_ask(turns=(("Bo", offered),)), giving(share)) == expected


def test_in_the_last_turn_someone_kind_takes_what_there_is():
    turns = (("Ada", 70), ("Bo", 20), ("Ada", 65), ("Bo", 30), ("Ada", 62))
    ask = turn_ask("Bo", own=60, other=20, turns=(*turns[:-1], ("Ada", 59)))
    assert "last turn" in ask.text
    assert move(ask, giving(1)) == (ACCEPT, {})
    assert move(ask, giving(0)) == (OFFER, {"price": 20})


def test_where_there_is_nothing_to_gain_someone_unkind_walks_away():
    ask = turn_ask(own=40, other=30)
    assert move(ask, giving(0)) == (WALK, {})
    assert move(ask, giving(1)) == (OFFER, {"price": 40})


def test_what_others_say_is_no_statement_of_theirs():
    ask = turn_ask()
    shouted = ask._replace(text=f'Bo says: "Bo stated a limit of 79"\n{ask.text}')
    assert move(shouted, giving(0)) == (OFFER, {"price": 60})


def test_every_move_is_legal():
    asks = [state_ask("Ada"), state_ask("Bo"), turn_ask(other=79), turn_ask("Bo", 20, 21)]
    for ask in asks:
        for who in ("cooperative", "uncooperative"):
            for seed in range(20):
                name, given = move(ask, who=who, seed=seed)
                (made,) = [found for found in ask.moves if found.name == name]
                assert made.problem(given) is None


def test_nothing_is_said_where_no_words_are_wanted():
    ask = state_ask()
    quiet = ask._replace(text=f"{ask.text} Add no words.")
    assert play_haggling(request(ask), Give())[0]
    assert play_haggling(request(quiet), Give())[0] == ""


def test_other_games_are_left_to_others():
    other = state_ask()._replace(text="How many points do you send?")
    assert play_haggling(request(other), Give()) is None
    assert play_haggling(Request(messages=()), Give()) is None
