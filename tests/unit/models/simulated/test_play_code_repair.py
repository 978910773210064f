"""The stand-in repairs and reviews code by a table of slips, as kind as its persona."""

import asyncio

import pytest
from support.stand_ins import arguments, over, played, request, tally

from peersim.events.deeds import Act, Checked, Lapsed, Paid
from peersim.models.base import Request
from peersim.models.simulated.play_code_repair import play_code_repair
from peersim.models.simulated.profile import Give
from peersim.seeding import SeedTree
from peersim.tasks.checks import Check
from peersim.tasks.code_repair import CodeRepair
from peersim.tasks.code_repair_asks import Meeting, again_ask, jobs, review_ask, submit_ask
from peersim.tasks.report_sections import reviewing
from peersim.tasks.sandbox.run import Sandbox
from peersim.tasks.shared_report import blank_sections

ALWAYS, NEVER = Give(cooperative=1, neutral=1, uncooperative=1), Give(neutral=0)
WORKING = Checked(round=1, agent="Ada", function="f", cases=(True,))


def meeting(job):
    return Meeting(round=1, rounds=2, implementer="Ada", reviewer="Bo", job=job)


def named(name):
    return meeting(next(job for job in jobs() if job.name == name))


def code_of(reply):
    name, given = arguments(reply)
    assert name == "submit_code"
    return given["code"]


def verdict(code, give, job="sum_to"):
    ask = review_ask(named(job), code, WORKING, ())
    name, given = arguments(play_code_repair(request(ask), give))
    assert name == "review_code"
    return given["verdict"]


def test_cooperative_personas_deliver_more_and_review_more_fairly(tmp_path):
    warm = played(tmp_path / "warm", CodeRepair(), "cooperative")
    cold = played(tmp_path / "cold", CodeRepair(), "uncooperative")
    for act, sign in ((Act.HELPED, 1), (Act.BLAMED, -1)):
        kind, unkind = tally(warm, act), tally(cold, act)
        assert sign * (kind.share - unkind.share) > 0.1
    points = [
        sum(e.points for events in found for e in events if isinstance(e, Paid))
        for found in (warm, cold)
    ]
    assert points[0] > 2 * points[1]
    assert not [e for events in (*warm, *cold) for e in events if isinstance(e, Lapsed)]


def test_a_kind_implementer_mends_most_functions_and_an_unkind_one_hands_them_back():
    kind, unkind = [], []
    for job in jobs():
        ask = submit_ask(meeting(job), ())
        for found, give in ((kind, ALWAYS), (unkind, NEVER)):
            code = code_of(play_code_repair(request(ask), give))
            found.append(Check(round=1, agent="Ada", code=code, function=job.name, cases=job.cases))
    assert [check.code for check in unkind] == [job.broken for job in jobs()]

    async def run_all():
        return await asyncio.gather(*map(Sandbox().run, kind))

    right = [all(checked.cases) for checked in asyncio.run(run_all())]
    # Most, not all: a stand-in that never failed would leave nothing to review.
    assert len(jobs()) / 2 < sum(right) < len(jobs())


def test_code_that_came_back_gets_another_slip_undone():
    job = named("find_place")
    first, later = submit_ask(job, ()), again_ask(job, "look again")
    one = code_of(play_code_repair(request(first), ALWAYS))
    two = code_of(play_code_repair(request(later, before=[first.text]), ALWAYS))
    assert len({one, two, job.job.broken}) == 3


def test_code_that_came_back_with_no_slip_left_is_handed_in_as_it_was():
    job = named("column_sums")
    first, later = submit_ask(job, ()), again_ask(job, "look again")
    assert code_of(play_code_repair(request(later, before=[first.text]), ALWAYS)) == job.job.broken


def test_a_fair_reviewer_trusts_a_change_and_an_unfair_one_the_reverse():
    job = named("sum_to").job
    assert verdict(job.repaired, ALWAYS) == "approve"
    assert verdict(job.broken, ALWAYS) == "send_back"
    assert verdict(job.repaired, NEVER) == "send_back"
    assert verdict(job.broken, NEVER) == "approve"
    assert verdict(job.broken.replace("    ", "        "), ALWAYS) == "send_back"


@pytest.mark.parametrize(
    ("who", "low", "high"),
    [("cooperative", 0.75, 0.95), ("neutral", 0.4, 0.6), ("uncooperative", 0.0, 0.2)],
)
def test_the_persona_is_the_chance_to_be_kind(who, low, high):
    made = over(play_code_repair, submit_ask(named("sum_to"), ()), Give(), who)
    mended = ["last + 1" in given["code"] for _, given in made]
    assert low < sum(mended) / len(mended) < high
    seen = over(play_code_repair, review_ask(named("sum_to"), "pass", WORKING, ()), Give(), who)
    fair = [given["verdict"] == "approve" for _, given in seen]
    assert low < sum(fair) / len(fair) < high


def test_every_move_is_legal_whatever_is_shown():
    job = named("clamp")
    asks = [submit_ask(job, ()), again_ask(job, "no"), review_ask(job, "\n\n", WORKING, ())]
    for ask in asks:
        for seed in range(20):
            _, given = arguments(play_code_repair(request(ask, seed=seed), Give()))
            assert ask.moves[0].problem(given) is None


def test_nothing_is_said_where_no_words_are_wanted():
    ask = submit_ask(named("clamp"), ())
    quiet = ask._replace(text=f"{ask.text} Add no words.")
    assert play_code_repair(request(ask), Give())[0]
    assert play_code_repair(request(quiet), Give())[0] == ""


def test_other_games_are_left_to_others():
    (section, _) = blank_sections(1, 1, ("Ada", "Bo"), SeedTree(0))
    ask = submit_ask(named("clamp"), ())._replace(moves=(reviewing(section),))
    assert play_code_repair(request(ask), Give()) is None
    assert play_code_repair(Request(messages=()), Give()) is None
