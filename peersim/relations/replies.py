"""Whether kindness is answered by kindness, read from the order of acts."""

from collections.abc import Sequence

from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent


def lagged_reciprocity(events: Sequence[AnyEvent], one: str, other: str) -> float | None:
    """Return how much kinder one agent is after kind acts of the other than after unkind ones.

    Every act of ``one`` towards ``other`` answers the last act it received from ``other`` in an
    earlier round; acts of one round may be simultaneous and answer nothing. What was received
    is kind if more than half of the possible was done.

    Returns:
        Mean kindness of answers to kind acts less that of answers to unkind ones, from -1 to 1;
        None if it never had to answer one of the two.
    """
    answers: dict[bool, list[float]] = {True: [], False: []}
    got: list[Acted] = []
    for event in events:
        if not isinstance(event, Acted):
            continue
        if (event.actor, event.target) == (other, one):
            got.append(event)
        elif (event.actor, event.target) == (one, other):
            before = [act for act in got if act.round < event.round]
            if before:
                answers[before[-1].kindness > 0.5].append(event.kindness)
    kind, unkind = answers[True], answers[False]
    return sum(kind) / len(kind) - sum(unkind) / len(unkind) if kind and unkind else None
