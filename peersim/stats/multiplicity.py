"""Several contrasts in one family: adjusted p-values, and the levels that match them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from peersim.frozen import Frozen
from peersim.stats.draws import array, at_least, signs
from peersim.stats.permute import BATCH, RESAMPLES, ROUNDING, SEED, Array

ALPHA = 0.05


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (1979), in the order given.

    Args:
        ps: The raw p-values of one family.
    """
    if not ps:
        return []
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(list(ps), method="holm")[1]]


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values that bound the share of false findings (Benjamini and Hochberg 1995).

    For exploration only: they do not bound the chance of any false finding.

    Args:
        ps: The raw p-values.
    """
    if not ps:
        return []
    return [float(p) for p in stats.false_discovery_control(list(ps), method="bh")]


def bonferroni_level(contrasts: int, alpha: float = ALPHA) -> float:
    """The level at which all intervals of a family cover together, whatever is rejected.

    Args:
        contrasts: Number of contrasts in the family; at least 1.
        alpha: Of the family.
    """
    return 1 - alpha / contrasts


class MaxT(Frozen):
    """Contrasts judged together by the distribution of their largest t.

    Attributes:
        estimates: One of each contrast.
        t: Studentised estimates; 0 where a contrast shows neither difference nor spread.
        p: Adjusted two-sided p-values, by stepping down.
        critical: The t that none exceeds at the level, in all but alpha of the draws.
        alone: Of each contrast, the share of the draws in which its own t reaches ``critical``: the
            level of a test of it alone that is as strict.
        low: Lower limits, by the t that the contrast was held to in its step, so that they leave
            0 out just where its p is at most alpha; None where it shows no spread.
        high: Upper limits.
        joint: Limits by ``critical``, which hold for all together whatever is found; None where a
            contrast shows no spread.
        method: The name of the method.
        units: Histories.
    """

    estimates: tuple[float, ...]
    t: tuple[float, ...]
    p: tuple[float, ...]
    critical: float
    alone: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    joint: tuple[tuple[float, float] | None, ...]
    method: str
    units: int


class _Drawn(NamedTuple):
    """Estimates and their standard errors as seen, and t in each draw (rows)."""

    estimates: Array
    errors: Array
    t: Array


def max_t_forked(differences: Sequence[Sequence[float]], alpha: float = ALPHA) -> MaxT:
    """Contrasts within the same histories, by flipping all signs of a history together.

    Keeps the correlation of the contrasts (Westfall and Young 1993; here with studentised means).

    Args:
        differences: Of each history, its difference in each contrast; at least two histories.
        alpha: Of the family.

    Raises:
        ValueError: If there are fewer than two histories.
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 2:
        raise ValueError("max-T needs at least two histories")
    units, flips = len(d), signs(len(d))
    scale = np.maximum(np.abs(d).max(axis=0), ROUNDING)
    squares = ((d / scale) ** 2).mean(axis=0)
    means = flips @ (d / scale) / units
    errors = np.sqrt(np.maximum(squares - means**2, 0.0) / (units - 1))
    drawn = _Drawn(d.mean(axis=0), errors[0] * scale, _studentised(means, errors))
    return _max_t(drawn, alpha, "max-T by sign flips", units)


