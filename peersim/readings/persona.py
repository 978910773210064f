"""Did an agent act as its persona says? Read from acts, never from words."""

from peersim.agents.persona import Disposition
from peersim.events.acts import fold
from peersim.events.deeds import UNKIND
from peersim.events.log import AnyEvent


def given_share(history: tuple[AnyEvent, ...], agent: str, to: str | None = None) -> float | None:
    """Return the share of the possible that an agent gave to others; None without a chance.

    What was left undone of an unkind act counts as given.

    Args:
        history: The events.
        agent: Who gave.
        to: To whom; None for anyone.
    """
    own = [
        (tie.act, tally)
        for tie, tally in fold(history).items()
        if tie.actor == agent and to in (None, tie.target)
    ]
    whole = sum(tally.maximum for _, tally in own)
    given = sum(t.maximum - t.amount if act in UNKIND else t.amount for act, t in own)
    return given / whole if whole else None


def complied(disposition: Disposition, share: float | None) -> bool | None:
    """Return whether a given share fits a disposition; None for neutral, or without acts.

    Cooperative means giving at least half of the possible, uncooperative less than half.
    """
    if share is None or disposition == "neutral":
        return None
    return (share >= 0.5) == (disposition == "cooperative")
