"""Another way to the same answer: textbook tests on the same rows, by nothing of the analysis.

The power and the width that the instrument shows are held against these. Each history's own
weighted sum of arm means is worked out from the rows directly; then Student's or Welch's t, with
Satterthwaite's degrees of freedom. Rates of few trials move in steps, and an exact test counts all
of the step that was observed: so half a step is taken off the estimate, as is usual where a
continuous curve stands for counts. Where an event is too rare for t to be trusted, exact tests on
whether a history shows it at all, or shows more of it on one side, take its place.
"""

from collections.abc import Sequence
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast, matches

FEW = 5
"""Histories with the event, and without it, below which t is not trusted."""
WORDINGS = 16
"""Wordings of the job from which these, and not histories, are the units of forked arms."""
Levels = dict[str, str]
Key = tuple[tuple[str, str], ...]
Array = NDArray[np.float64]
Table = dict[str, dict[Key, float]]


class Other(NamedTuple):
    """What the other way answers.

    Attributes:
        p: Two-sided; for a one-sided claim of that side alone; 1 where it can say nothing.
        width: Of the interval by t; NaN where t is not trusted.
        plain: The p of t without half a step taken off; the same as ``p`` where t is not used.
    """

    p: float
    width: float
    plain: float


def otherwise(contrast: Contrast, rows: Sequence[TrialRow], arms: Sequence[Levels]) -> Other:
    """Answer a contrast by a textbook test.

    Args:
        contrast: What is asked.
        rows: The trials of a simulated study, each with a history.
        arms: The arms that were planned.
    """
    weights, signs = _weights(contrast, arms)
    table, trials = _history_means(contrast.outcome, rows, weights)
    sets: dict[frozenset[Key], list[dict[Key, float]]] = {}
    for own in table.values():
        sets.setdefault(frozenset(own), []).append(own)
    values = [
        np.array([sum(weights[arm] * mean for arm, mean in own.items()) for own in of])
        for of in sets.values()
    ]
    wordings = {str(row.history_id): row.surface for row in rows}
    if len(sets) == 1 and len(set(wordings.values())) >= WORDINGS:
        return _by_t(contrast, [_by_wording(table, wordings, weights)], 0.0)
    if min((len(of) for of in values), default=0) < 2:
        return Other(1.0, nan, 1.0)
    if _rare(contrast, table, signs):
        p = _exact(contrast, values, list(sets.values()))
        return Other(p, nan, p)
    return _by_t(contrast, values, _half_step(contrast, trials, weights, values))


def _by_wording(table: Table, wordings: dict[str, str], weights: dict[Key, float]) -> Array:
    """What the histories of each wording say on average: with so many, these are the units."""
    found: dict[str, list[float]] = {}
    for history, own in table.items():
        value = sum(weights[arm] * mean for arm, mean in own.items())
        found.setdefault(wordings[history], []).append(value)
    return np.array([np.mean(of) for of in found.values()])


def _half_step(
    contrast: Contrast, trials: float, weights: dict[Key, float], values: Sequence[Array]
) -> float:
    """Half of what the estimate moves by when one event changes places; 0 for scores and doses."""
    if contrast.scale != "rd" or contrast.dose is not None:
        return 0.0
    least = min(abs(weight) for weight in weights.values())
    return least * float(np.mean([1 / len(of) for of in values])) / trials


def _weights(
    contrast: Contrast, arms: Sequence[Levels]
) -> tuple[dict[Key, float], dict[Key, object]]:
    """The weight of each arm's mean in the estimate, and the side or dose it stands on."""
    if contrast.dose is not None:
        on = {_key(arm): float(arm[contrast.dose]) for arm in arms if matches(arm, contrast.a)}
        off = np.array(list(on.values())) - np.mean(list(on.values()))
        return dict(zip(on, (off / (off @ off)).tolist(), strict=True)), dict(on)
    cells = (contrast.a, contrast.b, contrast.c, contrast.d)
    weights: dict[Key, float] = {}
    sides: dict[Key, object] = {}
    for place, (side, sign) in enumerate(zip(cells, (1, -1, -1, 1), strict=True)):
        own = [_key(arm) for arm in arms if side is not None and matches(arm, side)]
        weights |= {arm: sign / len(own) for arm in own}
        sides |= dict.fromkeys(own, place)
    return weights, sides


