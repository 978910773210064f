"""How many chances of each kind a task gives, so that a schedule can be held against them."""

from collections.abc import Sequence
from typing import NamedTuple

from peersim.answers import Chosen
from peersim.events.deeds import Checked
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, Task
from peersim.tasks.checks import Check
from peersim.tasks.pairs import Topology, begin
from peersim.tasks.scripts import AnyScript, Schedule, Toward


class Series(NamedTuple):
    """One agent's chances of one kind.

    Attributes:
        partners: Towards whom its moves are made.
        recipients: To whom each value of such a move goes, where each goes to another.
        moves: The moves that a script chooses among; empty for all there are.
    """

    agent: str
    partners: tuple[str, ...]
    recipients: tuple[str, ...]
    moves: tuple[str, ...]


def chances(task: Task, players: tuple[str, ...], topology: Topology) -> dict[Series, int]:
    """Return how many chances of each kind each player has, where all take all of theirs kindly."""
    places: dict[Series, set[int]] = {}
    game = begin(task, players, topology, SeedTree(0))
    step = next(game)
    while True:
        for ask in step.asks:
            if any(move.directed for move in ask.moves):
                own = places.setdefault(_series(ask), set())
                own.add(len(own) if ask.place is None else ask.place)
        try:
            step = game.send((*map(_kindest, step.asks), *map(_right, step.checks)))
        except StopIteration:
            return {series: len(own) for series, own in places.items()}


def unkept(script: AnyScript, own: dict[Series, int]) -> tuple[int, Schedule] | None:
    """Return a number of chances and a schedule that cannot keep its dose in them, if any.

    Args:
        script: What one agent moves by.
        own: The agent's chances of each kind.
    """
    pairs = ((many, one) for series, many in own.items() for one in _schedules(script, series))
    return next(((many, one) for many, one in pairs if not one.keeps(many)), None)


def _schedules(script: AnyScript, series: Series) -> Sequence[Schedule]:
    """Return the schedules that chances of one kind are used by; none if they have no dose."""
    if isinstance(script, Schedule):
        return (script,)
    if not isinstance(script, Toward):
        return ()
    if series.recipients:
        return tuple(script.to(name) for name in series.recipients)
    return (script.to(series.partners[0] if len(series.partners) == 1 else ""),)


def _series(ask: Ask) -> Series:
    recipients = next((move.recipients for move in ask.moves if move.recipients), ())
    return Series(ask.agent, ask.partners, recipients, ask.scripted)


def _kindest(ask: Ask) -> Chosen:
    names = ask.scripted or (ask.moves[0].name,)
    move = next(move for move in ask.moves if move.name == names[0])
    return Chosen(move=move.name, arguments=move.toward(1.0))


def _right(check: Check) -> Checked:
    return check.verdict([(case.output,) for case in check.cases])
