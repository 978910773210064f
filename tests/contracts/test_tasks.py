"""What every task must keep, whatever its rules, in groups of every size it is for."""

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.few import examples
from support.kinds import kinds
from support.moves import answers, toward

from peersim.agents.scripted import Line, Scripted
from peersim.answers import Refused
from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.events.log import EVENTS, EventLog
from peersim.events.marks import RoundBegan
from peersim.events.talk import Said
from peersim.history.live import rules_text
from peersim.memory.telling import tell
from peersim.relations.rules import PAYOFF
from peersim.seeding import SeedTree
from peersim.tasks.chances import chances
from peersim.tasks.kinds import AnyTask
from peersim.tasks.pairs import begin
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Chance, Constant, Schedule

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
ASK_LIMIT = 10_000
OUTPUTS = ((1,), (0,))  # what all code comes to where none is run
LARGE = 8  # so many take their time
CASES = [
    pytest.param(kind(), NAMES[:size], topology, marks=pytest.mark.slow if size == LARGE else ())
    for kind in kinds(AnyTask)
    for size, topology in ((2, "all"), (3, "ring"), (4, "all"), (8, "star"))
    if kind.group[0] <= size
    and (size <= kind.group[1] or kind.group[1] == 2)
    and (topology == "all" or kind.group[1] == 2)
]

pytestmark = pytest.mark.parametrize(
    ("task", "players", "topology"), CASES, ids=lambda x: getattr(x, "kind", str(x)[:12])
)


def drive(task, players, topology, choose, seed=0):
    events, asks = [], []
    run = begin(task, players, topology, SeedTree(seed))
    step = next(run)
    for _ in range(ASK_LIMIT):
        events.extend(step.events)
        asks.extend(step.asks)
        assert len({ask.agent for ask in step.asks}) == len(step.asks)
        try:
            found = [check.verdict(OUTPUTS) for check in step.checks]
            events.extend(found)
            step = run.send((*(choose(ask) for ask in step.asks), *found))
        except StopIteration:
            return events, asks
    raise AssertionError("the task does not end")


class Noting(Schedule):
    """A schedule that can be asked what it last said."""

    def share(self, chance, received, seeds):
        found = super().share(chance, received, seeds)
        said.append(found)
        return found


said = []


def scheduled(task, players, topology, schedule, choose):
    """What the second player's schedule says at each chance, whatever the others choose."""
    peer, found = Partner(players[1], schedule, SeedTree(3)), {}

    def answer(ask):
        if ask.agent != players[1]:
            return choose(ask)
        chosen, _ = peer.answer(ask, ())
        if any(move.directed for move in ask.moves):
            series = (ask.partners, ask.scripted)
            earlier = sum(key[:3] == (*series, ask.round) for key in found)
            place = earlier if ask.place is None else ask.place
            assert found.setdefault((*series, ask.round, place), said[-1]) == said[-1]
        return chosen

    drive(task, players, topology, answer)
    return found


@pytest.mark.few(8)
@settings(max_examples=8)
@given(data=st.data(), order=st.sampled_from(["random", "kind_first", "kind_last"]))
def test_nobody_else_decides_what_a_schedule_says_at_any_chance(
    task, players, topology, data, order
):
    schedule = Noting(dose=0.5, block=2, order=order)
    assigned = scheduled(task, players, topology, schedule, toward)
    for series, many in chances(task, players, topology).items():
        if series.agent == players[1]:
            own = [s for key, s in assigned.items() if key[:2] == (series.partners, series.moves)]
            # Where a stock can be used up, the play may end before its time.
            assert task.kind == "commons" or (len(own), sum(own)) == (many, many / 2)
    done = scheduled(task, players, topology, schedule, lambda ask: data.draw(answers(ask)))
    assert task.kind == "commons" or done.keys() <= assigned.keys()
    assert all(assigned.get(key, share) == share for key, share in done.items())


async def run_nothing(check):
    return check.verdict(OUTPUTS)


def refuse(ask):
    return Refused(by="model", reason="no")


@examples(25)
@given(data=st.data())
def test_it_ends_and_its_events_are_sound_for_every_sequence_of_answers(
    task, players, topology, data
):
    events, asks = drive(task, players, topology, lambda ask: data.draw(answers(ask)))
    assert asks
    assert EVENTS.validate_json(EVENTS.dump_json(tuple(events))) == tuple(events)
    for act in (e for e in events if isinstance(e, Acted)):
        assert {act.actor, act.target} <= set(players)
        assert act.actor != act.target
        assert act.amount <= act.maximum
    assert all(e.points >= 0 for e in events if isinstance(e, Paid))
    rounds = [e.round for e in events if isinstance(e, RoundBegan)]
    assert rounds == list(range(1, len(rounds) + 1))


