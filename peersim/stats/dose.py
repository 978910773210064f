"""Shape and trend over ordered doses: isotonic, Page, Jonckheere, Williams-type contrast."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

from peersim.frozen import Frozen
from peersim.stats.draws import Side, array, at_least, mixed_p
from peersim.stats.intervals import varies
from peersim.stats.permute import RESAMPLES, ROUNDING, SEED, Array

Alternative = Literal["increasing", "decreasing", "two-sided"]
EXACT_PAGE = 200
"""Histories times doses up to which Page's exact distribution takes no time."""


class Trend(Frozen):
    """A test of a monotone trend over ordered doses.

    Attributes:
        statistic: Of the increasing trend, as its source defines it.
        p: The p-value.
        alternative: What p speaks for.
        method: The name of the test and how p was got.
        units: Histories.
        knee: For Williams' contrast, how many of the highest doses the largest one joins;
            exploratory. None elsewhere.
        notes: What a reader of the number must know.
    """

    statistic: float
    p: float
    alternative: Alternative
    method: str
    units: int
    knee: int | None = None
    notes: tuple[str, ...] = ()


def isotonic(
    means: Sequence[float], weights: Sequence[float], *, increasing: bool = True
) -> tuple[float, ...]:
    """The means of ordered doses, made monotone by pooling neighbours that are not.

    Args:
        means: Of each dose, from the lowest.
        weights: Of each dose, such as its histories; above 0.
        increasing: False for means that fall with the dose.
    """
    found = isotonic_regression(array(means), weights=array(weights), increasing=increasing)
    return tuple(float(value) for value in found.x)


def page(histories: Sequence[Sequence[float]], alternative: Alternative = "two-sided") -> Trend:
    """Page's test (1963) for doses forked from the same histories, complete in each.

    Tied outcomes have no tabulated distribution: there p comes from handing the doses of each
    history out anew.

    Args:
        histories: The outcomes of each history, from the lowest dose to the highest.
        alternative: Whether outcomes rise or fall with the dose, or either.

    Raises:
        ValueError: If there are fewer than two histories or three doses, or one is not complete.
    """
    data = np.asarray(histories, dtype=np.float64)
    if data.ndim != 2 or len(data) < 2 or data.shape[1] < 3 or not np.isfinite(data).all():
        raise ValueError("Page's test needs two complete histories of at least three doses")
    ranks = stats.rankdata(data, axis=1)
    level = np.arange(1, data.shape[1] + 1)
    seen = float((ranks @ level).sum())
    tied = any(len(set(row)) < len(row) for row in data.tolist())
    if tied:
        p, how = _page_permuted(ranks, level, alternative), "permutation within histories"
    else:
        method: Literal["exact", "asymptotic"]
        method = "exact" if data.size <= EXACT_PAGE else "asymptotic"
        up, down = (
            float(stats.page_trend_test(turned, method=method).pvalue)
            for turned in (data, data[:, ::-1])
        )
        p, how = _sided(up, down, alternative), f"{method} p"
    return Trend(
        statistic=seen, p=p, alternative=alternative, method=f"Page L, {how}", units=len(data)
    )


def jonckheere(doses: Sequence[Sequence[float]], alternative: Alternative = "two-sided") -> Trend:
    """The Jonckheere-Terpstra test (1954) for doses assigned to different histories.

    The statistic counts the pairs of histories that rise with the dose, ties as a half; p by
    handing the histories out to the doses anew.

    Args:
        doses: The history means of each dose, from the lowest.
        alternative: Whether outcomes rise or fall with the dose, or either.

    Raises:
        ValueError: If there are fewer than two doses, or one has no history.
    """
    groups = _ordered(doses, fewest=1)
    pairs = sum(len(a) * len(b) for a, b in combinations(groups, 2))

    values = np.concatenate(groups)
    rises = np.sign(np.subtract.outer(values, values)).T
    # Each history's place in the pool stands for its value, so that pairs can be looked up.
    cuts = np.cumsum([len(group) for group in groups])[:-1]
    places: list[Array] = np.split(np.arange(len(values), dtype=np.float64), cuts)

    def statistic(*of: Array, axis: int = -1) -> Any:
        moved = [np.moveaxis(group, axis, -1).astype(np.int64) for group in of]
        lower, rising = np.zeros((*moved[0].shape[:-1], len(values))), 0.0
        for earlier, later in pairwise(moved):
            np.put_along_axis(lower, earlier, 1.0, axis=-1)
            rising += np.take_along_axis(lower @ rises, later, axis=-1).sum(axis=-1)
        return np.asarray(rising) / 2 + pairs / 2

    seen = float(statistic(*places))
    p = mixed_p(places, statistic, alternative=_side(alternative), size=len(values))
    return Trend(
        statistic=seen,
        p=p,
        alternative=alternative,
        method="Jonckheere-Terpstra, permutation p",
        units=sum(len(group) for group in groups),
    )