def _history_means(
    outcome: str, rows: Sequence[TrialRow], weights: dict[Key, float]
) -> tuple[Table, float]:
    """The mean of each history in each arm, and how many trials that rests on, on average."""
    seen: dict[str, dict[Key, list[float]]] = {}
    keys: dict[int, Key] = {}
    for row in rows:
        value = row.values.get(outcome)
        arm = keys.setdefault(id(row.arm), _key(row.arm))
        if row.invalid is None and value is not None and arm in weights:
            seen.setdefault(str(row.history_id), {}).setdefault(arm, []).append(value)
    means = {
        history: {arm: sum(values) / len(values) for arm, values in of.items()}
        for history, of in seen.items()
    }
    most = {frozenset(of) for of in means.values()}
    counts = [len(values) for of in seen.values() for values in of.values()]
    # A history that lost all trials of one of its arms has nothing to be compared with.
    whole = {
        history: of
        for history, of in means.items()
        if not any(frozenset(of) < other for other in most)
    }
    return whole, float(np.mean(counts)) if counts else 1.0


def _rare(contrast: Contrast, table: Table, sides: dict[Key, object]) -> bool:
    """Whether, on some side, few histories show the event, or few do not."""
    if contrast.scale != "rd":
        return False
    shown: dict[object, dict[str, list[float]]] = {}
    for history, own in table.items():
        for arm, mean in own.items():
            shown.setdefault(sides[arm], {}).setdefault(history, []).append(mean)
    counts = [
        (sum(max(of) > 0 for of in each.values()), sum(min(of) < 1 for of in each.values()))
        for each in shown.values()
    ]
    return min(min(pair) for pair in counts) < FEW


def _exact(
    contrast: Contrast, values: Sequence[Array], sets: Sequence[Sequence[dict[Key, float]]]
) -> float:
    """Fisher's test on histories that show the event, or the sign test on forked ones."""
    if len(values) == 1:
        up, down = int(np.sum(values[0] > 0)), int(np.sum(values[0] < 0))
        p = float(stats.binomtest(up, up + down).pvalue) if up + down else 1.0
        return _of_side(contrast, p, up - down)
    if contrast.dose is not None or contrast.c is not None or len(sets) != 2:
        return 1.0
    shows = [[max(own.values()) > 0 for own in of] for of in sets]
    cells = [[sum(of), len(of) - sum(of)] for of in shows]
    p = float(stats.fisher_exact(np.array(cells, dtype=int)).pvalue)
    return _of_side(contrast, p, float(sum(np.mean(of) for of in values)))


def _by_t(contrast: Contrast, values: Sequence[Array], step: float) -> Other:
    errors = [(float(np.var(of, ddof=1)) / len(of), len(of) - 1) for of in values]
    total = sum(error for error, _ in errors)
    if total <= 0:
        return Other(1.0, nan, 1.0)
    df = total**2 / sum(error**2 / free for error, free in errors)
    estimate = float(sum(np.mean(of) for of in values))
    p, plain = (
        float(2 * stats.t.sf(max(abs(estimate) - off, 0.0) / sqrt(total), df)) for off in (step, 0)
    )
    width = 2 * float(stats.t.ppf(1 - contrast.alpha / 2, df)) * sqrt(total)
    one, raw = (_of_side(contrast, of, estimate) for of in (p, plain))
    return Other(one, width, raw)


def _of_side(contrast: Contrast, p: float, direction: float) -> float:
    if contrast.alternative not in ("greater", "less"):
        return p
    along = direction > 0 if contrast.alternative == "greater" else direction < 0
    return p / 2 if along else 1 - p / 2


def _key(arm: Levels) -> Key:
    return tuple(sorted(arm.items()))
