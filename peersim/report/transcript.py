"""A trial as a readable transcript: a view of its events."""

from collections.abc import Sequence
from typing import Literal

from peersim.events.calls import Called, Thought, Used, Wrote
from peersim.events.deeds import Acted, Checked, Lapsed, Moved, Paid
from peersim.events.log import AnyEvent, event_id
from peersim.events.marks import Appointed, Began, Delayed, Ended, Enrolled, Remembered, RoundBegan
from peersim.events.talk import Noted, Said
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.memory.telling import tell
from peersim.record import TrialRecord

Style = Literal["mark", "talk", "thought", "deed", "memory", "tool", "result", "error"]


class Passage(Frozen):
    """One passage of a transcript.

    Attributes:
        event: The id of the event it tells.
        who: Whose it is; empty for marks.
    """

    event: str
    who: str
    style: Style
    text: str


def transcript(record: TrialRecord, history: History | None) -> tuple[Passage, ...]:
    """Return a trial's passages, the history's first.

    Args:
        record: The trial.
        history: Its history; None if it was never finished.
    """
    before = history.events if history else ()
    return (*told(before, 0), *told(record.events, record.forked_at))


def told(events: Sequence[AnyEvent], start: int) -> tuple[Passage, ...]:
    """Return the passages of some events.

    Args:
        events: The events, in order.
        start: The position of the first in its log.
    """
    passages = []
    for position, event in enumerate(events, start):
        for who, style, text in _passages(event):
            passages.append(Passage(event=event_id(position), who=who, style=style, text=text))
    return tuple(passages)


def _passages(event: AnyEvent) -> list[tuple[str, Style, str]]:  # noqa: PLR0912
    """Return who, style and text of what an event shows; some events show nothing."""
    match event:
        case Began():
            return [("", "mark", event.phase)]
        case Ended():
            return [("", "mark", f"{event.phase} ended: {event.reason}")]
        case Enrolled():
            return [("", "mark", f"{event.agent} joins ({event.persona}, {event.model})")]
        case Appointed():
            return [("", "mark", f"{event.overseer} is to oversee {event.target} ({event.by})")]
        case RoundBegan():
            return [("", "mark", f"round {event.round}")]
        case Delayed():
            return [("", "mark", f"{event.rounds} rounds of work alone follow")]
        case Said():
            return [(event.speaker, "talk", event.text)]
        case Acted() | Lapsed() | Paid() | Noted():
            return [("", "deed", tell(event) or "")]
        case Checked():
            right = f"{event.passed} of {event.total} cases right {event.problem}".strip()
            return [("", "result", f"{event.function} by {event.agent}: {right}")]
        case Remembered():
            cites = " ".join(event.cites)
            return [(event.agent, "memory", f"{event.text} [{cites}]")]
        case Wrote():
            return [(event.agent, "talk", event.text)]
        case Thought():
            return [(f"{event.agent} thinks", "thought", event.text)]
        case Used():
            style: Style = "error" if event.error else "result"
            call = f"{event.tool}({event.arguments})"
            return [(event.agent, "tool", call), ("", style, event.result)]
        case Moved() | Called():
            return []
