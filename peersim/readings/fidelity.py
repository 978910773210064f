"""How faithful a recollection is to the history that it cites."""

import re
from collections.abc import Iterable

from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent
from peersim.events.marks import Remembered
from peersim.frozen import Frozen
from peersim.memory.telling import heard_by


class Fidelity(Frozen):
    """What a recollection kept of a history, by its citations.

    Attributes:
        items: Items remembered.
        acts: Acts in the history.
        omitted: Acts that no item cites.
        invented: Citations of events that do not exist.
        misattributed: Items that cite acts but name none of those who did them.
        words: Words in all items.
    """

    items: int
    acts: int
    omitted: int
    invented: int
    misattributed: int
    words: int

    @property
    def kept_share(self) -> float | None:
        """The share of acts that some item cites; None in a history without acts."""
        return 1 - self.omitted / self.acts if self.acts else None


def fidelity(
    shown: Iterable[tuple[str, AnyEvent]], remembered: tuple[Remembered, ...], agent: str
) -> Fidelity:
    """Compare what was remembered with the history that its author was shown.

    Args:
        shown: The events with their ids, as a transform showed them.
        remembered: The items, each with its citations.
        agent: Who remembers; acts that it could not witness are none to be kept.
    """
    known = dict(shown)
    acts = {
        name: event
        for name, event in known.items()
        if isinstance(event, Acted) and heard_by(event, agent)
    }
    cited = {name for item in remembered for name in item.cites}
    return Fidelity(
        items=len(remembered),
        acts=len(acts),
        omitted=len(acts.keys() - cited),
        invented=sum(name not in known for item in remembered for name in item.cites),
        misattributed=sum(_misattributed(item, acts, agent) for item in remembered),
        words=sum(len(item.text.split()) for item in remembered),
    )


def _misattributed(item: Remembered, acts: dict[str, Acted], agent: str) -> bool:
    """Return whether an item cites acts and names none who did them, under any name."""
    actors = {acts[name].actor for name in item.cites if name in acts}
    names = actors | ({"I"} if agent in actors else set())
    return bool(actors) and not any(re.search(rf"\b{re.escape(n)}\b", item.text) for n in names)
