"""How faithful a recollection is to the history that it cites."""

from collections.abc import Collection, Iterable, Mapping

from peersim.events.deeds import Acted, Lapsed, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import Enrolled, Remembered
from peersim.frozen import Frozen
from peersim.memory.telling import heard_by
from peersim.readings.amounts import misstated
from peersim.readings.attribution import attributed

# What can bear out that somebody did something.
_GROUNDS = (Acted, Lapsed, Paid)


class Fidelity(Frozen):
    """What a recollection kept of a history, by its citations.

    Attributes:
        items: Items remembered.
        acts: Acts in the history.
        omitted: Acts that no item cites.
        invented: Citations of events that do not exist.
        uncited: Items that cite nothing, though they ought to.
        misattributed: Items that cite acts but have somebody else do them.
        misstated: Items with an "n of m" that is neither a cited act's nor a sum of them.
        groundless: Items that say that somebody did something, and cite only events in which
            nothing is done, such as talk.
        words: Words in all items.
    """

    items: int
    acts: int
    omitted: int
    invented: int
    uncited: int
    misattributed: int
    misstated: int
    groundless: int
    words: int

    @property
    def kept_share(self) -> float | None:
        """The share of acts that some item cites; None in a history without acts."""
        return 1 - self.omitted / self.acts if self.acts else None


def fidelity(
    events: Iterable[tuple[str, AnyEvent]],
    remembered: tuple[Remembered, ...],
    agent: str,
    stated: Collection[str] = (),
) -> Fidelity:
    """Compare what was remembered with a history.

    Args:
        events: The events with their ids: as a transform showed them, or as they were lived.
        remembered: The items, each with its citations.
        agent: Who remembers; acts that it could not witness are none to be kept.
        stated: Texts that are known to rest on nothing, such as a past that is merely declared.
    """
    known = dict(events)
    acts = {
        name: event
        for name, event in known.items()
        if isinstance(event, Acted) and heard_by(event, agent)
    }
    names = _names(known.values())
    cited = {name for item in remembered for name in item.cites}
    return Fidelity(
        items=len(remembered),
        acts=len(acts),
        omitted=len(acts.keys() - cited),
        invented=sum(name not in known for item in remembered for name in item.cites),
        uncited=sum(not item.cites and item.text not in stated for item in remembered),
        misattributed=sum(_misattributed(item, acts, names, agent) for item in remembered),
        misstated=sum(misstated(item.text, _cited(item, acts)) for item in remembered),
        groundless=sum(_groundless(item, known, names, agent) for item in remembered),
        words=sum(len(item.text.split()) for item in remembered),
    )


def _names(events: Iterable[AnyEvent]) -> frozenset[str]:
    found: set[str] = set()
    for event in events:
        if isinstance(event, Enrolled):
            found.add(event.agent)
        elif isinstance(event, Acted):
            found |= {event.actor, event.target}
    return frozenset(found)


def _cited(item: Remembered, acts: Mapping[str, Acted]) -> list[Acted]:
    return [acts[name] for name in item.cites if name in acts]


def _misattributed(
    item: Remembered, acts: Mapping[str, Acted], names: Collection[str], agent: str
) -> bool:
    """Return whether an item cites acts and has somebody else do them, or done to somebody else.

    An item about several who did something is right with any of them; one that says of nobody
    that they did something blames nobody.
    """
    cited = _cited(item, acts)
    if not cited:
        return False
    said = attributed(item.text, names, agent)
    if said.doers:
        return said.doers.isdisjoint(act.actor for act in cited)
    return bool(said.receivers) and said.receivers.isdisjoint(act.target for act in cited)


def _groundless(
    item: Remembered, known: Mapping[str, AnyEvent], names: Collection[str], agent: str
) -> bool:
    cited = [known[name] for name in item.cites if name in known]
    if not cited or any(isinstance(event, _GROUNDS) for event in cited):
        return False
    return attributed(item.text, names, agent).deed
