"""Intervals for rates, for differences of rates and for means."""

from collections import Counter
from collections.abc import Sequence
from math import fsum, sqrt

import numpy as np
from scipy import special, stats

from peersim.frozen import Frozen

LEVEL = 0.95
RARE = 5
"""Fewer clusters than this with (or without) events say little about their own spread."""
PRIOR_ICC = 0.3
"""The correlation within a cluster that is assumed where the data cannot show it."""

Counts = tuple[int, int]
"""Events, and the trials they were counted in."""
Shares = tuple[float, float]
"""The same, where neither need be whole: trials that were weighed."""


class Interval(Frozen):
    """Two limits, and how they were got.

    Attributes:
        low: Lower limit, in the unit of the estimate.
        high: Upper limit.
        level: Confidence level, such as 0.95.
        method: The name of the method, as printed.
        units: Independent units that it rests on: clusters, or trials where these are independent.
        df: Degrees of freedom; None where the method has none.
    """

    low: float
    high: float
    level: float
    method: str
    units: int
    df: float | None = None


def wilson(count: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval for independent trials (Wilson 1927).

    By its formula: scipy gives the same with a test that takes 100 times as long.

    Raises:
        ValueError: If count is not within 0..n, or n is 0.
    """
    _check(count, n)
    z, rate = float(special.ndtri((1 + level) / 2)), count / n
    middle, shrunk = rate + z * z / (2 * n), 1 + z * z / n
    half = z * sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    # The limit at the edge is the edge: the formula leaves a 1e-18 there.
    low = 0.0 if count == 0 else max(0.0, (middle - half) / shrunk)
    high = 1.0 if count == n else min(1.0, (middle + half) / shrunk)
    return Interval(low=low, high=high, level=level, method="Wilson", units=n)


def exact(count: int, n: int, level: float = LEVEL) -> Interval:
    """Exact interval for independent trials (Clopper and Pearson 1934).

    Raises:
        ValueError: If count is not within 0..n, or n is 0.
    """
    _check(count, n)
    low, high = _clopper_pearson(count, n, level)
    return Interval(low=low, high=high, level=level, method="Clopper-Pearson", units=n)


def proportion(count: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's interval, or the exact one where all trials or none had the event.

    Raises:
        ValueError: If count is not within 0..n, or n is 0.
    """
    return exact(count, n, level) if count in {0, n} else wilson(count, n, level)


def design_effect(clusters: Sequence[Shares]) -> float:
    """How many times the variance of a rate exceeds that of independent trials; at least 1.

    The variance is that of a ratio of cluster totals. With fewer than 5 clusters that have an
    event, or fewer than 5 that lack one, it is raised to what an ICC of 0.3 would give; unequal
    clusters enter by Kish's size, which is m when all have m trials. A single cluster shows no
    spread at all, so that its trials are taken to say one thing together.

    Args:
        clusters: Events and trials of each cluster; at least one trial in each.
    """
    alike = _alike(clusters)
    count, n = sum(c * k for c, _, k in alike), sum(m * k for _, m, k in alike)
    size = sum(m * m * k for _, m, k in alike) / n
    if len(clusters) == 1:
        return size
    floor = 1 + (size - 1) * PRIOR_ICC if few_events(clusters) else 1.0
    if count in {0, n}:
        return floor
    rate = count / n
    spread = fsum(k * (c - rate * m) ** 2 for c, m, k in alike)
    variance = len(clusters) / (len(clusters) - 1) * spread / n**2
    return max(floor, variance / (rate * (1 - rate) / (n - 1)))


def few_events(clusters: Sequence[Shares]) -> bool:
    """Whether fewer than 5 clusters have an event, or fewer than 5 have a trial without one."""
    alike = _alike(clusters)
    having = sum(k for c, _, k in alike if c > 0)
    lacking = sum(k for c, m, k in alike if c < m)
    return min(having, lacking) < RARE


def _alike(clusters: Sequence[Shares]) -> list[tuple[float, float, int]]:
    """Events and trials, and how many clusters have them: of many clusters most are alike."""
    return [(c, m, k) for (c, m), k in Counter(clusters).items()]


def korn_graubard(clusters: Sequence[Shares], level: float = LEVEL) -> Interval:
    """Exact interval at the effective number of trials (Korn and Graubard 1998).

    The effective number is n / design effect x (t[n-1] / t[H-1])^2 with H clusters.

    Args:
        clusters: Events and trials of each cluster; clusters without a trial are left out.
        level: Confidence level.

    Raises:
        ValueError: If there is no trial, or a count is not within 0..trials.
    """
    if any(not 0 <= c <= m for c, m, _ in _alike(clusters)):
        raise ValueError("a cluster has more events than trials, or fewer than none")
    kept = clusters if all(m for _, m in clusters) else [(c, m) for c, m in clusters if m]
    count, n, size = sum(c for c, _ in kept), sum(m for _, m in kept), len(kept)
    if not n:
        raise ValueError("an interval for a rate needs at least one trial")
    effective = n / design_effect(kept)
    if size > 1:
        tail = (1 + level) / 2
        effective *= float((stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, size - 1)) ** 2)
    low, high = _clopper_pearson(count / n * effective, effective, level)
    df = float(size - 1) if size > 1 else None
    return Interval(low=low, high=high, level=level, method="Korn-Graubard", units=size, df=df)


