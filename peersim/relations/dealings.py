"""What one agent did to another, act by act: what every rule for weights reads."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from peersim.events.acts import Tally, fold_named
from peersim.events.deeds import Act, Acted
from peersim.events.log import AnyEvent
from peersim.frozen import Frozen


class Deed(NamedTuple):
    """One chance to act, and the id of the event that tells it."""

    event: str
    act: Acted


class Dealings(Frozen):
    """All that one agent did, or could have done, to one other.

    Attributes:
        deeds: In the order of the log.
    """

    deeds: tuple[Deed, ...] = ()

    @cached_property
    def tallies(self) -> Mapping[Act, Tally]:
        """The tally of each kind of act, by the one fold there is."""
        return {tie.act: tally for tie, tally in fold_named(self.deeds).items()}

    def of(self, kinds: frozenset[Act]) -> "Dealings":
        """Return the dealings of some kinds only."""
        return Dealings(deeds=tuple(deed for deed in self.deeds if deed.act.act in kinds))

    @property
    def events(self) -> tuple[str, ...]:
        """The ids of the events, in order."""
        return tuple(deed.event for deed in self.deeds)


def dealings(items: Iterable[tuple[str, AnyEvent]]) -> dict[tuple[str, str], Dealings]:
    """Return the dealings of each (actor, target) in a log given with its ids.

    Pairs stand in the order of their first act.
    """
    found: dict[tuple[str, str], list[Deed]] = {}
    for name, event in items:
        if isinstance(event, Acted):
            found.setdefault((event.actor, event.target), []).append(Deed(name, event))
    return {pair: Dealings.model_construct(deeds=tuple(deeds)) for pair, deeds in found.items()}
