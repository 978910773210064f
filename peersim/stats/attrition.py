"""Trials without an outcome: whether arms lose different shares, and bounds on the difference."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from peersim.frozen import Frozen
from peersim.stats.draws import BOOTSTRAPS, array
from peersim.stats.intervals import LEVEL, Counts, clustered_difference, few_events, pooled
from peersim.stats.permute import BATCH, SEED, Array, drawn_out
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
    first, second = _ranked(a), _ranked(b)
    if not first.seen.sum() or not second.seen.sum():
        raise ValueError("Lee's bounds need an outcome in each arm")
    low, high, share = (float(of[0]) for of in _trimmed(first, second, _once(a), _once(b)))
    drawn = [
        np.stack(_trimmed(first, second, one, other)[:2], axis=1)
        for one, other in _weights(len(a), len(b), forked=forked)
    ]
    limits, tail = np.concatenate(drawn), (1 - level) / 2
    limits = limits[np.isfinite(limits).all(axis=1)]
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


class _Ranked(NamedTuple):
    """An arm's outcomes, as many trials of each history at each value.

    Attributes:
        values: The distinct outcomes, rising.
        table: Trials by history (rows) and value.
        seen: Trials of each history with an outcome.
        assigned: All trials of each history.
    """

    values: Array
    table: sparse.csr_array
    seen: Array
    assigned: Array


def _ranked(arm: Sequence[Trials]) -> _Ranked:
    cells = [(row, value) for row, of in enumerate(arm) for value in of if value is not None]
    rows = np.array([row for row, _ in cells], dtype=np.int64)
    values, places = np.unique(array([value for _, value in cells]), return_inverse=True)
    ones, shape = np.ones(len(cells)), (len(arm), len(values))
    return _Ranked(
        values,
        sparse.csr_array((ones, (rows, places)), shape=shape),
        np.bincount(rows, minlength=len(arm)).astype(float),
        array([len(of) for of in arm]),
    )


def _once(arm: Sequence[Trials]) -> Array:
    return np.ones((1, len(arm)))


def _weights(first: int, second: int, *, forked: bool) -> Iterator[tuple[Array, Array]]:
    """How often each history was redrawn, some draws at a time: many histories fill a memory."""
    size = max(1, BATCH // max(first, second))
    streams = [np.random.default_rng([SEED, stream]) for stream in (0, 1)]
    for start in range(0, BOOTSTRAPS, size):
        draws = min(size, BOOTSTRAPS - start)
        one = _often(streams[0].integers(0, first, (draws, first)))
        yield one, one if forked else _often(streams[1].integers(0, second, (draws, second)))


def _often(places: NDArray[np.int64]) -> Array:
    draws, units = places.shape
    flat = (places + units * np.arange(draws)[:, None]).ravel()
    return np.bincount(flat, minlength=draws * units).reshape(draws, units).astype(float)


def _trimmed(a: _Ranked, b: _Ranked, ones: Array, others: Array) -> tuple[Array, Array, Array]:
    """Bounds in each draw, and the share trimmed: of a if positive, of b if negative.

    Not a number in a draw that has no outcome in an arm.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [w @ of.seen / (w @ of.assigned) for of, w in ((a, ones), (b, others))]
        share = np.where(rates[0] >= rates[1], 1 - rates[1] / rates[0], -(1 - rates[0] / rates[1]))
        lows, highs = _without(a, ones, np.maximum(share, 0))
        least, most = _without(b, others, np.maximum(-share, 0))
        return lows - most, highs - least, share


def _without(arm: _Ranked, weights: Array, share: Array) -> tuple[Array, Array]:
    """The mean without the highest share of values, and without the lowest; cut within a value."""
    many = np.asarray((arm.table.T @ weights.T).T)
    kept = weights @ arm.seen * (1 - share)
    ends = []
    for step in (1, -1):
        own = many[:, ::step]
        taken = np.clip(kept[:, None] - (np.cumsum(own, axis=1) - own), 0.0, own)
        ends.append(taken @ arm.values[::step] / kept)
    return ends[0], ends[1]


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
    low, high = drawn_out(limits.low, limits.high, found.p, LEVEL)
    method = f"{limits.method}, arms taken as independent; sign-flip p"
    return found.model_copy(update={"low": low, "high": high, "method": method})


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