def williams(doses: Sequence[Sequence[float]], alternative: Alternative = "two-sided") -> Trend:
    """The largest contrast of the highest doses against the lowest one (Williams 1971, Bretz).

    For each j the j highest doses are pooled and compared with the lowest; the largest t with
    the common variance counts, and its p comes from handing the histories out anew.

    Args:
        doses: The history means of each dose, from the lowest, which is the control.
        alternative: Whether outcomes rise or fall with the dose, or either.

    Raises:
        ValueError: If there are fewer than two doses, or one has fewer than two histories.
    """
    groups = _ordered(doses, fewest=2)
    weights = williams_weights([len(group) for group in groups])
    units = sum(len(group) for group in groups)
    both = np.concatenate(groups)
    if not varies(both.tolist()):
        return Trend(
            statistic=0.0,
            p=1.0,
            alternative=alternative,
            method="Williams-type max contrast",
            units=units,
            notes=("histories do not vary",),
        )
    scaled = [(group - both.mean()) / both.std() for group in groups]

    def contrasts(*of: Array, axis: int = -1) -> Any:
        means = np.stack([group.mean(axis=axis) for group in of], axis=-1)
        within = sum(group.var(axis=axis) * group.shape[axis] for group in of) / (units - len(of))
        errors = np.sqrt(np.maximum(np.asarray(within), ROUNDING)[..., None] * scale)
        t = np.round(means @ weights.T / errors, 8)
        return t if alternative == "increasing" else -t if alternative == "decreasing" else abs(t)

    sizes = np.array([len(group) for group in groups])
    scale = (weights**2 / sizes).sum(axis=1)
    seen = contrasts(*scaled)
    p = mixed_p(
        scaled,
        lambda *of, axis=-1: contrasts(*of, axis=axis).max(axis=-1),
        alternative="greater",
        size=units,
    )
    return Trend(
        statistic=float(seen.max()),
        p=p,
        alternative=alternative,
        method="Williams-type max contrast, permutation p",
        units=units,
        knee=int(seen.argmax()) + 1,
    )


def williams_weights(sizes: Sequence[int]) -> Array:
    """The contrasts of Williams' type, one a row: the j highest doses against the lowest.

    Args:
        sizes: Histories of each dose, from the lowest.
    """
    rows = np.zeros((len(sizes) - 1, len(sizes)))
    for j, row in enumerate(rows, start=1):
        row[0], row[-j:] = -1.0, array(sizes[-j:]) / sum(sizes[-j:])
    return rows


def _ordered(doses: Sequence[Sequence[float]], fewest: int) -> list[Array]:
    if len(doses) < 2 or min(len(dose) for dose in doses) < fewest:
        raise ValueError(f"a trend needs two doses, of at least {fewest} histories each")
    return [array(sorted(dose)) for dose in doses]


def _page_permuted(ranks: Array, level: Any, alternative: Alternative) -> float:
    if not varies(ranks.ravel().tolist()):
        return 1.0
    rng = np.random.default_rng(SEED)
    total = np.full(RESAMPLES, 0.0)
    for row in ranks:
        total += rng.permuted(np.tile(row, (RESAMPLES, 1)), axis=1) @ level
    drawn, seen = np.concatenate([[(ranks @ level).sum()], total])[:, None], (ranks @ level).sum()
    up = float(at_least(drawn, np.array([seen]))[0])
    down = float(at_least(-drawn, np.array([-seen]))[0])
    return _sided(up, down, alternative)


def _side(alternative: Alternative) -> Side:
    sides: dict[Alternative, Side] = {
        "increasing": "greater",
        "decreasing": "less",
        "two-sided": "two-sided",
    }
    return sides[alternative]


def _sided(up: float, down: float, alternative: Alternative) -> float:
    both = {"increasing": up, "decreasing": down, "two-sided": 2 * min(up, down)}
    return min(1.0, both[alternative])
