"""The first stage of a dose: what was done at each chance, against what a script was assigned."""

from collections.abc import Mapping
from statistics import fmean

from peersim.events.deeds import Acted
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.persona import chances
from peersim.tasks.scripts import dose_toward


class Received(Frozen):
    """How kind one agent was to another in a history.

    Attributes:
        actor: Who had the chances.
        target: Towards whom.
        assigned: The dose of its script towards the other; None where none was assigned.
        by_act: The kindness at each chance, from 0 to 1, by kind of act.
    """

    actor: str
    target: str
    assigned: float | None
    by_act: Mapping[str, tuple[float, ...]]

    @property
    def all(self) -> tuple[float, ...]:
        """The kindness at each chance of every kind."""
        return tuple(one for kind in self.by_act.values() for one in kind)

    @property
    def done(self) -> float | None:
        """The dose that was done: the mean kindness per chance; None without a chance."""
        return fmean(self.all) if self.all else None

    @property
    def off(self) -> float | None:
        """The dose done less the one assigned; None if there is not both."""
        if self.assigned is None or self.done is None:
            return None
        return self.done - self.assigned


def received(history: History, actor: str, target: str) -> Received:
    """Return how kind one agent was to another, against what it was assigned."""
    member = next((one for one in history.spec.cast if one.name == actor), None)
    found: dict[str, list[float]] = {}
    for act in chances(history.events, actor, target):
        found.setdefault(_kind(act), []).append(act.kindness)
    return Received(
        actor=actor,
        target=target,
        assigned=dose_toward(member.script, target) if member and member.script else None,
        by_act={kind: tuple(shares) for kind, shares in found.items()},
    )


def _kind(act: Acted) -> str:
    """Return what a chance is told as: by its wording where it has one of its own."""
    return act.deed.replace("_", " ") or act.act.value
