"""Differences of differences, and other contrasts of several independent sets of histories."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from scipy import stats

from peersim.stats.draws import array, mixed_p
from peersim.stats.intervals import (
    LEVEL,
    RARE,
    Counts,
    Interval,
    Shares,
    few_events,
    korn_graubard,
    pooled,
    varies,
)
from peersim.stats.permute import ROUNDING, Array, drawn_out, settled, t_p
from peersim.stats.tests import NO_SPREAD, Comparison, interval_p, paired, welch

DID = (1.0, -1.0, -1.0, 1.0)
"""The weights of four cells in (a - b) - (c - d)."""
Cells = tuple[Sequence[Counts], Sequence[Counts], Sequence[Counts], Sequence[Counts]]
"""Events and trials of each history, in the four cells a, b, c, d of (a - b) - (c - d)."""
FEW = "few histories with (or without) the event in a cell: rates of trials, not of histories"


class CellContrast(Comparison):
    """A weighted sum of cell means, such as (a - b) - (c - d), with its limits and p.

    Attributes:
        units: Histories that it rests on.
    """

    units: int


def did_within(
    differences: Sequence[float], counts: Cells | None = None, level: float = LEVEL
) -> CellContrast:
    """Difference of differences of four arms forked from the same histories.

    Args:
        differences: (a - b) - (c - d) of each history; at least two.
        counts: For events, the counts of the four cells: they give limits where all histories
            show the same difference.
        level: Confidence level.

    Raises:
        ValueError: If there are fewer than two histories.
    """
    found = paired(differences, level)
    if found.low is None and counts is not None:
        limits = mover_sum(counts, DID, level)
        method = f"{limits.method}, arms taken as independent; sign-flip p"
        low, high = drawn_out(limits.low, limits.high, found.p, level)
        update = {"low": low, "high": high, "method": method}
        found = found.model_copy(update=update)
    return _counted(found, len(differences))


def did_mixed(
    first: Sequence[float],
    second: Sequence[float],
    counts: Cells | None = None,
    level: float = LEVEL,
) -> CellContrast:
    """Differences within histories, compared between two sets of histories.

    The usual case of a history factor by a fork factor: Welch on the differences, with p by
    permutation of the histories. Where fewer than 5 histories of a set show a difference, and
    counts are given, the four Korn-Graubard intervals count too, which take the forked arms as
    independent: the wide side, unless a history that gains in one arm loses in the other. So the
    limits are the wider of the two, and p the larger.

    Args:
        first: a - b of each history of the first set; at least two.
        second: c - d of each history of the second.
        counts: For events, the counts of the four cells.
        level: Confidence level.

    Raises:
        ValueError: If a set has fewer than two histories.
    """
    units = len(first) + len(second)
    few = min(sum(abs(d) > ROUNDING for d in of) for of in (first, second)) < RARE
    found = _counted(welch(first, second, level), units)
    return _wider(did_events(counts, level), found, level) if counts is not None and few else found


def did_between(
    cells: Sequence[Sequence[float]], counts: Cells | None = None, level: float = LEVEL
) -> CellContrast:
    """Difference of differences of four independent sets of histories.

    Args:
        cells: The history means of a, b, c and d; at least two in each.
        counts: For events, the counts of the four cells: where a cell has fewer than 5 histories
            with (or without) the event, interval and p come from them.
        level: Confidence level.

    Raises:
        ValueError: If there are not four cells, or one has fewer than two histories.
    """
    if len(cells) != len(DID):
        raise ValueError("a difference of differences has four cells")
    if counts is not None and any(few_events(cell) for cell in counts):
        return did_events(counts, level)
    return between_contrast(cells, DID, level)


def did_events(counts: Cells, level: float = LEVEL) -> CellContrast:
    """Difference of differences of four rates, from the four Korn-Graubard intervals.

    Args:
        counts: Events and trials of each history, in the cells a, b, c, d.
        level: Confidence level.

    Raises:
        ValueError: If a cell has no trial.
    """
    limits = mover_sum(counts, DID, level)
    return CellContrast(
        difference=float(np.dot(DID, [pooled(cell) for cell in counts])),
        low=limits.low,
        high=limits.high,
        p=interval_p(lambda at: mover_sum(counts, DID, at)),
        method=f"{limits.method}, p of the same interval",
        df=None,
        notes=(FEW,),
        units=limits.units,
    )


def mover_sum(
    cells: Sequence[Sequence[Shares]], weights: Sequence[float], level: float = LEVEL
) -> Interval:
    """Interval for a weighted sum of independent rates (Zou, Huang and Zhang 2009).

    Of two differences of rates this is MOVER taken of their own MOVER limits.

    Args:
        cells: Events and trials of each history, in each cell.
        weights: One of each cell.
        level: Confidence level.

    Raises:
        ValueError: If a cell has no trial, or cells and weights differ in number.
    """
    limits = [korn_graubard(cell, level) for cell in cells]
    rates = [pooled(cell) for cell in cells]
    terms = list(zip(weights, rates, limits, strict=True))
    centre = sum(weight * rate for weight, rate, _ in terms)
    # A positive weight falls with its own lower limit, a negative one with the upper limit.
    down = [w * (r - (i.low if w > 0 else i.high)) for w, r, i in terms]
    up = [w * ((i.high if w > 0 else i.low) - r) for w, r, i in terms]
    least = sum(min(w, 0.0) for w in weights)
    most = sum(max(w, 0.0) for w in weights)
    return Interval(
        low=max(least, centre - sqrt(sum(d * d for d in down))),
        high=min(most, centre + sqrt(sum(u * u for u in up))),
        level=level,
        method="MOVER on Korn-Graubard limits",
        units=sum(i.units for i in limits),
    )


def between_contrast(
    cells: Sequence[Sequence[float]], weights: Sequence[float], level: float = LEVEL
) -> CellContrast:
    """A weighted sum of the means of independent cells: Welch's interval, p by permutation.

    The permuted statistic is studentised, which keeps its size where cells differ in spread and
    where other effects than the one tested exist (Pauly, Brunner and Konietschke 2015).

    Args:
        cells: The history means of each cell; at least two in each with a weight.
        weights: One of each cell.
        level: Confidence level.

    Raises:
        ValueError: If a cell has fewer than two histories, or cells and weights differ in number.
    """
    if len(cells) != len(weights):
        raise ValueError("each cell has one weight")
    used = [(array(sorted(cell)), w) for cell, w in zip(cells, weights, strict=True) if w]
    if min(len(cell) for cell, _ in used) < 2:
        raise ValueError("a contrast of cells needs at least two histories in each")
    values, w = [cell for cell, _ in used], [weight for _, weight in used]
    difference = float(sum(x.mean() * weight for x, weight in zip(values, w, strict=True)))
    units = sum(len(x) for x in values)
    if not any(varies(x.tolist()) for x in values):
        return CellContrast(
            difference=difference,
            low=None,
            high=None,
            p=contrast_p(values, w),
            method="permutation p",
            df=None,
            notes=(NO_SPREAD,),
            units=units,
        )
    parts = [weight**2 * x.var(ddof=1) / len(x) for x, weight in zip(values, w, strict=True)]
    df = sum(parts) ** 2 / sum(v**2 / (len(x) - 1) for v, x in zip(parts, values, strict=True))
    own = t_p(difference, sqrt(sum(parts)), df)
    p, named = settled(units, lambda: contrast_p(values, w), own, "permutation")
    half = float(stats.t.ppf((1 + level) / 2, df)) * sqrt(sum(parts))
    low, high = drawn_out(difference - half, difference + half, p, level)
    return CellContrast(
        difference=difference,
        low=low,
        high=high,
        p=p,
        method=f"Welch t on history means of the cells, {named}",
        df=float(df),
        units=units,
    )


def contrast_p(cells: Sequence[Array], weights: Sequence[float]) -> float:
    """Two-sided p of a weighted sum of cell means, by handing histories out to the cells anew."""
    both = np.concatenate(list(cells))
    if not varies(both.tolist()):
        return 1.0
    scaled = [(x - both.mean()) / both.std() for x in cells]

    def statistic(*groups: Array, axis: int = -1) -> Any:
        terms = list(zip(groups, weights, strict=True))
        gap = sum(x.mean(axis=axis) * w for x, w in terms)
        spread = sum(x.var(axis=axis, ddof=1) * w**2 / x.shape[axis] for x, w in terms)
        return np.round(gap / np.sqrt(np.maximum(spread, ROUNDING)), 8)

    return mixed_p(scaled, statistic, alternative="two-sided", size=len(both))


def _wider(one: CellContrast, other: CellContrast, level: float) -> CellContrast:
    """The larger p of two, and the limits that hold those of both; the first one has some."""
    p, low, high = max(one.p, other.p), one.low, one.high
    assert low is not None
    assert high is not None
    if other.low is not None and other.high is not None:
        low, high = min(low, other.low), max(high, other.high)
    low, high = drawn_out(low, high, p, level)
    method = f"{one.method}; or if wider, {other.method}"
    more = {"p": p, "low": low, "high": high, "method": method, "units": other.units}
    return one.model_copy(update=more)


def _counted(found: Comparison, units: int) -> CellContrast:
    return CellContrast(**found.model_dump(), units=units)
