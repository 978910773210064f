"""Events told as sentences, the same for every kind of memory."""

from functools import lru_cache
from typing import Literal

from peersim.events.deeds import Acted, Lapsed, Paid
from peersim.events.log import AnyEvent, EventLog
from peersim.events.talk import Noted, Said
from peersim.memory.base import Item
from peersim.prompts.render import render

View = Literal["third", "first"]
_TEMPLATES = {
    Acted: "tell_acted.md.j2",
    Said: "tell_said.md.j2",
    Noted: "tell_noted.md.j2",
    Lapsed: "tell_lapsed.md.j2",
    Paid: "tell_paid.md.j2",
}


def tell(event: AnyEvent, me: str | None = None) -> str | None:
    """Return an event as a sentence, or None for events that nobody lives through.

    Args:
        event: The event.
        me: Who tells it as what ``I`` did; None to tell it by names alone.
    """
    if type(event) not in _TEMPLATES:
        return None
    return _sentence(_seen_by_me(event, me) if me else event)


@lru_cache(maxsize=4096)
def _sentence(event: AnyEvent) -> str:
    deed = event.deed if isinstance(event, Acted) else ""
    return render(f"deed_{deed}.md.j2" if deed else _TEMPLATES[type(event)], event=event)


def _seen_by_me(event: AnyEvent, me: str) -> AnyEvent:
    """Return an event with ``I`` and ``me`` where someone's own name stood."""
    roles = {"actor": "I", "speaker": "I", "agent": "I", "target": "me", "meeting": "me"}
    own = {role: word for role, word in roles.items() if getattr(event, role, None) == me}
    return event.model_copy(update=own) if own else event


def heard_by(event: AnyEvent, agent: str) -> bool:
    """Return whether an agent could witness an event."""
    if type(event) is Said:
        return agent == event.speaker or agent in event.to
    if type(event) is Noted:
        return agent == event.agent
    if type(event) is Acted and event.seen_by is not None:
        return agent in (event.actor, event.target, *event.seen_by)
    if (type(event) is Paid or type(event) is Lapsed) and event.seen_by is not None:
        return agent == event.agent or agent in event.seen_by
    return True


def told(log: EventLog, agent: str, view: View = "third") -> tuple[Item, ...]:
    """Return all that an agent witnessed, a sentence an event, each citing itself."""
    me = agent if view == "first" else None
    items = []
    for name, event in log.items():
        # Most events nobody lives through.
        if type(event) in _TEMPLATES and heard_by(event, agent) and (text := tell(event, me)):
            items.append(Item(text, (name,)))
    return tuple(items)
