"""Seeded draws for tests and intervals: groups mixed, signs flipped, units redrawn."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from peersim.stats.permute import BATCH, RESAMPLES, ROUNDING, SEED, Array

Statistic = Callable[..., Any]
Side = Literal["greater", "less", "two-sided"]
BOOTSTRAPS = 1999
"""Redrawings of the units for an interval."""


def mixed_p(
    groups: Sequence[Array], statistic: Statistic, *, alternative: Side, size: int
) -> float:
    """The p of a statistic of several groups, by handing the units out to them anew.

    All handings-out are listed where there are few, else a seeded sample of them.

    Args:
        groups: The values of each group.
        statistic: Of the groups, along ``axis``; high and low values speak against the null.
        alternative: "greater", "less" or "two-sided".
        size: Numbers that the statistic holds for one handing-out; it sets how many run at once.
    """
    found = stats.permutation_test(
        tuple(groups),
        statistic,
        permutation_type="independent",
        vectorized=True,
        alternative=alternative,
        n_resamples=RESAMPLES,
        batch=max(1, BATCH // size),
        rng=np.random.default_rng(SEED),
    )
    return min(1.0, float(found.pvalue))


def signs(units: int) -> Array:
    """All ways to flip the signs of the units, or a seeded sample; shape (ways, units).

    The first row leaves every sign as it is, so that a share over the rows is a valid p.
    """
    if 2**units <= RESAMPLES + 1:
        ways = np.arange(2**units)[:, None] >> np.arange(units)[None, :] & 1
        return np.asarray(1.0 - 2.0 * ways, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(0, 2, (RESAMPLES, units))
    return np.asarray(np.vstack([np.ones(units), 1.0 - 2.0 * drawn]), dtype=np.float64)


def at_least(drawn: Array, seen: Array) -> Array:
    """The share of draws (rows) that are at least what was seen, ties by rounding counted in."""
    slack = ROUNDING * np.maximum(1.0, np.abs(seen)) * 100
    return np.asarray((drawn >= seen - slack).mean(axis=0), dtype=np.float64)


def redrawn(units: int, draws: int = BOOTSTRAPS, stream: int = 0) -> NDArray[np.int64]:
    """Indices of units drawn with replacement; shape (draws, units).

    Args:
        units: How many there are.
        draws: How often.
        stream: Another one for units that are drawn independently of the first.
    """
    return np.random.default_rng([SEED, stream]).integers(0, units, (draws, units))


def array(values: Sequence[float]) -> Array:
    """The values as floats."""
    return np.asarray(values, dtype=np.float64)
