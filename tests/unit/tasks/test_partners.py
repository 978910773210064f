"""Scripted partners: their rules, their doses, and Axelrod's known scores through the driver."""

import asyncio
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.kinds import kinds

from peersim.events.deeds import Act, Acted, Paid
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.models.simulated.reader import tone
from peersim.seeding import SeedTree
from peersim.tasks.filler import Filler
from peersim.tasks.haggling import Haggling
from peersim.tasks.jigsaw import Jigsaw
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.partners import Partner, received_by
from peersim.tasks.play import play
from peersim.tasks.scripts import AnyScript, Chance, Constant, Grim, Schedule, TitForTat, Toward
from peersim.tasks.shared_report import SharedReport
from peersim.tasks.trust_game import TrustGame

SCRIPTS = [kind() for kind in kinds(AnyScript)]
SHARES = st.lists(st.floats(0, 1), max_size=12)


def meet(*scripts, task=None, seed=0):
    """Play scripts against each other; return the log."""
    log = EventLog()
    names = ("Ada", "Bo", "Cy", "Dee")[: len(scripts)]
    agents = {
        name: Partner(name, script, SeedTree(seed).child(name))
        for name, script in zip(names, scripts, strict=True)
    }
    assert asyncio.run(play(task or MatrixGame(rounds=10), agents, log, SeedTree(seed))) is None
    return log


def points(log):
    sums = {}
    for paid in log.of(Paid):
        sums[paid.agent] = sums.get(paid.agent, 0) + paid.points
    return tuple(sums.values())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Ten rounds of 3, 0, 5, 1: both cooperate; exploited once, then mutual defection.
        (TitForTat(), TitForTat(), (30, 30)),
        (TitForTat(), Constant(degree=0.0), (9, 14)),
        (TitForTat(patience=2), Constant(degree=0.0), (8, 18)),
        (Grim(), Constant(degree=0.0), (9, 14)),
        (Constant(degree=0.0), Constant(degree=0.0), (10, 10)),
        (Constant(), Constant(degree=0.0), (0, 50)),
        # One that opens unkindly alternates with tit for tat: five times 5, five times 0.
        (TitForTat(opening=0.0), TitForTat(), (25, 25)),
        (TitForTat(forgiving=1.0), Constant(degree=0.0), (0, 50)),
        (Grim(), TitForTat(opening=0.0), (13, 13)),
    ],
)
def test_the_known_scores_of_the_repeated_dilemma(one, other, expected):
    assert points(meet(one, other)) == expected


@pytest.mark.few(3)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: one.kind)
@given(chance=st.integers(0, 30), received=SHARES, seed=st.integers(0, 9))
def test_every_script_gives_a_share_and_the_same_again(script, chance, received, seed):
    seeds = SeedTree(seed)
    share = script.share(chance, received, seeds)
    assert 0 <= share <= 1
    assert script.share(chance, received, seeds) == share


@st.composite
def kept_doses(draw):
    block = draw(st.integers(1, 12))
    return draw(st.integers(0, block)) / block, block


@given(
    kept_doses(),
    st.sampled_from(["random", "kind_first", "kind_last"]),
    st.integers(0, 99),
)
def test_a_schedule_gives_its_exact_dose_in_every_block(found, order, seed):
    dose, block = found
    script = Schedule(dose=dose, block=block, order=order)
    for number in range(3):
        chances = range(number * block, (number + 1) * block)
        shares = [script.share(c, [], SeedTree(seed)) for c in chances]
        assert sum(shares) == pytest.approx(dose * block)
        if order != "random":
            assert shares == sorted(shares, reverse=order == "kind_first")


@pytest.mark.parametrize(
    ("dose", "block", "message"),
    [
        (0.42, 4, r"dose 0.42 .* block of 4: .* 0.25 and 0.5, .* needs a block of 50"),
        (0.9, 4, r"nearest doses are 0.75 and 1, .* 0.9 needs a block of 10"),
        (0.5, 5, r"nearest doses are 0.4 and 0.6, .* 0.5 needs a block of 2"),
        (0.12345678, 10, r"nearest doses are 0.1 and 0.2"),
    ],
)
def test_a_dose_that_its_block_cannot_keep_is_refused(dose, block, message):
    with pytest.raises(ValidationError, match=message):
        Schedule(dose=dose, block=block)


