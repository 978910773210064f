"""P-values by permutation: units handed out anew, or their signs flipped. Seeded, so repeatable."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from peersim.stats.intervals import varies

Array = NDArray[np.float64]

RESAMPLES = 9999
"""Permutations drawn; all of them are listed where there are no more than this."""
SEED = 20260419
"""Of the draws: the same data give the same p, whoever asks."""
MANY = 2_000
"""Units above which p is that of t: permutations of so many tell nothing else, and take minutes."""
BATCH = 2_000_000
"""Numbers held at once while permuting."""
ROUNDING = 1e-12
"""A difference below this is the arithmetic's, not the data's."""


def permutation_p(a: Sequence[float], b: Sequence[float]) -> float:
    """Two-sided p for equal means, by handing the units out to the two groups anew.

    The statistic is Welch's t, which keeps its size where the groups differ in size and spread
    (Janssen 1997). All handings-out are listed where there are few, else a seeded sample of
    them. Neither the order of the units nor that of the groups matters.

    Args:
        a: One value of each unit of the first group; at least two.
        b: The same for the second.
    """
    both = [*a, *b]
    if not varies(both):
        return 1.0
    centre, scale = float(np.mean(sorted(both))), float(np.std(sorted(both)))
    x, y = sorted([sorted(a), sorted(b)])
    data = ((np.asarray(x) - centre) / scale, (np.asarray(y) - centre) / scale)
    return _permuted(data, _welch_t, "independent")


def sign_flip_p(differences: Sequence[float]) -> float:
    """Two-sided p for differences that are symmetric about 0, by flipping their signs.

    Units without a difference say nothing here and are left out. All flips are listed where
    there are few, else a seeded sample of them. Neither order nor direction matters.

    Args:
        differences: One value of each unit.
    """
    d = sorted(value for value in differences if abs(value) > ROUNDING)
    if len(d) <= 1:
        return 1.0
    # Of the data and their mirror image, one is chosen, so that both give the same draws.
    chosen = np.asarray(max(d, sorted(-value for value in d)))
    return _permuted((chosen / np.max(np.abs(chosen)),), _mean, "samples")


def settled(units: int, drawn: Callable[[], float], t: float, name: str) -> tuple[float, str]:
    """The p that goes with a t interval, and its name.

    The larger of p by permutation and of the interval's own, so that whatever is found is left
    out of the interval too; of very many units the interval's own.

    Args:
        units: Independent units that it rests on.
        drawn: Works out p by permutation, or by flips of signs.
        t: The p of the interval; 0 without one.
        name: Of p by permutation.
    """
    if units > MANY and t > 0:
        return t, "t p"
    return max(drawn(), t), f"{name} p{OR_T if t > 0 else ''}"


OR_T = " (that of t, if larger)"


def drawn_out(low: float, high: float, p: float, level: float) -> tuple[float, float]:
    """The limits, drawn out to 0 where p does not exclude it at their level.

    Args:
        low: Lower limit.
        high: Upper limit.
        p: Two-sided, of the test that the limits stand beside.
        level: Of the limits.
    """
    # A level of 1 - .05 is a last digit off .95; p just at alpha excludes 0.
    return (low, high) if p <= 1 - level + ROUNDING else (min(low, 0.0), max(high, 0.0))


def t_p(estimate: float, error: float, df: float) -> float:
    """Two-sided p of Student's t; 0 without an error to judge by.

    Args:
        estimate: The estimate.
        error: Its standard error.
        df: Degrees of freedom.
    """
    if error <= 0:
        return 0.0
    # Never 0 by underflow, which would say that there is no t.
    return max(float(2 * stats.t.sf(abs(estimate) / error, df)), SMALLEST_T)


SMALLEST_T = 1e-300


def _permuted(
    data: tuple[Array, ...],
    statistic: Callable[..., Any],
    kind: Literal["independent", "samples"],
) -> float:
    found = stats.permutation_test(
        data,
        statistic,
        permutation_type=kind,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, BATCH // sum(len(group) for group in data)),
        rng=np.random.default_rng(SEED),
    )
    return min(1.0, float(found.pvalue))


def _mean(d: Array, axis: int = -1) -> Any:
    # Rounded, so that equal sums added up in another order count as ties.
    return np.round(d.mean(axis=axis), 10)


def _welch_t(x: Array, y: Array, axis: int = -1) -> Any:
    gap = x.mean(axis=axis) - y.mean(axis=axis)
    spread = x.var(axis=axis, ddof=1) / x.shape[axis] + y.var(axis=axis, ddof=1) / y.shape[axis]
    # The floor keeps t finite where a permutation leaves no spread in either group.
    return np.round(gap / np.sqrt(np.maximum(spread, ROUNDING)), 8)
