"""Rare events: limits from the rates of cells, where histories show too little of their spread."""

from collections.abc import Sequence

from peersim.analysis.agreeing import Procedure, Range, wider
from peersim.stats.did import mover_sum
from peersim.stats.intervals import (
    Interval,
    Shares,
    clustered_difference,
    evenly,
    few_events,
    pooled,
)
from peersim.stats.tests import interval_p

FEW = "few histories with (or without) the event"
APART = "MOVER on Korn-Graubard limits, arms taken as independent"
Cells = Sequence[tuple[float, Sequence[Shares]]]
"""For events: the weight of each cell in the estimate, and its events and trials by unit."""


def rare(counts: Cells) -> Procedure:
    """MOVER on the Korn-Graubard intervals of the cells, as if these were independent.

    Units weigh alike, as they do in any estimate, however many trials they kept: the limits are
    those of the same number that is printed.

    Args:
        counts: The weight of each cell, and its events and trials by unit.
    """
    weights, cells = [float(weight) for weight, _ in counts], [evenly(of) for _, of in counts]

    def interval(level: float) -> Interval:
        # Of a difference both are the same; the first takes rates by their names.
        if weights == [1.0, -1.0]:
            return clustered_difference(cells[0], cells[1], level)
        return mover_sum(cells, weights, level)

    def limits(level: float) -> Range:
        found = interval(level)
        return Range(found.low, found.high, None)

    return Procedure(
        sum(weight * pooled(of) for weight, of in zip(weights, cells, strict=True)),
        limits,
        lambda: interval_p(interval),
        "MOVER on Korn-Graubard limits, p of the same interval",
        (FEW,),
    )


def wide(counts: Cells, found: Procedure, apart: Procedure | None = None) -> Procedure:
    """Arms that share histories, of rare events: ``rare``, but no narrower than by histories.

    To take such arms as independent errs on the wide side only if histories that have the event in
    one arm have it in the other. Where what a history gains in one arm it loses in the other, their
    differences spread by more than the cells tell.

    Args:
        counts: As for ``rare``.
        found: The procedure by what each history differs.
        apart: That by cells, if it is more than ``rare``.
    """
    outer = apart or rare(counts)
    said = apart.method if apart else f"{APART}, p of the same interval"
    return wider(outer, found, f"{said}; or if wider, {found.method}")


def outer(counts: Cells, chosen: Procedure, *, forked: bool) -> Procedure:
    """The procedure for claims of no difference, of which t claims too much where events are few.

    Args:
        counts: As for ``rare``; empty for scores.
        chosen: The procedure for claims of a difference.
        forked: Whether any unit serves several cells.
    """
    if not any(few_events(of) for _, of in counts) or "Korn-Graubard" in chosen.method:
        return chosen
    return wide(counts, chosen) if forked else rare(counts)