def max_t_between(
    cells: Sequence[Sequence[float]], contrasts: Sequence[Sequence[float]], alpha: float = ALPHA
) -> MaxT:
    """Contrasts of the same independent cells, by handing the histories out anew.

    Args:
        cells: The history means of each cell; at least two in each.
        contrasts: Of each contrast, the weights of the cells.
        alpha: Of the family.

    Raises:
        ValueError: If a cell has fewer than two histories.
    """
    sizes = [len(cell) for cell in cells]
    if min(sizes) < 2:
        raise ValueError("max-T needs at least two histories in each cell")
    values, weights = np.concatenate([array(cell) for cell in cells]), np.asarray(contrasts, float)
    rng, units = np.random.default_rng(SEED), sum(sizes)
    scale = max(float(np.abs(values - values.mean()).max()), ROUNDING)
    standard = (values - values.mean()) / scale
    at_once, drawn = max(1, BATCH // units), [_cell_moments(standard[None], sizes, weights)]
    for start in range(0, RESAMPLES, at_once):
        many = min(at_once, RESAMPLES - start)
        orders = rng.permuted(np.tile(standard, (many, 1)), axis=1)
        drawn.append(_cell_moments(orders, sizes, weights))
    gaps, errors = (np.vstack(of) for of in zip(*drawn, strict=True))
    seen = weights @ array([float(np.mean(cell)) for cell in cells])
    found = _Drawn(seen, errors[0] * scale, _studentised(gaps, errors))
    return _max_t(found, alpha, "max-T by permutation", units)


def t_forked(differences: Sequence[Sequence[float]]) -> list[float]:
    """The studentised estimates of ``max_t_forked`` alone, without its flips."""
    d = np.asarray(differences, dtype=np.float64)
    scale = np.maximum(np.abs(d).max(axis=0), ROUNDING)
    means, squares = (d / scale).mean(axis=0), ((d / scale) ** 2).mean(axis=0)
    errors = np.sqrt(np.maximum(squares - means**2, 0.0) / (len(d) - 1))
    return [float(t) for t in _studentised(means, errors)]


def t_between(
    cells: Sequence[Sequence[float]], contrasts: Sequence[Sequence[float]]
) -> list[float]:
    """The studentised estimates of ``max_t_between`` alone, without its permutations."""
    values = np.concatenate([array(cell) for cell in cells])
    scale = max(float(np.abs(values - values.mean()).max()), ROUNDING)
    standard, sizes = (values - values.mean()) / scale, [len(cell) for cell in cells]
    found = _cell_moments(standard[None], sizes, np.asarray(contrasts, float))
    return [float(t) for t in _studentised(*found)[0]]


def _cell_moments(orders: Array, sizes: Sequence[int], weights: Array) -> tuple[Array, Array]:
    """The contrasts and their errors in each order of the values (rows)."""
    parts = np.split(orders, np.cumsum(sizes)[:-1], axis=1)
    means = np.stack([part.mean(axis=1) for part in parts], axis=1)
    spread = np.stack([part.var(axis=1, ddof=1) / part.shape[1] for part in parts], axis=1)
    return means @ weights.T, np.sqrt(spread @ (weights**2).T)


def _studentised(means: Array, errors: Array) -> Array:
    # The floor keeps t finite where a draw leaves no spread; without difference it is then 0.
    return np.round(np.abs(means) / np.maximum(errors, 1e-6), 8)


def _max_t(drawn: _Drawn, alpha: float, method: str, units: int) -> MaxT:
    estimates, errors, t = drawn
    critical = float(np.quantile(t.max(axis=1), 1 - alpha, method="higher"))
    spread = errors > ROUNDING
    steps = _criticals(t, alpha)
    limits = [
        (float(e - step * s), float(e + step * s)) if ok else (None, None)
        for e, s, ok, step in zip(estimates, errors, spread, steps, strict=True)
    ]
    return MaxT(
        estimates=tuple(float(e) for e in estimates),
        t=tuple(float(value) for value in t[0]),
        p=_stepped_down(t),
        critical=critical,
        alone=tuple(float(share) for share in at_least(t, np.full(t.shape[1], critical))),
        low=tuple(low for low, _ in limits),
        high=tuple(high for _, high in limits),
        joint=tuple(
            (float(e - critical * s), float(e + critical * s)) if ok else None
            for e, s, ok in zip(estimates, errors, spread, strict=True)
        ),
        method=method,
        units=units,
    )


def _criticals(t: Array, alpha: float) -> list[float]:
    """The t that each contrast has to exceed in its step; from the first that does not, one."""
    order, found, shared = np.argsort(-t[0], kind="stable"), [0.0] * t.shape[1], None
    for place, index in enumerate(order):
        own = float(np.quantile(t[:, order[place:]].max(axis=1), 1 - alpha, method="higher"))
        if shared is None and t[0, index] <= own:
            shared = own
        found[index] = own if shared is None else shared
    return found


def _stepped_down(t: Array) -> tuple[float, ...]:
    """Adjusted p: each contrast against the largest t of those no larger than its own."""
    order, p, least = np.argsort(-t[0], kind="stable"), np.ones(t.shape[1]), 0.0
    for place, index in enumerate(order):
        rest = t[:, order[place:]].max(axis=1)
        least = max(least, float(at_least(rest, t[0, index])))
        p[index] = least
    return tuple(float(value) for value in p)
