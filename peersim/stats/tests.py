"""Tests of two groups: exact tables, unit means, and pairs of unit means."""

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from peersim.frozen import Frozen
from peersim.stats.intervals import LEVEL, Counts, Interval, mean_t, newcombe, varies
from peersim.stats.permute import drawn_out, permutation_p, settled, sign_flip_p

LARGEST_TABLE = 90_000
"""Boschloo's test searches every table; above this many (300 x 300) that takes seconds."""
SMALLEST_P = 1e-9
"""Of a p that is read off an interval: beyond it the quantiles lose their digits."""
TABLES = 4096
"""Tables whose p is kept: simulated studies come to the same few hundred again and again."""
NO_DISCORDANT = "no discordant history"
NO_SPREAD = "histories do not vary"


class Comparison(Frozen):
    """A difference between two groups, with its limits and its p.

    Attributes:
        difference: The first group minus the second.
        low: Lower limit; None where the data show no spread to draw one from.
        high: Upper limit, or None.
        p: Two-sided p-value.
        method: How the limits and p were got.
        df: Degrees of freedom of the interval; None where it has none.
        notes: What a reader of the number must know.
    """

    difference: float
    low: float | None
    high: float | None
    p: float
    method: str
    df: float | None
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=TABLES)
def boschloo(a: Counts, b: Counts) -> tuple[float, str]:
    """Two-sided p for two independent rates, and the name of the test.

    Boschloo's exact unconditional test (1970); Fisher's exact test, which is never more lenient,
    where the groups are so large that the search would take seconds. Both are twice the smaller
    tail, so that half of it is the p of one side.

    Args:
        a: Events and trials of the first group.
        b: Events and trials of the second.
    """
    table = np.array([[a[0], b[0]], [a[1] - a[0], b[1] - b[0]]])
    if a[1] * b[1] > LARGEST_TABLE:
        sides: tuple[Literal["less", "greater"], ...] = ("less", "greater")
        tails = [stats.fisher_exact(table, alternative=side).pvalue for side in sides]
        return min(1.0, 2 * float(min(tails))), "Fisher exact"
    return min(1.0, float(stats.boschloo_exact(table).pvalue)), "Boschloo"


def welch(a: Sequence[float], b: Sequence[float], level: float = LEVEL) -> Comparison:
    """Welch's t interval on two groups of unit means, with p by permutation of the units.

    The two are made to agree: p is no smaller than that of t, and limits hold what it does not
    exclude.

    Args:
        a: One mean of each unit of the first group; at least two.
        b: The same for the second.
        level: Confidence level.

    Raises:
        ValueError: If a group has fewer than two units.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("Welch's interval needs at least two units in each group")
    difference = float(np.mean(a) - np.mean(b))
    if not varies(a) and not varies(b):
        return _without_interval(difference, permutation_p(a, b), "permutation p", NO_SPREAD)
    with warnings.catch_warnings():
        # One group without spread is no loss of precision: the other one carries the interval.
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        found = stats.ttest_ind(np.asarray(a), np.asarray(b), equal_var=False)
    own = max(float(found.pvalue), 1e-300)
    p, named = settled(len(a) + len(b), lambda: permutation_p(a, b), own, "permutation")
    limits = found.confidence_interval(level)
    low, high = drawn_out(float(limits.low), float(limits.high), p, level)
    return Comparison(
        difference=difference,
        low=low,
        high=high,
        p=p,
        method=f"Welch t on history means, {named}",
        df=float(found.df),
    )


def paired(differences: Sequence[float], level: float = LEVEL) -> Comparison:
    """Student's t interval on differences within units, with p by flipping their signs.

    The two are made to agree, as for ``welch``.

    Args:
        differences: The first arm minus the second, one of each unit; at least two.
        level: Confidence level.

    Raises:
        ValueError: If there are fewer than two differences.
    """
    if len(differences) < 2:
        raise ValueError("a paired interval needs at least two differences")
    difference, limits = float(np.mean(differences)), mean_t(differences, level)
    if limits is None:
        p = sign_flip_p(differences)
        note = NO_SPREAD if any(differences) else NO_DISCORDANT
        return _without_interval(difference, p, "sign-flip p", note)
    own = max(float(stats.ttest_1samp(np.asarray(differences), 0.0).pvalue), 1e-300)
    p, named = settled(len(differences), lambda: sign_flip_p(differences), own, "sign-flip")
    low, high = drawn_out(limits.low, limits.high, p, level)
    return Comparison(
        difference=difference,
        low=low,
        high=high,
        p=p,
        method=f"paired t on history differences, {named}",
        df=limits.df,
    )


def interval_p(interval_at: Callable[[float], Interval]) -> float:
    """The p that an interval implies: 1 minus the highest level at which it leaves out 0.

    Args:
        interval_at: The interval at a given level; its limits move outwards as that grows.

    Returns:
        A p of at least 1e-9; 1 where even the narrowest interval holds 0.
    """

    def clearance(p: float) -> float:
        found = interval_at(1 - p)
        return max(found.low, -found.high)

    # An interval of level 0 need not shrink to a point, and t has no quantile ratio there.
    largest = 0.999
    if clearance(largest) <= 0:
        return 1.0
    if clearance(SMALLEST_P) > 0:
        return SMALLEST_P
    return float(brentq(clearance, SMALLEST_P, largest, xtol=1e-10))


@lru_cache(maxsize=TABLES)
def newcombe_p(a: Counts, b: Counts) -> float:
    """The p that Newcombe's interval for two independent rates implies.

    Args:
        a: Events and trials of the first group.
        b: Events and trials of the second.
    """
    return interval_p(lambda level: newcombe(a, b, level))


def _without_interval(difference: float, p: float, method: str, note: str) -> Comparison:
    return Comparison(
        difference=difference, low=None, high=None, p=p, method=method, df=None, notes=(note,)
    )
