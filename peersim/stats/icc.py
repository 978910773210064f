"""How alike the trials of one history are, and what that costs."""

from collections.abc import Sequence
from math import inf, sqrt

import numpy as np

from peersim.frozen import Frozen
from peersim.stats.permute import ROUNDING


class Icc(Frozen):
    """The correlation of trials within a history.

    Attributes:
        icc: Estimate, at least 0; None where no history has two trials, or nothing varies.
        raw: The same before it was cut at 0.
        size: Trials per history that count in it (Donner's m0, the mean when all are equal).
        design_effect: 1 + (m - 1) icc at Kish's m; how much the variance of a mean grows.
        effective: Independent trials that the trials are worth.
        units: Histories.
        trials: Trials.
    """

    icc: float | None
    raw: float | None
    size: float
    design_effect: float
    effective: float
    units: int
    trials: int


def anova_icc(histories: Sequence[Sequence[float]]) -> Icc:
    """The ANOVA estimate of the ICC, for histories of unequal size (Donner 1986).

    Args:
        histories: The outcomes of the trials of each history, 0/1 or scores.

    Raises:
        ValueError: If fewer than two histories have a trial.
    """
    kept = [np.asarray(h, dtype=float) for h in histories if len(h)]
    sizes = np.array([len(h) for h in kept])
    if len(kept) < 2:
        raise ValueError("an ICC needs at least two histories")
    k, n = len(kept), int(sizes.sum())
    size = float((n - (sizes**2).sum() / n) / (k - 1))
    raw = _ratio(kept, size, n, k)
    icc = None if raw is None else max(0.0, raw)
    effect = 1 + (float((sizes**2).sum()) / n - 1) * (icc or 0.0)
    return Icc(
        icc=icc,
        raw=raw,
        size=size,
        design_effect=effect,
        effective=n / effect,
        units=k,
        trials=n,
    )


def _ratio(kept: Sequence[np.ndarray], size: float, n: int, k: int) -> float | None:
    between, within = components(kept)
    if n == k or between + (size - 1) * within <= ROUNDING:
        return None
    return (between - within) / (between + (size - 1) * within)


def components(histories: Sequence[np.ndarray]) -> tuple[float, float]:
    """Mean squares between and within histories; within is 0 where all have one trial."""
    sizes = np.array([len(h) for h in histories])
    n, k, every = int(sizes.sum()), len(sizes), np.concatenate(list(histories))
    means = np.add.reduceat(every, np.cumsum(sizes) - sizes) / sizes
    between = float((sizes * (means - every.mean()) ** 2).sum()) / (k - 1)
    within = float(((every - np.repeat(means, sizes)) ** 2).sum()) / (n - k) if n > k else 0.0
    return between, within


def best_trials(icc: float, cost: float) -> float:
    """Trials per history that give the smallest variance for the money (Cochran 1977).

    Args:
        icc: Within a history, from 0 to 1.
        cost: Of a history, in trials.

    Returns:
        The square root of cost (1 - icc) / icc; infinite at an ICC of 0.
    """
    return sqrt(cost * (1 - icc) / icc) if icc > 0 else inf


def arms_correlation(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> float | None:
    """How alike the rates of a history are in two forked arms, cleared of the noise of trials.

    Args:
        a: The outcomes of each history in the first arm; at least two trials in some of them.
        b: The same histories, in the same order, in the second.

    Returns:
        From -1 to 1; None where an arm shows no spread between histories beyond that of trials.

    Raises:
        ValueError: If the arms have not the same number of histories, or fewer than three.
    """
    if len(a) != len(b) or len(a) < 3:
        raise ValueError("two arms need the same histories, at least three")
    first, second = ([np.asarray(h, dtype=float) for h in arm] for arm in (a, b))
    spread = [_between_variance(arm) for arm in (first, second)]
    if min(spread) <= ROUNDING:
        return None
    shared = np.cov([h.mean() for h in first], [h.mean() for h in second])[0, 1]
    return float(np.clip(shared / sqrt(spread[0] * spread[1]), -1.0, 1.0))


def _between_variance(arm: Sequence[np.ndarray]) -> float:
    sizes = np.array([len(h) for h in arm])
    between, within = components(arm)
    size = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(arm) - 1)
    return (between - within) / float(size) if sizes.sum() > len(arm) else 0.0
