"""Events that mark the phases of a trial."""

from typing import Literal

from peersim.events.base import Event

Phase = Literal["interaction", "recollection", "oversight"]


class Enrolled(Event):
    """An agent joined, under a persona and on a model."""

    kind: Literal["enrolled"] = "enrolled"
    agent: str
    persona: str
    model: str


class Began(Event):
    """A phase began."""

    kind: Literal["began"] = "began"
    phase: Phase


class RoundBegan(Event):
    """A round of the task began; rounds count from 1."""

    kind: Literal["round_began"] = "round_began"
    round: int


class Delayed(Event):
    """The task is over, and rounds of work alone follow before the phase ends."""

    kind: Literal["delayed"] = "delayed"
    rounds: int


class Appointed(Event):
    """The graph of relationships decided who is overseen, and by what rule."""

    kind: Literal["appointed"] = "appointed"
    overseer: str
    target: str
    by: str


class Remembered(Event):
    """A memory module gave an agent one item to remember, resting on the cited events."""

    kind: Literal["remembered"] = "remembered"
    agent: str
    text: str
    cites: tuple[str, ...]


class Ended(Event):
    """A phase ended, and why."""

    kind: Literal["ended"] = "ended"
    phase: Phase
    reason: str
