"""Did an agent act as its persona says? Read from acts, never from words."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from peersim.agents.persona import Disposition
from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent


def given_share(history: Sequence[AnyEvent], agent: str, to: str | None = None) -> float | None:
    """Return the mean part of the possible that an agent gave at a chance; None without a chance.

    Every chance counts one, in whatever unit it is measured. What was left undone of an unkind
    act counts as given.

    Args:
        history: The events.
        agent: Who gave.
        to: To whom; None for anyone.
    """
    found = [act.kindness for act in chances(history, agent, to)]
    return fmean(found) if found else None


def chances(history: Sequence[AnyEvent], agent: str, to: str | None = None) -> Iterator[Acted]:
    """Iterate over an agent's chances to be kind or not, used or let pass.

    A chance for good and for ill that was left unused is neither, and is left out.

    Args:
        history: The events.
        agent: Whose chances.
        to: Towards whom; None for anyone.
    """
    for event in history:
        if not isinstance(event, Acted) or event.actor != agent or event.idle:
            continue
        if to in (None, event.target):
            yield event


def complied(disposition: Disposition, share: float | None) -> bool | None:
    """Return whether a given share fits a disposition; None for neutral, or without acts.

    Cooperative means giving at least half of the possible, uncooperative less than half.
    """
    if share is None or disposition == "neutral":
        return None
    return (share >= 0.5) == (disposition == "cooperative")
