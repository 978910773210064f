"""The memory port: a history goes in, a recollection that cites its events comes out."""

from typing import ClassVar, Literal, NamedTuple, Protocol

from peersim.answers import Failed
from peersim.events.calls import Called
from peersim.events.log import EventLog
from peersim.frozen import Frozen
from peersim.models.line import Line


class Item(NamedTuple):
    """One thing remembered, and the ids of the events it rests on."""

    text: str
    cites: tuple[str, ...]


class Matched(Frozen):
    """Another group's past was brought to about the length of the own one, in characters.

    Attributes:
        of: What was matched: the items remembered, or the past that a model wrote them from.
        own: The length of the own one.
        before: The length of the other group's, as it was.
        after: The length that it was brought to.
        trimmed: The ids of the events that were left out, at the end.
        padded: The neutral texts that were put after it.
    """

    of: Literal["items", "past"]
    own: int
    before: int
    after: int
    trimmed: tuple[str, ...] = ()
    padded: tuple[str, ...] = ()


class Recollection(NamedTuple):
    """What a memory module makes of a history for one agent; without items there is none.

    Attributes:
        calls: The model calls that it took.
        matched: How it was brought to the length of another; None where it was not.
    """

    items: tuple[Item, ...] = ()
    calls: tuple[Called, ...] = ()
    matched: Matched | None = None


class Memory(Protocol):
    """A kind of memory.

    Attributes:
        by_model: Whether a model writes it.
    """

    by_model: ClassVar[bool]

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection | Failed:
        """Return what the agent remembers of a history.

        Args:
            log: The history; it is only read.
            agent: Who remembers.
            line: The memory role's way to its model, for kinds that need one.
        """
        ...
