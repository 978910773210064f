"""The task port: a generator that yields what happened and what it asks, and gets answers."""

from collections.abc import Generator
from functools import lru_cache
from typing import Protocol

from pydantic import JsonValue

from peersim.answers import Answer
from peersim.events.log import AnyEvent
from peersim.frozen import Frozen
from peersim.models.base import ToolSpec
from peersim.seeding import SeedTree


class IntegerMove(Frozen):
    """A typed move: a tool with one whole number within bounds, directed at a named peer."""

    name: str
    description: str
    argument: str
    low: int
    high: int

    def spec(self) -> ToolSpec:
        """Return the move as a tool; equal moves give the same object."""
        return _spec(self.name, self.description, self.argument, self.low, self.high)

    def problem(self, arguments: JsonValue) -> str | None:
        """Return what is wrong with arguments, or None if they are a legal move."""
        if not isinstance(arguments, dict) or set(arguments) != {self.argument}:
            return f"{self.name} takes exactly one argument, {self.argument!r}"
        value = arguments[self.argument]
        # A bool is an int to Python, but nobody who writes true means 1.
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{self.argument!r} must be a whole number"
        if not self.low <= value <= self.high:
            return f"{self.argument!r} must lie between {self.low} and {self.high}"
        return None


# A game has few different moves and asks for them often; a spec keeps its digest too.
@lru_cache(maxsize=1024)
def _spec(name: str, description: str, argument: str, low: int, high: int) -> ToolSpec:
    number: dict[str, JsonValue] = {"type": "integer", "minimum": low, "maximum": high}
    return ToolSpec(
        name=name,
        description=description,
        parameters={
            "type": "object",
            "properties": {argument: number},
            "required": [argument],
            "additionalProperties": False,
        },
    )


class Ask(Frozen):
    """A question to one agent: a text, and the moves it may make in answer."""

    agent: str
    round: int
    text: str
    moves: tuple[IntegerMove, ...]


class Step(Frozen):
    """One step of a task: what happened since the last, and who is asked now, all at once."""

    events: tuple[AnyEvent, ...] = ()
    asks: tuple[Ask, ...] = ()


Play = Generator[Step, tuple[Answer, ...], None]


class Task(Protocol):
    """A shared activity with exact payoffs. It does no IO and asks by yielding."""

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player, rendered from the payoff numbers."""
        ...

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play once. Each yielded step gets one answer per ask, in the order of the asks."""
        ...