def test_doses_that_their_block_keeps_are_taken():
    for dose, block in ((0.9, 10), (0.1, 10), (0.875, 8), (1 / 3, 3), (0.7, 10), (0, 1), (1, 7)):
        assert Schedule(dose=dose, block=block).dose == dose


def test_a_random_schedule_differs_between_blocks_and_seeds():
    script = Schedule(dose=0.5, block=8)
    runs = {tuple(script.share(c, [], SeedTree(s)) for c in range(8)) for s in range(20)}
    assert len(runs) > 10


def test_the_dose_does_not_depend_on_what_was_received():
    kind, unkind = (
        [a.share for a in meet(Schedule(dose=0.5), other).of(Acted) if a.actor == "Ada"]
        for other in (Constant(), Constant(degree=0.0))
    )
    assert kind == unkind
    assert sum(kind) == 4 + 2 / 2 or sum(kind) in (4, 5, 6)


def test_chances_are_counted_apart_for_every_partner():
    log = meet(*[Schedule(dose=0.5, block=2)] * 3, task=MatrixGame(rounds=2))
    for actor in ("Ada", "Bo", "Cy"):
        for target in {"Ada", "Bo", "Cy"} - {actor}:
            acts = [a for a in log.of(Acted) if (a.actor, a.target) == (actor, target)]
            assert sum(a.share for a in acts) == 1


def test_who_else_plays_changes_nothing_in_what_a_script_draws():
    two = meet(Chance(), Constant())
    three = meet(Chance(), Constant(), Constant(degree=0.0))

    def toward_bo(log):
        return [a.share for a in log.of(Acted) if (a.actor, a.target) == ("Ada", "Bo")]

    assert toward_bo(two) == toward_bo(three)


@pytest.mark.parametrize(("says", "low", "high"), [("warm", 1, 1), ("cold", 0, 0)])
def test_talk_has_its_tone_whatever_the_deeds(says, low, high):
    log = meet(Constant(degree=0.0, says=says), Constant(says=says))
    tones = [tone(said.text) for said in log.of(Said)]
    assert len(tones) == 20
    assert {low, high} == set(tones)


def test_fitting_talk_follows_the_move_and_silence_says_nothing():
    log = meet(Schedule(dose=0.5, says="fitting"), Constant())
    spoken = [tone(said.text) for said in log.of(Said)]
    deeds = [a.share for a in log.of(Acted) if a.actor == "Ada"]
    assert spoken == deeds


def test_amounts_lie_between_the_kindest_and_the_unkindest():
    log = meet(Constant(degree=0.5), Constant(degree=0.5), task=TrustGame(rounds=1))
    assert [(a.amount, a.maximum) for a in log.of(Acted)] == [(5, 10), (8, 15)]


def test_what_was_received_turns_harm_round():
    lied = Acted(round=1, actor="Bo", target="Ada", act=Act.LIED, amount=1, maximum=1)
    gave = Acted(round=1, actor="Cy", target="Ada", act=Act.HELPED, amount=3, maximum=4)
    assert received_by("Ada", (), [lied, gave]) == (0.375,)  # a round counts once
    later = gave.model_copy(update={"round": 2})
    assert received_by("Ada", (), [lied, later]) == (0, 0.75)
    assert received_by("Ada", ("Cy",), [lied, gave]) == (0.75,)
    assert received_by("Bo", (), [lied, gave]) == ()


def gave(actor, share, number=1, **more):
    kept = {"round": number, "actor": actor, "target": "Ada", "act": Act.HELPED}
    return Acted(**kept, amount=share, maximum=1, **more)


@pytest.mark.parametrize("script", [TitForTat(), TitForTat(patience=2), Grim()], ids=str)
def test_the_order_of_seats_changes_nothing_in_what_a_script_answers(script):
    acts = [gave("Bo", 0.0), gave("Cy", 0.3), gave("Dee", 0.9)]
    found = set()
    for order in permutations(acts):
        received = received_by("Ada", (), order)
        assert received == (pytest.approx(0.4),)
        found.add((received, script.share(1, received, SeedTree(0))))
    assert len(found) == 1


