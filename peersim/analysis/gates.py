"""Adjusted p-values of a family in which some contrasts wait for others."""

from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """What a graph of tests says of one contrast.

    Attributes:
        p: Its adjusted p.
        share: The part of alpha at which it was found, or at which it stands when no more are
            found; 0 for one that still waits.
    """

    p: float
    share: float


def graph_p(ps: Sequence[float], after: Sequence[int | None]) -> list[float]:
    """Adjusted p by a weighted graph of Bonferroni tests (Bretz, Maurer, Brannath, Posch 2009).

    Those that wait for nothing share alpha equally. One that is rejected hands its share to those
    that wait for it, in equal parts, or if nobody does to all that still stand for themselves.
    Without any waiting this is Holm's procedure, and of a single chain the fixed sequence.

    Args:
        ps: The raw p-values.
        after: Of each, the place of the one that it waits for; None if it waits for nothing.
    """
    return [step.p for step in graph_steps(ps, after, 1.0)]


def graph_steps(ps: Sequence[float], after: Sequence[int | None], alpha: float) -> list[Step]:
    """Return the adjusted p of each test of a graph, and the share of alpha that it was held to.

    An interval of level 1 - share x alpha leaves 0 out just where the graph rejects, if at each
    level it does so just where p is at most 1 minus the level. Without any
    waiting the i-th smallest of m has the share 1 / (m - i + 1), and all that are not rejected
    that of the first one not rejected, as by Holm's method.

    Args:
        ps: The raw p-values, of the same tests as the intervals.
        after: As for ``graph_p``.
        alpha: Of the family.
    """
    heads = [i for i, first in enumerate(after) if first is None]
    weights = [1 / len(heads) if i in heads else 0.0 for i in range(len(ps))]
    edges = [_edges(i, after, heads) for i in range(len(ps))]
    left, found, floor = set(range(len(ps))), [Step(1.0, 0.0)] * len(ps), 0.0
    standing: list[float] | None = None
    while left:
        ratio = {i: ps[i] / weights[i] if weights[i] > 0 else float("inf") for i in left}
        best = min(sorted(left), key=lambda i: ratio[i])
        floor = max(floor, min(1.0, ratio[best]))
        if standing is None and floor > alpha:
            standing = list(weights)
        found[best] = Step(floor, (standing or weights)[best])
        left.discard(best)
        _hand_on(best, left, weights, edges)
    return found


def _edges(own: int, after: Sequence[int | None], heads: Sequence[int]) -> dict[int, float]:
    """Where the share of one goes: to those that wait for it, else to the other heads."""
    waiting = [i for i, first in enumerate(after) if first == own]
    root = own
    while (first := after[root]) is not None:
        root = first
    heirs = waiting or [i for i in heads if i != root]
    return {i: 1 / len(heirs) for i in heirs}


def _hand_on(
    gone: int, left: set[int], weights: list[float], edges: list[dict[int, float]]
) -> None:
    """Give the share of one that was rejected to its heirs, and rewire the rest around it."""
    out = edges[gone]
    for i in left:
        weights[i] += weights[gone] * out.get(i, 0.0)
    rewired: dict[int, dict[int, float]] = {}
    for i in left:
        back = edges[i].get(gone, 0.0)
        loop = back * out.get(i, 0.0)
        rewired[i] = {
            j: (edges[i].get(j, 0.0) + back * out.get(j, 0.0)) / (1 - loop) if loop < 1 else 0.0
            for j in left
            if j != i
        }
    for i, of in rewired.items():
        edges[i] = of
