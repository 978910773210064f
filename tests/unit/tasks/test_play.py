"""Driving a task whose agents are asked at the same time."""

import asyncio

import pytest

from peersim.agents.base import Turn
from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.models.base import Failure
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, Step
from peersim.tasks.moves import whole_move
from peersim.tasks.play import play

MOVE = whole_move("pick", "Pick.", "n", 0, 9)
NAMES = ("Ada", "Bo", "Cy")


class AllAtOnce:
    """Every player is asked in the same step, twice."""

    group = (2, 8)

    def __init__(self):
        self.answers = []

    def play(self, players, seeds):
        for number in (1, 2):
            asks = (Ask(agent=name, round=number, text="Pick.", moves=(MOVE,)) for name in players)
            self.answers.append((yield Step(asks=tuple(asks))))
        yield Step()


class Slow:
    """Answers after a wait of its own, so that replies arrive in any order."""

    def __init__(self, name, wait, fails=False):
        self.name, self._wait, self._fails = name, wait, fails
        self.heard = []

    async def step(self, text, tools):
        self.heard.append(text)
        await asyncio.sleep(self._wait)
        if self._fails:
            failure = Failure(kind="timeout", detail="", retryable=True)
            return Turn(end="failed", failure=failure)
        tools.call("pick", {"n": len(self.name)})
        return Turn(end="acted", said=f"{self.name} speaks")


def drive(waits, failing=()):
    task, log = AllAtOnce(), EventLog()
    agents = {n: Slow(n, w, n in failing) for n, w in zip(NAMES, waits, strict=True)}
    failed = asyncio.run(play(task, agents, log, SeedTree(0)))
    return task, log, agents, failed


@pytest.mark.parametrize("waits", [(0.03, 0.02, 0.0), (0.0, 0.02, 0.03), (0.02, 0.0, 0.01)])
def test_events_stand_in_the_order_of_the_asks_however_replies_arrive(waits):
    task, log, _, failed = drive(waits)
    assert failed is None
    assert [said.speaker for said in log.of(Said)] == [*NAMES, *NAMES]
    assert [[a.arguments["n"] for a in of] for of in task.answers] == [[3, 2, 2]] * 2


def test_what_is_said_at_the_same_time_is_heard_before_the_next_move_only():
    _, _, agents, _ = drive((0.0, 0.01, 0.02))
    first, second = agents["Bo"].heard
    assert "speaks" not in first
    assert 'Ada says: "Ada speaks"' in second
    assert 'Cy says: "Cy speaks"' in second
    assert "Bo says" not in second


def test_one_failure_ends_the_task_as_data():
    task, _, _, failed = drive((0.0, 0.0, 0.0), failing=("Bo",))
    assert isinstance(failed, Failed)
    assert (failed.origin, failed.cause) == ("provider", "timeout")
    assert task.answers == []