def test_patience_counts_rounds_and_not_acts():
    script = TitForTat(patience=2)
    once = received_by("Ada", (), [gave(name, 0) for name in ("Bo", "Cy", "Dee")])
    twice = received_by("Ada", (), [gave("Bo", 0, number) for number in (1, 2)])
    assert script.share(1, once, SeedTree(0)) == 1
    assert script.share(1, twice, SeedTree(0)) == 0


def test_acts_with_a_middle_raise_or_lower_a_round_and_do_nothing_in_the_middle():
    def received(*shares):
        return received_by(
            "Ada", (), [gave("Bo", 0.6), *(gave("Bo", s, centred=True) for s in shares)]
        )

    assert received() == received(0.5) == received(0.5, 0.5) == (0.6,)
    assert received(0.7) == (pytest.approx(0.8),)
    assert received(0.0) == (pytest.approx(0.1),)
    assert received(1.0) == (1,)
    assert received_by("Ada", (), [gave("Bo", 0.6, centred=True)]) == (0.6,)


@pytest.mark.parametrize(
    ("task", "kinds"),
    [
        (SharedReport(rounds=4), {"review_section": "verdict", "divide_credit": "credit_bo"}),
        (Haggling(rounds=4, impossible=0), {"state_limit": "price"}),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)
def test_a_dose_holds_for_every_kind_of_move(task, kinds):
    script = Schedule(dose=0.5, block=4, order="kind_first")
    asked = []

    class Noting(Partner):
        def answer(self, ask, events):
            found = super().answer(ask, events)
            asked.append((ask, found[0]))
            return found

    def run():
        asked.clear()
        log = EventLog()
        agents = {
            "Ada": Noting("Ada", script, SeedTree(1)),
            "Bo": Partner("Bo", Constant(), SeedTree(2)),
        }
        assert asyncio.run(play(task, agents, log, SeedTree(3))) is None
        return log.events

    assert run() == run()
    for name, argument in kinds.items():
        found = [
            [chosen.arguments[argument] == move.toward(s)[argument] for s in (1.0, 0.0)]
            for ask, chosen in asked
            for move in ask.moves
            if move.name == name
        ]
        assert found == [[True, False]] * 2 + [[False, True]] * 2


@pytest.mark.parametrize("degree", [0.0, 0.4, 1.0])
def test_moves_that_are_neither_kind_nor_unkind_are_made_well(degree):
    log = meet(*[Constant(degree=degree)] * 2, task=Filler(rounds=5))
    assert {paid.points for paid in log.of(Paid)} == {Filler().points}
    log = meet(Constant(degree=degree), Constant(), task=Jigsaw(rounds=5))
    # Bo told the truth, so Ada is right, be it kind or not.
    assert {p.points for p in log.of(Paid) if p.agent == "Ada"} <= {20, 25}


def test_a_move_that_is_done_to_nobody_uses_no_chance_up():
    log = meet(Schedule(dose=0.5, block=4), Constant(), task=Jigsaw(rounds=2, numbers=2))
    lies = [a.kindness for a in log.of(Acted) if a.actor == "Ada"]
    assert sorted(lies) == [0, 0, 1, 1]


@pytest.mark.parametrize("task", [SharedReport(rounds=10), MatrixGame(rounds=10)])
def test_ties_are_assigned_one_by_one_and_exactly(task):
    ada = Toward(doses={"Bo": 0.9}, dose=0.2)
    log = meet(ada, Constant(), Constant(), task=task)
    wanted = {"Bo": 9, "Cy": 2}
    for target, kind in wanted.items():
        acts = [a for a in log.of(Acted) if (a.actor, a.target) == ("Ada", target)]
        acts = [a for a in acts if a.act is not Act.BLAMED]
        assert sum(a.share for a in acts) == kind


def test_who_has_no_dose_of_its_own_gets_the_common_one_and_seeds_do_not_change():
    seeds = SeedTree(3)
    script = Toward(doses={"Bo": 0.9}, dose=0.3)
    for chance in range(20):
        plain = Schedule(dose=0.3, block=10).share(chance, [], seeds)
        assert script.share(chance, [], seeds) == plain == script.to("Cy").share(chance, [], seeds)


def test_a_dose_towards_one_that_its_block_cannot_keep_is_refused():
    with pytest.raises(ValidationError, match="needs a block of 20"):
        Toward(doses={"Bo": 0.45})
