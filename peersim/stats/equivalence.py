"""Claims of no relevant difference: two one-sided tests against a margin declared beforehand."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import brentq

from peersim.frozen import Frozen
from peersim.stats.intervals import Counts, Interval, clustered_difference, pooled, varies
from peersim.stats.tests import NO_SPREAD, SMALLEST_P

ALPHA = 0.05


class Equivalence(Frozen):
    """Whether a difference is shown to be smaller than a margin.

    Attributes:
        difference: The first group minus the second.
        margin: The margin, in the unit of the difference; the claim is that it lies within
            plus or minus this.
        low: Lower limit at level 1 - 2 alpha; None where the units show no spread.
        high: Upper limit, or None.
        level: The level of the limits, 0.9 for alpha 0.05.
        p: Of the two one-sided tests the larger p.
        equivalent: Whether p is at most alpha.
        method: How the limits and p were got.
        units: Independent units that it rests on.
        df: Degrees of freedom; None where the method has none.
        notes: What a reader of the number must know.
    """

    difference: float
    margin: float
    low: float | None
    high: float | None
    level: float
    p: float
    equivalent: bool
    method: str
    units: int
    df: float | None
    notes: tuple[str, ...] = ()

    @property
    def largest(self) -> float | None:
        """Absolute differences above this are excluded; None where nothing is."""
        if self.low is None or self.high is None:
            return None
        return max(abs(self.low), abs(self.high))

    @property
    def excluded(self) -> str:
        """The differences that the data exclude, in words: the one thing that "ns" never says."""
        if self.low is None or self.high is None:
            return "no difference is excluded"
        return f"differences below {self.low:.3g} and above {self.high:.3g} are excluded"


def paired_equivalence(
    differences: Sequence[float], margin: float, alpha: float = ALPHA
) -> Equivalence:
    """Two one-sided paired t tests on history differences (Schuirmann 1987).

    For events that few histories show, use ``rare_equivalence``: the t test then claims too much.

    Args:
        differences: The first arm minus the second, one of each history; at least two.
        margin: Above 0.
        alpha: Level of each one-sided test.

    Raises:
        ValueError: If there are fewer than two differences, or the margin is not above 0.
    """
    _refuse(margin, len(differences))
    mean, units = float(np.mean(differences)), len(differences)
    if not varies(differences):
        return _silent(mean, margin, alpha, units)
    from statsmodels.stats.weightstats import DescrStatsW

    described = DescrStatsW(np.asarray(differences, dtype=float))
    p = float(described.ttost_mean(-margin, margin)[0])
    low, high = described.tconfint_mean(2 * alpha)
    return Equivalence(
        difference=mean,
        margin=margin,
        low=float(low),
        high=float(high),
        level=1 - 2 * alpha,
        p=p,
        equivalent=p <= alpha,
        method="TOST, paired t on history differences",
        units=units,
        df=units - 1,
    )


def welch_equivalence(
    a: Sequence[float], b: Sequence[float], margin: float, alpha: float = ALPHA
) -> Equivalence:
    """Two one-sided Welch tests on two independent sets of history means.

    Args:
        a: One mean of each history of the first arm; at least two.
        b: The same of the second.
        margin: Above 0.
        alpha: Level of each one-sided test.

    Raises:
        ValueError: If a set has fewer than two means, or the margin is not above 0.
    """
    _refuse(margin, min(len(a), len(b)))
    difference, units = float(np.mean(a) - np.mean(b)), len(a) + len(b)
    if not varies(a) and not varies(b):
        return _silent(difference, margin, alpha, units)
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    means = CompareMeans(DescrStatsW(np.asarray(a, float)), DescrStatsW(np.asarray(b, float)))
    p, ((_, _, df), _) = means.ttost_ind(-margin, margin, usevar="unequal")
    low, high = means.tconfint_diff(2 * alpha, usevar="unequal")
    return Equivalence(
        difference=difference,
        margin=margin,
        low=float(low),
        high=float(high),
        level=1 - 2 * alpha,
        p=float(p),
        equivalent=bool(p <= alpha),
        method="TOST, Welch t on history means",
        units=units,
        df=float(df),
    )


def rare_equivalence(
    a: Sequence[Counts], b: Sequence[Counts], margin: float, alpha: float = ALPHA
) -> Equivalence:
    """Equivalence of two rates of rare events, by the MOVER interval at level 1 - 2 alpha.

    Forked arms may enter too: they are taken as independent, which only widens the interval.

    Args:
        a: Events and trials of each history of the first arm.
        b: The same of the second.
        margin: Above 0.
        alpha: Level of each one-sided test.

    Raises:
        ValueError: If a side has no trial, or the margin is not above 0.
    """
    _refuse(margin, 2)
    limits = clustered_difference(a, b, 1 - 2 * alpha)
    p = inside_p(lambda level: clustered_difference(a, b, level), margin)
    return Equivalence(
        difference=pooled(a) - pooled(b),
        margin=margin,
        low=limits.low,
        high=limits.high,
        level=limits.level,
        p=p,
        equivalent=p <= alpha,
        method=f"TOST by {limits.method}",
        units=limits.units,
        df=None,
    )


def inside_p(interval_at: Callable[[float], Interval], margin: float) -> float:
    """The smallest alpha at which the interval of level 1 - 2 alpha lies inside the margin.

    Args:
        interval_at: The interval at a given level; its limits move outwards as that grows.
        margin: Above 0.

    Returns:
        A p of at least 1e-9, and 0.5 at most where the estimate lies inside; 1 where even the
        narrowest interval does not fit.
    """

    def room(alpha: float) -> float:
        found = interval_at(1 - 2 * alpha)
        return margin - max(abs(found.low), abs(found.high))

    largest = 0.4995
    if room(largest) <= 0:
        return 1.0
    if room(SMALLEST_P) > 0:
        return SMALLEST_P
    return float(brentq(room, SMALLEST_P, largest, xtol=1e-10))


def _refuse(margin: float, units: int) -> None:
    if margin <= 0:
        raise ValueError("an equivalence margin is above 0")
    if units < 2:
        raise ValueError("equivalence needs at least two histories in each set")


def _silent(difference: float, margin: float, alpha: float, units: int) -> Equivalence:
    """No claim: histories without spread do not say how far off they could have been."""
    return Equivalence(
        difference=difference,
        margin=margin,
        low=None,
        high=None,
        level=1 - 2 * alpha,
        p=1.0,
        equivalent=False,
        method="none",
        units=units,
        df=None,
        notes=(NO_SPREAD,),
    )
