"""How faithful a recollection is to the history that it cites."""

from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent, event_id
from peersim.events.marks import Remembered
from peersim.frozen import Frozen


class Fidelity(Frozen):
    """What a recollection kept of a history, by its citations.

    Attributes:
        items: Items remembered.
        acts: Acts in the history.
        omitted: Acts that no item cites.
        invented: Citations of events that do not exist.
        misattributed: Items that cite acts but name none of those who did them.
    """

    items: int
    acts: int
    omitted: int
    invented: int
    misattributed: int

    @property
    def kept_share(self) -> float | None:
        """The share of acts that some item cites; None in a history without acts."""
        return 1 - self.omitted / self.acts if self.acts else None


def fidelity(history: tuple[AnyEvent, ...], remembered: tuple[Remembered, ...]) -> Fidelity:
    """Compare what was remembered with the history.

    Args:
        history: All events of the history, in order.
        remembered: The items, each with its citations.
    """
    acts = {event_id(i): e for i, e in enumerate(history) if isinstance(e, Acted)}
    known = {event_id(i) for i in range(len(history))}
    cited = {name for item in remembered for name in item.cites}
    return Fidelity(
        items=len(remembered),
        acts=len(acts),
        omitted=len(acts.keys() - cited),
        invented=sum(name not in known for item in remembered for name in item.cites),
        misattributed=sum(_misattributed(item, acts) for item in remembered),
    )


def _misattributed(item: Remembered, acts: dict[str, Acted]) -> bool:
    actors = {acts[name].actor for name in item.cites if name in acts}
    return bool(actors) and not any(actor in item.text for actor in actors)
