"""The stand-in works on a report: it reads the table, and is as careful as its persona is kind."""

import pytest
from support.stand_ins import arguments, over, request

from peersim.models.base import Request
from peersim.models.simulated.play_shared_report import play_shared_report
from peersim.models.simulated.profile import Give
from peersim.seeding import SeedTree
from peersim.tasks.bargain import Trade
from peersim.tasks.haggling import Haggling
from peersim.tasks.report_sections import DIVIDE, REVIEW, WRITE
from peersim.tasks.shared_report import SharedReport, blank_sections

PLAYERS = ("Ada", "Bo", "Cy")
GAME = SharedReport()
ALWAYS, NEVER = Give(neutral=1, spread=0), Give(neutral=0, spread=0)


def sections(seed):
    return blank_sections(1, 1, PLAYERS, SeedTree(seed))


def move(ask, give, **more):
    return arguments(play_shared_report(request(ask, **more), give))


def write_ask(section):
    return GAME._write_ask(1, section, None)


def review_ask(section, figure):
    written = section.model_copy(update={"figure": figure, "text": "The table gives 7."})
    return GAME._review_ask(1, written)


@pytest.mark.parametrize("seed", range(10))
def test_someone_kind_reads_every_table_rightly_and_someone_unkind_misreads_it(seed):
    for section in sections(seed):
        name, given = move(write_ask(section), ALWAYS)
        assert (name, given["figure"]) == (WRITE, section.table.right)
        _, given = move(write_ask(section), NEVER)
        assert abs(given["figure"] - section.table.right) == 1


@pytest.mark.parametrize("seed", range(5))
def test_verdicts_are_true_or_the_reverse(seed):
    for section in sections(seed):
        right = section.table.right
        told = [(right, "sound", "unsound"), (right + 1, "unsound", "sound")]
        for figure, true, untrue in told:
            ask = review_ask(section, figure)
            assert move(ask, ALWAYS) == (REVIEW, {"verdict": true, "comment": comment(true)})
            assert move(ask, NEVER)[1]["verdict"] == untrue


def comment(verdict):
    found = "the same figure" if verdict == "sound" else "another figure in the table"
    return f"I find {found}."


def test_credit_is_given_in_proportion():
    ask = GAME._divide_ask(1, "Ada", PLAYERS, sections(0))
    assert move(ask, ALWAYS) == (DIVIDE, {"credit_bo": 5, "credit_cy": 5})
    assert move(ask, NEVER) == (DIVIDE, {"credit_bo": 0, "credit_cy": 0})
    half = over(play_shared_report, ask, Give())
    assert 2 < sum(given["credit_bo"] for _, given in half) / len(half) < 3


@pytest.mark.parametrize(
    ("who", "low", "high"),
    [("cooperative", 0.75, 0.95), ("neutral", 0.4, 0.6), ("uncooperative", 0.0, 0.2)],
)
def test_the_persona_is_the_chance_to_be_right_and_true(who, low, high):
    section = sections(1)[0]
    made = over(play_shared_report, write_ask(section), Give(), who)
    right = [given["figure"] == section.table.right for _, given in made]
    assert low < sum(right) / len(right) < high
    seen = over(play_shared_report, review_ask(section, section.table.right), Give(), who)
    true = [given["verdict"] == "sound" for _, given in seen]
    assert low < sum(true) / len(true) < high


def test_every_move_is_legal_even_without_a_table():
    bare = write_ask(sections(0)[0])._replace(text="Please make a move.")
    asks = [bare, review_ask(sections(0)[0], 3), GAME._divide_ask(1, "Ada", PLAYERS, ())]
    for ask in asks:
        for seed in range(20):
            name, given = move(ask, Give(), seed=seed)
            assert name == ask.moves[0].name
            assert ask.moves[0].problem(given) is None


def test_other_games_are_left_to_others():
    trade = Trade(number=1, seller="Ada", buyer="Bo", cost=40, value=60)
    ask = Haggling()._state_ask(trade, "Ada", None)
    assert play_shared_report(request(ask), Give()) is None
    assert play_shared_report(Request(messages=()), Give()) is None