def test_who_never_moves_is_never_paid(task, players, topology):
    events, asks = drive(task, players, topology, refuse)
    assert len([e for e in events if isinstance(e, Lapsed)]) == len(asks)
    assert not [e for e in events if isinstance(e, Moved | Acted)]
    assert sum(e.points for e in events if isinstance(e, Paid)) == 0


@pytest.mark.parametrize("seed", [0, 5])
def test_the_same_answers_and_seed_give_the_same_game(task, players, topology, seed):
    once = drive(task, players, topology, toward, seed)
    assert drive(task, players, topology, toward, seed) == once


def test_its_texts_name_the_others_and_the_moves_and_no_experiment(task, players, topology):
    for choose in (refuse, toward):
        _, asks = drive(task, players, topology, choose)
        for ask in asks:
            text = rules_text(task, ask.agent, players, topology) + ask.text
            assert all(name in text for name in ask.partners)
            assert any(name in text for name in players if name != ask.agent)
            assert all(move.name in ask.text for move in ask.moves)
            assert not re.search(r"(?i)experiment|research|study|\btest|simulat", text)


def test_a_single_round_is_told_in_the_singular(task, players, topology):
    once = task.model_copy(update={"rounds": 1})
    opening = rules_text(once, players[0], players, topology).split(". ")
    found = [
        one for one in opening[:3] if re.search(r"\b1 \D*(?:round|report|sheet|function)", one)
    ]
    assert found
    assert not re.search(r"\b1 [^,.]*(?:rounds|reports|sheets|functions)\b", found[0])


def test_kind_and_unkind_moves_are_legal_and_show_in_the_acts(task, players, topology):
    found = {}
    for share in (0.0, 0.5, 1.0):
        events, asks = drive(task, players, topology, lambda ask, s=share: toward(ask, s))
        for ask in asks:
            for move in ask.moves:
                assert move.problem(move.toward(share)) is None
        found[share] = [e.kindness for e in events if isinstance(e, Acted)]
    if any(move.directed for move in asks[0].moves):
        assert found[1.0]
        assert mean(found[1.0]) > mean(found[0.0])


def mean(values):
    return sum(values) / len(values) if values else 0.0


@settings(max_examples=8)
@given(data=st.data())
def test_what_is_told_of_a_round_is_what_it_paid(task, players, topology, data):
    if task.kind == "trust_game" or len(players) > task.group[1]:
        return  # tells what was sent and given back, which pay in sum; and pairs are told apart
    events, asks = drive(task, players, topology, lambda ask: data.draw(answers(ask)))
    paid = {(e.round, e.agent): e.points for e in events if isinstance(e, Paid)}
    for ask in asks:
        told = re.search(rf"Round {ask.round - 1} is over(?:.|\n)*?(?=\nRound |\Z)", ask.text)
        points = paid.get((ask.round - 1, ask.agent))
        if told and points:
            numbers = {float(n) for n in re.findall(r"\d+(?:\.\d+)?", told[0])}
            assert points in numbers


def test_its_acts_say_what_they_passed_on(task, players, topology):
    for share in (0.0, 0.5, 1.0):
        events, _ = drive(task, players, topology, lambda ask, s=share: toward(ask, s))
        acts = [e for e in events if isinstance(e, Acted) and e.act in PAYOFF]
        # Units spared in a commons are passed on to nobody by name.
        assert all(e.points is not None for e in acts if e.deed != "spared")


def test_its_acts_can_be_told(task, players, topology):
    for share in (0.0, 1.0):
        events, _ = drive(task, players, topology, lambda ask, s=share: toward(ask, s))
        for act in (e for e in events if isinstance(e, Acted)):
            assert act.actor in tell(act)
            assert act.target in tell(act)


def test_it_is_played_through_tools(task, players, topology):
    def script(text, tools, turn):
        found = next(ask for ask in asked if ask.text in text)
        move = toward(found)
        return Line(said="here", calls=((move.move, move.arguments),))

    _, asked = drive(task, players, topology, toward)
    log = EventLog()
    agents = {name: Scripted(name, script) for name in players}
    assert asyncio.run(play(task, agents, log, SeedTree(0), topology, run_nothing)) is None
    assert log.of(Moved)
    assert len(log.of(Said)) == len(log.of(Moved))
    assert not log.of(Lapsed)


def test_scripted_partners_play_it_alike_whoever_else_does(task, players, topology):
    logs = []
    for _ in range(2):
        log = EventLog()
        scripts = [Chance(says="fitting"), *[Constant(says="warm")] * (len(players) - 1)]
        seeds = SeedTree(3).child("script")
        agents = {
            name: Partner(name, script, seeds.child(name))
            for name, script in zip(players, scripts, strict=True)
        }
        assert asyncio.run(play(task, agents, log, SeedTree(0), topology, run_nothing)) is None
        logs.append(log.events)
    assert logs[0] == logs[1]
    assert not [e for e in logs[0] if isinstance(e, Lapsed)]