def mover(a: float, limits_a: Interval, b: float, limits_b: Interval) -> Interval:
    """Interval for the difference a - b of two rates from the limits of each (MOVER).

    The two rates are taken as independent (Zou and Donner 2008).

    Args:
        a: The first rate.
        limits_a: Its interval.
        b: The second rate.
        limits_b: Its interval, at the same level.
    """
    below = sqrt((a - limits_a.low) ** 2 + (limits_b.high - b) ** 2)
    above = sqrt((limits_a.high - a) ** 2 + (b - limits_b.low) ** 2)
    return Interval(
        low=max(-1.0, a - b - below),
        high=min(1.0, a - b + above),
        level=limits_a.level,
        method=f"MOVER on {limits_a.method} limits",
        units=limits_a.units + limits_b.units,
    )


def clustered_difference(
    a: Sequence[Shares], b: Sequence[Shares], level: float = LEVEL
) -> Interval:
    """MOVER on the two Korn-Graubard intervals, for the rate in a minus the rate in b.

    Raises:
        ValueError: If a side has no trial.
    """
    limits = korn_graubard(a, level), korn_graubard(b, level)
    return mover(pooled(a), limits[0], pooled(b), limits[1])


def evenly(clusters: Sequence[Shares]) -> Sequence[Shares]:
    """Return clusters with their own rates and one number of trials, so that they weigh alike.

    The number is the harmonic mean of theirs: with it a rate of clusters that weigh alike varies
    as it does with the trials that there are, whatever the correlation within a cluster.

    Args:
        clusters: Events and trials of each cluster; at least one trial in each.
    """
    if len({trials for _, trials in clusters}) <= 1:
        return clusters
    size = len(clusters) / fsum(1 / trials for _, trials in clusters)
    return [(events / trials * size, size) for events, trials in clusters]


def pooled(clusters: Sequence[Shares]) -> float:
    """Events over trials of all clusters together."""
    return sum(c for c, _ in clusters) / sum(m for _, m in clusters)


def newcombe(a: Counts, b: Counts, level: float = LEVEL) -> Interval:
    """Newcombe's hybrid score interval for a difference of independent rates (1998, method 10).

    Args:
        a: Events and trials of the first group.
        b: Events and trials of the second.
        level: Confidence level.
    """
    from statsmodels.stats.proportion import (
        confint_proportions_2indep,
    )

    low, high = confint_proportions_2indep(
        *a, *b, method="newcomb", compare="diff", alpha=1 - level
    )
    units = a[1] + b[1]
    return Interval(
        low=max(-1.0, float(low)),
        high=min(1.0, float(high)),
        level=level,
        method="Newcombe",
        units=units,
    )


def mean_t(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Student's interval for a mean of independent values; None where they show no spread.

    Args:
        values: One value of each unit. A single one, or equal ones, would give an interval of no
            width (or none at all), which would claim a certainty that nobody has.
        level: Confidence level.
    """
    if not varies(values):
        return None
    found = stats.ttest_1samp(np.asarray(values), 0.0).confidence_interval(level)
    return Interval(
        low=float(found.low),
        high=float(found.high),
        level=level,
        method="t on means",
        units=len(values),
        df=len(values) - 1,
    )


def varies(values: Sequence[float]) -> bool:
    """Whether the values differ by more than the rounding of a float."""
    if not values:
        return False
    return max(values) - min(values) > 1e-12 * max(1.0, *(abs(v) for v in values))


def _check(count: int, n: int) -> None:
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"{count} of {n} is no share of trials")


def _clopper_pearson(count: float, n: float, level: float) -> tuple[float, float]:
    """Exact limits for a rate, as quantiles of beta distributions; neither need be whole."""
    tail, rate = (1 - level) / 2, count / n
    low = 0.0 if count <= 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count >= n else float(special.betainccinv(count + 1, n - count, tail))
    return min(low, rate), max(high, rate)
