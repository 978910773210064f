"""How faithful a recollection is to the history that it cites."""

import re
from collections.abc import Iterable

from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent
from peersim.events.marks import Remembered
from peersim.frozen import Frozen
from peersim.memory.telling import heard_by

_WORD = re.compile(r"\w+")
_FROM = re.compile(r"\b(?:from|by|of) (\w+)")


class Fidelity(Frozen):
    """What a recollection kept of a history, by its citations.

    Attributes:
        items: Items remembered.
        acts: Acts in the history.
        omitted: Acts that no item cites.
        invented: Citations of events that do not exist.
        misattributed: Items that cite acts but have somebody else do them.
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
    """Return whether an item cites acts and has somebody else do them.

    Who does it is who is named first, or after "from" or "by". An item about several who did
    something is right with any of them.
    """
    actors = {acts[name].actor for name in item.cites if name in acts}
    if not actors:
        return False
    everyone = {who for act in acts.values() for who in (act.actor, act.target)}
    own = {"I", "my", "My", "me"}
    named = _named_first(item.text, everyone | own)
    doers = {agent if name in own else name for name in (named, *_after_from(item.text, everyone))}
    return not doers & actors


def _named_first(text: str, names: set[str]) -> str | None:
    found = (word[0] for word in _WORD.finditer(text) if word[0] in names)
    return next(found, None)


def _after_from(text: str, names: set[str]) -> set[str]:
    """Return the names after "from" or "by": "Rowan got 5 points from Linden"."""
    return {found[1] for found in _FROM.finditer(text) if found[1] in names}
