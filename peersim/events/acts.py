"""Who did what to whom: the one tally of acts that every reading rests on."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from peersim.events.deeds import Act, Acted
from peersim.events.log import AnyEvent, event_id
from peersim.frozen import Frozen


class Tie(NamedTuple):
    """A directed kind of act: who did it, to whom, and what."""

    actor: str
    target: str
    act: Act


class Tally(Frozen):
    """What one tie amounts to.

    Attributes:
        opportunities: How often the act could have happened.
        count: How often it happened at all (amount above zero).
        amount: The sum of amounts, in the task's unit.
        maximum: The sum of what was possible, in the same unit.
        events: The ids of the events counted, in order.
    """

    opportunities: int = 0
    count: int = 0
    amount: float = 0.0
    maximum: float = 0.0
    events: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """The part of the possible that was done; None when there was no chance."""
        return self.amount / self.maximum if self.maximum else None


def add(tally: Tally, name: str, act: Acted) -> Tally:
    """Return the tally with one more act, named by its event id."""
    return Tally(
        opportunities=tally.opportunities + 1,
        count=tally.count + (act.amount > 0),
        amount=tally.amount + act.amount,
        maximum=tally.maximum + act.maximum,
        events=(*tally.events, name),
    )


def fold(
    events: Iterable[AnyEvent], start: int = 0, onto: Mapping[Tie, Tally] | None = None
) -> dict[Tie, Tally]:
    """Fold events into a tally per tie.

    Folding a log in two parts gives the same as folding it whole:
    ``fold(b, len(a), fold(a)) == fold(a + b)``.

    Args:
        events: The events, in order.
        start: The log position of the first of them.
        onto: The tally of the events before them.
    """
    named = ((event_id(position), event) for position, event in enumerate(events, start))
    return fold_named(named, onto)


def fold_named(
    items: Iterable[tuple[str, AnyEvent]], onto: Mapping[Tie, Tally] | None = None
) -> dict[Tie, Tally]:
    """Fold events with their ids into a tally per tie."""
    ties = dict(onto or {})
    for name, event in items:
        if isinstance(event, Acted):
            tie = Tie(event.actor, event.target, event.act)
            ties[tie] = add(ties.get(tie, Tally()), name, event)
    return ties
