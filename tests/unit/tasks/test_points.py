"""What an act passed on is what the payoffs say that the other got by it."""

import pytest
from support.moves import toward

from peersim.answers import Chosen
from peersim.events.deeds import Act, Acted, Paid
from peersim.seeding import SeedTree
from peersim.tasks.code_repair import CodeRepair
from peersim.tasks.code_repair_asks import REVIEW, SEND_BACK
from peersim.tasks.haggling import Haggling
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.shared_report import SharedReport
from peersim.tasks.trust_game import TrustGame
from peersim.tasks.volunteer import Volunteer

PAIR = ("Ada", "Bo")


def played(task, players=PAIR, choose=toward):
    events, run = [], task.play(players, SeedTree(0))
    step = next(run)
    while True:
        events.extend(step.events)
        found = [check.verdict([(case.output,) for case in check.cases]) for check in step.checks]
        try:
            step = run.send((*(choose(ask) for ask in step.asks), *found))
        except StopIteration:
            return events


def passed(events, actor, target, *acts):
    return [
        e.points
        for e in events
        if isinstance(e, Acted) and (e.actor, e.target) == (actor, target) and e.act in acts
    ]


def paid(events, agent):
    return [e.points for e in events if isinstance(e, Paid) and e.agent == agent]


def test_points_sent_are_what_they_became_and_points_given_back_what_they_are():
    events = played(TrustGame(rounds=1), choose=lambda ask: toward(ask, 0.5))
    assert passed(events, "Ada", "Bo", Act.HELPED) == [15]
    assert passed(events, "Bo", "Ada", Act.SHARED) == [8]
    assert paid(events, "Ada") == [10 - 5 + 8]
    assert paid(events, "Bo") == [15 - 8]


def test_a_choice_passes_on_what_the_other_got_above_the_least():
    assert passed(played(MatrixGame(rounds=1)), "Ada", "Bo", Act.HELPED) == [3]


def test_credit_is_worth_its_points():
    events = played(SharedReport(rounds=1))
    assert passed(events, "Ada", "Bo", Act.CREDITED) == [10]


def test_a_volunteer_passes_the_benefit_on():
    events = played(Volunteer(rounds=1), (*PAIR, "Cy"))
    assert passed(events, "Ada", "Cy", Act.HELPED) == [10]
    assert paid(events, "Cy") == [10 - 4]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_price_that_was_agreed_on_passes_on_what_the_other_gained(share):
    events = played(Haggling(rounds=1, impossible=0), choose=lambda ask: toward(ask, share))
    helps = [e for e in events if isinstance(e, Acted) and e.act is Act.HELPED]
    for act in helps:
        expected = paid(events, act.target)[0] if act.deed == "bargained" else 0
        assert act.points == expected


@pytest.mark.parametrize(("verdict", "points"), [("approve", 4), (SEND_BACK, -4)])
def test_a_verdict_on_working_code_passes_on_its_bonus_or_takes_its_delay(verdict, points):
    def choose(ask):
        if ask.moves[0].name == REVIEW:
            return Chosen(move=REVIEW, arguments={"verdict": verdict, "comment": "-"})
        return toward(ask)

    events = played(CodeRepair(rounds=1), choose=choose)
    assert passed(events, "Bo", "Ada", Act.BLAMED) == [points]
    assert passed(events, "Ada", "Bo", Act.HELPED) == paid(events, "Bo") == [10]
    assert paid(events, "Ada") == [10 + points]
