"""Trials without an outcome: whether arms lose different shares, and bounds on the difference."""

from collections.abc import Sequence

import numpy as np

from peersim.frozen import Frozen
from peersim.stats.draws import array, redrawn
from peersim.stats.intervals import LEVEL, Counts, clustered_difference, few_events, pooled
from peersim.stats.permute import Array
from peersim.stats.tests import Comparison, interval_p, paired, welch

Trials = Sequence[float | None]
"""The outcomes of the trials of one history; None where one is missing."""


class LeeBounds(Frozen):
    """The difference among trials that would have had an outcome in either arm.

    Attributes:
        low: Lower bound: the arm that lost fewer trials without its highest outcomes (if it is
            the first).
        high: Upper bound.
        limit_low: Lower confidence limit of the lower bound, by redrawing histories.
        limit_high: Upper confidence limit of the upper bound.
        level: Of the limits.
        trimmed: Which arm was trimmed: "first", "second" or "neither".
        share: The share of its outcomes that was trimmed.
        method: The name of the method.
        units: Histories.
    """

    low: float
    high: float
    limit_low: float
    limit_high: float
    level: float
    trimmed: str
    share: float
    method: str
    units: int


def lee_bounds(
    a: Sequence[Trials], b: Sequence[Trials], *, forked: bool = False, level: float = LEVEL
) -> LeeBounds:
    """Bounds on the difference a - b if an arm can only lose trials, not gain them (Lee 2009).

    Args:
        a: The trials of each history of the first arm, None for a missing outcome.
        b: The same of the second; in the same order of histories if forked.
        forked: Whether the arms share their histories, which are then redrawn together.
        level: Of the confidence limits.

    Raises:
        ValueError: If an arm has no outcome.
    """
    flat = [[value for history in arm for value in history] for arm in (a, b)]
    if any(all(value is None for value in arm) for arm in flat):
        raise ValueError("Lee's bounds need an outcome in each arm")
    low, high, share = _trimmed(flat[0], flat[1])
    drawn = []
    first = redrawn(len(a))
    second = first if forked else redrawn(len(b), stream=1)
    for rows in zip(first, second, strict=True):
        sides = [
            [value for place in row for value in arm[place]]
            for row, arm in zip(rows, (a, b), strict=True)
        ]
        if all(any(value is not None for value in side) for side in sides):
            drawn.append(_trimmed(*sides)[:2])
    tail = (1 - level) / 2
    limits = np.array(drawn)
    return LeeBounds(
        low=low,
        high=high,
        limit_low=min(low, float(np.quantile(limits[:, 0], tail))),
        limit_high=max(high, float(np.quantile(limits[:, 1], 1 - tail))),
        level=level,
        trimmed="neither" if share == 0 else "first" if share > 0 else "second",
        share=abs(share),
        method="Lee bounds, limits by bootstrap of histories",
        units=len(a) if forked else len(a) + len(b),
    )


def _trimmed(a: Trials, b: Trials) -> tuple[float, float, float]:
    """Lower and upper bound, and the share trimmed: of a if positive, of b if negative."""
    seen = [array([value for value in arm if value is not None]) for arm in (a, b)]
    rates = [len(values) / len(arm) for values, arm in zip(seen, (a, b), strict=True)]
    means = [float(values.mean()) for values in seen]
    if rates[0] >= rates[1]:
        share = 1 - rates[1] / rates[0]
        least, most = _without(seen[0], share)
        return least - means[1], most - means[1], share
    share = 1 - rates[0] / rates[1]
    least, most = _without(seen[1], share)
    return means[0] - most, means[0] - least, -share


def _without(values: Array, share: float) -> tuple[float, float]:
    """The mean without the highest share of values, and without the lowest; cut within a value."""
    ordered = np.sort(values)
    kept = len(values) * (1 - share)
    weights = np.clip(kept - np.arange(len(values)), 0.0, 1.0)
    return float(weights @ ordered / kept), float(weights @ ordered[::-1] / kept)


def loss_by_arm(a: Sequence[Counts], b: Sequence[Counts], *, forked: bool) -> Comparison:
    """Whether the arms differ in the share of trials that were lost, or left incomplete.

    The same cluster methods as for an outcome.

    Args:
        a: Lost and assigned trials of each history of the first arm.
        b: The same of the second; in the same order of histories if forked.
        forked: Whether the arms share their histories.

    Raises:
        ValueError: If there are fewer than two histories in an arm.
    """
    if not forked:
        return between_rates(a, b)
    found = paired([c / m - d / n for (c, m), (d, n) in zip(a, b, strict=True)])
    if found.low is not None:
        return found
    limits = clustered_difference(a, b)
    method = f"{limits.method}, arms taken as independent; sign-flip p"
    return found.model_copy(update={"low": limits.low, "high": limits.high, "method": method})


def between_rates(a: Sequence[Counts], b: Sequence[Counts]) -> Comparison:
    """Two rates between histories: Welch, or MOVER and its own p where events are few.

    Args:
        a: Events and trials of each history of the first arm.
        b: The same of the second.

    Raises:
        ValueError: If an arm has no trial.
    """
    if not few_events(a) and not few_events(b):
        found = welch([c / m for c, m in a], [c / m for c, m in b])
        if found.low is not None:
            return found
    limits = clustered_difference(a, b)
    return Comparison(
        difference=pooled(a) - pooled(b),
        low=limits.low,
        high=limits.high,
        p=interval_p(lambda level: clustered_difference(a, b, level)),
        method=f"{limits.method}, p of the same interval",
        df=None,
    )
