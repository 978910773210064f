"""Who did what to whom: the one tally of acts that every reading rests on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from peersim.events.deeds import OPPOSITES, Act, Acted
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


def add(tally: Tally, name: str, amount: float, maximum: float) -> Tally:
    """Return the tally with one more chance, named by its event id."""
    return Tally(
        opportunities=tally.opportunities + 1,
        count=tally.count + (amount > 0),
        amount=tally.amount + amount,
        maximum=tally.maximum + maximum,
        events=(*tally.events, name),
    )


def sides(act: Acted) -> Iterator[tuple[Act, float, float]]:
    """Iterate over the kinds of act that an event was a chance of: how much was done, of what.

    A centred act was a chance of its own kind, which is done above the middle, and of the
    opposite, which is done below it; in the middle neither was.
    """
    if not act.centred:
        yield act.act, act.amount, act.maximum
        return
    middle = act.maximum / 2
    if act.reach != "below":
        yield act.act, max(act.amount - middle, 0.0), middle
    if act.reach != "above":
        yield OPPOSITES[act.act], max(middle - act.amount, 0.0), middle


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
            for act, amount, maximum in sides(event):
                tie = Tie(event.actor, event.target, act)
                ties[tie] = add(ties.get(tie, Tally()), name, amount, maximum)
    return ties
