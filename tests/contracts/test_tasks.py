"""What every task must keep, whatever its rules."""

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.kinds import kinds

from peersim.agents.scripted import Line, Scripted
from peersim.answers import Chosen, Refused, Unparsed
from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.events.log import EVENTS, EventLog
from peersim.events.marks import RoundBegan
from peersim.events.talk import Said
from peersim.memory.telling import tell
from peersim.seeding import SeedTree
from peersim.tasks.kinds import AnyTask
from peersim.tasks.play import play

PLAYERS = ("Ada", "Bo")
TASKS = [kind() for kind in kinds(AnyTask)]
ASK_LIMIT = 10_000

pytestmark = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)


def answers(ask):
    """Every answer that may follow an ask."""
    chosen = [
        st.integers(move.low, move.high).map(
            lambda n, move=move: Chosen(move=move.name, arguments={move.argument: n})
        )
        for move in ask.moves
    ]
    lapses = (st.just(Refused(by="model", reason="")), st.just(Unparsed(problem="", text="")))
    return st.one_of(*chosen, *lapses)


def drive(task, choose, seed=0):
    events, asks = [], []
    run = task.play(PLAYERS, SeedTree(seed))
    step = next(run)
    for _ in range(ASK_LIMIT):
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask) for ask in step.asks))
        except StopIteration:
            return events, asks
    raise AssertionError("the task does not end")


@settings(max_examples=60)
@given(data=st.data())
def test_it_ends_and_its_events_are_sound_for_every_sequence_of_answers(task, data):
    events, asks = drive(task, lambda ask: data.draw(answers(ask)))
    assert asks
    assert EVENTS.validate_json(EVENTS.dump_json(tuple(events))) == tuple(events)
    for act in (e for e in events if isinstance(e, Acted)):
        assert {act.actor, act.target} <= set(PLAYERS)
        assert act.actor != act.target
        assert act.amount <= act.maximum
    rounds = [e.round for e in events if isinstance(e, RoundBegan)]
    assert rounds == list(range(1, len(rounds) + 1))


def test_who_never_moves_is_never_paid(task):
    events, asks = drive(task, lambda ask: Refused(by="model", reason="no"))
    assert len([e for e in events if isinstance(e, Lapsed)]) == len(asks)
    assert not [e for e in events if isinstance(e, Moved | Acted)]
    assert sum(e.points for e in events if isinstance(e, Paid)) == 0


def test_the_same_answers_and_seed_give_the_same_game(task):
    def choose(ask):
        move = ask.moves[0]
        return Chosen(move=move.name, arguments={move.argument: move.high})

    assert drive(task, choose, 5) == drive(task, choose, 5)


def test_its_texts_name_the_other_and_the_moves_and_no_experiment(task):
    _, asks = drive(task, lambda ask: Refused(by="model", reason=""))
    for ask in asks:
        text = task.rules(ask.agent, PLAYERS) + ask.text
        assert next(name for name in PLAYERS if name != ask.agent) in text
        assert all(move.name in ask.text for move in ask.moves)
        assert not re.search(r"(?i)experiment|research|study|test|simulat", text)


def test_its_acts_can_be_told(task):
    def choose(ask):
        move = ask.moves[0]
        return Chosen(move=move.name, arguments={move.argument: move.high})

    acts = [e for e in drive(task, choose)[0] if isinstance(e, Acted)]
    assert acts
    for act in acts:
        assert act.actor in tell(act)
        assert act.target in tell(act)


def test_it_is_played_through_tools(task):
    def script(text, tools, turn):
        spec = tools.specs()[0]
        ((argument, schema),) = spec.parameters["properties"].items()
        return Line(said="here", calls=((spec.name, {argument: schema["maximum"]}),))

    log = EventLog()
    agents = {name: Scripted(name, script) for name in PLAYERS}
    assert asyncio.run(play(task, agents, log, SeedTree(0))) is None
    assert log.of(Moved)
    assert len(log.of(Said)) == len(log.of(Moved))
    assert not log.of(Lapsed)
