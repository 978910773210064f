"""The event log: the only truth about a trial. Everything else is a view of it."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Annotated, TypeVar, get_args

from pydantic import Field, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from peersim.events.base import Event
from peersim.events.calls import Called, Thought, Used, Wrote
from peersim.events.deeds import Acted, Checked, Lapsed, Moved, Paid
from peersim.events.marks import Appointed, Began, Delayed, Ended, Enrolled, Remembered, RoundBegan
from peersim.events.talk import Noted, Said

AnyEvent = Annotated[
    Said
    | Noted
    | Moved
    | Acted
    | Paid
    | Lapsed
    | Checked
    | Called
    | Used
    | Wrote
    | Thought
    | Enrolled
    | Appointed
    | Began
    | RoundBegan
    | Delayed
    | Remembered
    | Ended,
    Field(discriminator="kind"),
]
EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
_KINDS = frozenset(get_args(get_args(AnyEvent)[0]))


class _Happened:
    """Lets a tuple of events pass as it is: each was looked into when it was made.

    Each is written by its own rules, without asking which of the union it is.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        read = handler(source)
        made = core_schema.no_info_wrap_validator_function(self._pass, read)
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=made,
            serialization=core_schema.simple_ser_schema("any"),
        )

    @staticmethod
    def _pass(value: object, validate: Callable[[object], object]) -> object:
        known = type(value) is tuple and _KINDS.issuperset(map(type, value))
        return value if known else validate(value)


Events = Annotated[tuple[AnyEvent, ...], _Happened()]

E = TypeVar("E", bound=Event)


@lru_cache(maxsize=4096)
def event_id(position: int) -> str:
    """Return the id of the event at a position of the log, such as ``e12``."""
    return f"e{position}"


class EventLog:
    """An append-only sequence of events; an event's id is its position.

    A log that shows another one, changed, keeps the ids that its events have there.
    """

    def __init__(self, events: Iterable[AnyEvent] = (), ids: Iterable[str] | None = None) -> None:
        """Start a log from events that already happened, in their order.

        Args:
            events: The events.
            ids: Their ids, if they are not their positions.
        """
        self._events: list[AnyEvent] = list(events)
        self._ids = None if ids is None else list(ids)

    @classmethod
    def showing(cls, items: Iterable[tuple[str, AnyEvent]]) -> "EventLog":
        """Return a log of events under ids of their own."""
        kept = list(items)
        return cls([event for _, event in kept], [name for name, _ in kept])

    def append(self, event: AnyEvent) -> str:
        """Add an event at the end and return its id."""
        self._events.append(event)
        name = event_id(len(self._events) - 1)
        if self._ids is not None:
            self._ids.append(name)
        return name

    def extend(self, events: Iterable[AnyEvent]) -> None:
        """Add events at the end, in order."""
        known = len(self._events)
        self._events.extend(events)
        if self._ids is not None:
            self._ids.extend(map(event_id, range(known, len(self._events))))

    @property
    def events(self) -> tuple[AnyEvent, ...]:
        """All events so far, in order."""
        return tuple(self._events)

    def of(self, kind: type[E]) -> tuple[E, ...]:
        """Return the events of one type, in order."""
        return tuple([event for event in self._events if type(event) is kind])

    def items(self) -> Iterator[tuple[str, AnyEvent]]:
        """Iterate over ids and events, in order."""
        if self._ids is not None:
            return zip(list(self._ids), list(self._events), strict=True)
        return zip(map(event_id, range(len(self._events))), list(self._events), strict=True)

    def fork(self) -> "EventLog":
        """Return a log that begins with the same events and goes its own way."""
        return EventLog(self._events, self._ids)

    def __len__(self) -> int:
        """The number of events so far."""
        return len(self._events)
