"""Graded scores: bootstrap intervals for means, and shifts at quantiles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from peersim.frozen import Frozen
from peersim.stats.draws import array, redrawn
from peersim.stats.intervals import LEVEL, Interval, varies
from peersim.stats.permute import RESAMPLES, SEED, Array

# Histories that a sample beside others needs to be drawn from: of fewer, its spread is a guess.
FEWEST = 8
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


class Shift(Frozen):
    """How far two arms lie apart at a quantile of their scores.

    Attributes:
        quantile: From 0 to 1.
        difference: The first arm's quantile minus the second's.
        interval: By redrawing histories.
    """

    quantile: float
    difference: float
    interval: Interval


def bca_mean(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """A bias-corrected and accelerated bootstrap interval for a mean (Efron 1987).

    Args:
        values: One of each history, such as its difference between arms.
        level: Confidence level.

    Returns:
        None where the values show no spread, or there are fewer than three.
    """
    if len(values) < 3 or not varies(list(values)):
        return None
    found = stats.bootstrap(
        (array(values),),
        np.mean,
        n_resamples=RESAMPLES,
        batch=1000,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    low, high = float(found.low), float(found.high)
    return Interval(
        low=low, high=high, level=level, method="BCa bootstrap of histories", units=len(values)
    )


def bca_sum(
    samples: Sequence[Sequence[float]], weights: Sequence[float], level: float = LEVEL
) -> Interval | None:
    """The same for a weighted sum of means, each sample's histories redrawn among themselves.

    Args:
        samples: One value of each history, by the set of histories it is of, such as an arm's.
        weights: Of the samples' means in the sum.
        level: Confidence level.

    Returns:
        None where a sample has too few histories to be drawn from, or shows no spread: drawing
        from it anew would take it for known.
    """
    if min(map(len, samples)) < FEWEST or not all(varies(list(one)) for one in samples):
        return None

    def weighted(*drawn: Array, axis: int = -1) -> Array:
        means = [
            weight * np.mean(one, axis=axis) for weight, one in zip(weights, drawn, strict=True)
        ]
        return np.asarray(sum(means), dtype=np.float64)

    found = stats.bootstrap(
        [array(one) for one in samples],
        weighted,
        n_resamples=RESAMPLES,
        batch=1000,
        vectorized=True,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    low, high, units = float(found.low), float(found.high), sum(map(len, samples))
    return Interval(
        low=low, high=high, level=level, method="BCa bootstrap of histories", units=units
    )


def quantile_shift(
    a: Sequence[Sequence[float]],
    b: Sequence[Sequence[float]],
    quantiles: Sequence[float] = QUANTILES,
    *,
    forked: bool = False,
    level: float = LEVEL,
) -> list[Shift]:
    """The difference between two arms' scores at each quantile, with histories redrawn.

    Histories weigh alike, whatever their number of trials.

    Args:
        a: The scores of each history of the first arm, at least one in each.
        b: The same of the second; in the same order of histories if forked.
        quantiles: From 0 to 1.
        forked: Whether the arms share their histories, which are then redrawn together.
        level: Confidence level of each interval.

    Raises:
        ValueError: If an arm has fewer than two histories.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("shifts need at least two histories in each arm")
    first = redrawn(len(a))
    second = first if forked else redrawn(len(b), stream=1)
    at = array(quantiles)
    seen = _quantiles(a, np.arange(len(a))[None], at) - _quantiles(b, np.arange(len(b))[None], at)
    drawn = _quantiles(a, first, at) - _quantiles(b, second, at)
    tail = (1 - level) / 2
    limits = np.quantile(drawn, [tail, 1 - tail], axis=0)
    units = len(a) if forked else len(a) + len(b)
    return [
        Shift(
            quantile=float(q),
            difference=float(gap),
            interval=Interval(
                low=min(float(low), float(gap)),
                high=max(float(high), float(gap)),
                level=level,
                method="percentile bootstrap of histories",
                units=units,
            ),
        )
        for q, gap, low, high in zip(quantiles, seen[0], *limits, strict=True)
    ]


def _quantiles(arm: Sequence[Sequence[float]], rows: NDArray[np.int64], at: Array) -> Array:
    """Weighted quantiles of the arm for each row of drawn histories; shape (rows, quantiles)."""
    scores = np.concatenate([array(history) for history in arm])
    owner = np.repeat(np.arange(len(arm)), [len(history) for history in arm])
    share = 1 / np.array([len(history) for history in arm])[owner]
    order = np.argsort(scores, kind="stable")
    times = np.stack([np.bincount(row, minlength=len(arm)) for row in rows])
    weights = (times[:, owner] * share)[:, order]
    reached = weights.cumsum(axis=1) / weights.sum(axis=1, keepdims=True)
    # A half step back, so that the median of two scores is not the lower one by rounding.
    places = np.stack([(reached < q - 1e-12).sum(axis=1) for q in at], axis=1)
    return np.asarray(scores[order][np.minimum(places, len(scores) - 1)], dtype=np.float64)
