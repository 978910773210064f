"""The task port: a generator that yields what happened and what it asks, and gets answers."""

from collections.abc import Generator
from typing import ClassVar, NamedTuple, Protocol

from peersim.answers import Answer
from peersim.events.deeds import Checked
from peersim.events.log import AnyEvent
from peersim.seeding import SeedTree
from peersim.tasks.checks import Check
from peersim.tasks.moves import Move


class Ask(NamedTuple):
    """A question to one agent: a text, and the moves it may make in answer.

    Attributes:
        partners: Whom the move is directed at; scripted partners answer to what these did.
            Empty for all the others.
        hearers: Who hears what the agent says with its move; None for all the others.
        scripted: The moves that scripted partners choose among, from the kindest to the least
            kind; empty for all, in their order. They count their chances apart for each such
            choice, so it is named where one player has more than one kind of move.
        place: Which of the player's chances of this kind it is, from 0, if every one before could
            be taken. To be given where others decide whether a chance comes, so that one that
            could not be taken uses its place up; None to count those that came.
    """

    agent: str
    round: int
    text: str
    moves: tuple[Move, ...]
    partners: tuple[str, ...] = ()
    hearers: tuple[str, ...] | None = None
    scripted: tuple[str, ...] = ()
    place: int | None = None


class Step(NamedTuple):
    """One step of a task: what happened since the last, and who is asked now, all at once.

    Attributes:
        checks: Code to be run when all have answered.
    """

    events: tuple[AnyEvent, ...] = ()
    asks: tuple[Ask, ...] = ()
    checks: tuple[Check, ...] = ()


# What a step gets: an answer per ask, then what became of each check, both in their order.
Replies = tuple[Answer | Checked, ...]
Play = Generator[Step, tuple[Answer, ...], None]
# A play with checks. It is a play too, to which only those replies come that it calls for.
CheckedPlay = Generator[Step, Replies, None]


class Task(Protocol):
    """A shared activity with exact payoffs. It does no IO and asks by yielding.

    Attributes:
        group: The least and the most players it is for. A task for exactly two is played by
            larger groups in pairs.
    """

    group: ClassVar[tuple[int, int]]

    @property
    def kind(self) -> str:
        """The task's name."""
        ...

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player, rendered from the payoff numbers."""
        ...

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play once. Each yielded step gets one answer per ask, in the order of the asks.

        A task whose steps have checks is a ``CheckedPlay``: their results come after the answers.
        """
        ...
