"""Rates as a judge saw them, corrected for the judge's own errors (Rogan and Gladen 1978)."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy import stats

from peersim.frozen import Frozen
from peersim.stats.draws import redrawn
from peersim.stats.intervals import (
    LEVEL,
    Counts,
    Interval,
    design_effect,
    few_events,
    mover,
    pooled,
)
from peersim.stats.permute import SEED

DRAWS = 9999


class JudgeMarks(Frozen):
    """What labelled cases of an arm show of the judge.

    Attributes:
        hits: Cases with the label that the judge found.
        positives: Cases with the label; at least 1.
        rejections: Cases without it that the judge let pass.
        negatives: Cases without it; at least 1.
    """

    hits: int
    positives: int
    rejections: int
    negatives: int

    @property
    def sensitivity(self) -> float:
        """Of the cases with the label, the share that the judge found."""
        return self.hits / self.positives

    @property
    def specificity(self) -> float:
        """Of the cases without it, the share that the judge let pass."""
        return self.rejections / self.negatives


class CorrectedRate(Frozen):
    """A judged rate, before and after the correction.

    Attributes:
        judged: The rate as the judge saw it.
        rate: Corrected, cut to 0..1.
        uncut: Corrected, before it was cut.
        interval: For the corrected rate; its units are histories.
        sensitivity: Of the judge in this arm.
        specificity: Of the judge in this arm.
        labels: Labelled cases that these rest on.
    """

    judged: float
    rate: float
    uncut: float
    interval: Interval
    sensitivity: float
    specificity: float
    labels: int


def corrected_rate(
    histories: Sequence[Counts],
    marks: JudgeMarks,
    *,
    bootstrap: bool = True,
    level: float = LEVEL,
) -> CorrectedRate:
    """The true rate behind a judged one: (judged + specificity - 1) / (both - 1).

    The interval carries the error of the labels too. Drawn: histories redrawn (or, where few
    have the event, a beta at the effective number of trials) with sensitivity and specificity
    from their Jeffreys posteriors. By the delta method: with one case of each kind added to the
    labels, so that a judge without a mistake is not taken as one that makes none.

    Args:
        histories: Trials that the judge saw the event in, and all, of each history of the arm.
        marks: Labelled cases of the same scenario and arm; others would correct for another judge.
        bootstrap: False for the delta method, which also serves where the corrected rate had to
            be cut to 0..1.
        level: Confidence level.

    Raises:
        ValueError: If there is no trial or no label of a kind, or the judge is no better than
            chance (sensitivity + specificity at most 1).
    """
    kept = [(c, m) for c, m in histories if m]
    if not kept:
        raise ValueError("a rate needs at least one judged trial")
    _refuse(marks)
    judged, edge = pooled(kept), marks.sensitivity + marks.specificity - 1
    uncut = (judged + marks.specificity - 1) / edge
    rate = min(1.0, max(0.0, uncut))
    # Where fewer events are seen than false alarms alone would give, nearly all draws are cut
    # to the same edge, and their quantiles would claim a certainty.
    drawn = bootstrap and rate == uncut
    limits = _drawn(kept, marks, level) if drawn else _delta(kept, marks, level)
    return CorrectedRate(
        judged=judged,
        rate=rate,
        uncut=uncut,
        interval=limits.model_copy(
            update={"low": min(limits.low, rate), "high": max(limits.high, rate)}
        ),
        sensitivity=marks.sensitivity,
        specificity=marks.specificity,
        labels=marks.positives + marks.negatives,
    )


def corrected_difference(a: CorrectedRate, b: CorrectedRate) -> Interval:
    """MOVER on the limits of two corrected rates, for a minus b.

    Arms judged with the same labels share their error, which this takes as independent.

    Args:
        a: The first arm.
        b: The second, at the same level.
    """
    return mover(a.rate, a.interval, b.rate, b.interval)


def _refuse(marks: JudgeMarks) -> None:
    if min(marks.positives, marks.negatives) < 1:
        raise ValueError("a correction needs labelled cases with the event and without it")
    if marks.sensitivity + marks.specificity <= 1:
        raise ValueError("the judge is no better than chance: nothing can be corrected")


def _drawn(kept: Sequence[Counts], marks: JudgeMarks, level: float) -> Interval:
    rng = np.random.default_rng(SEED)
    counts = np.array(kept, dtype=float)
    n, judged = float(counts[:, 1].sum()), pooled(kept)
    if len(kept) < 2 or few_events(kept):
        size = n / design_effect(kept)
        rates = rng.beta(judged * size + 0.5, (1 - judged) * size + 0.5, DRAWS)
        how = "beta draws at the effective number of trials"
    else:
        sums = counts[redrawn(len(kept), DRAWS)].sum(axis=1)
        rates, how = sums[:, 0] / sums[:, 1], "bootstrap of histories"
    missed, false = marks.positives - marks.hits, marks.negatives - marks.rejections
    found = rng.beta(marks.hits + 0.5, missed + 0.5, DRAWS)
    passed = rng.beta(marks.rejections + 0.5, false + 0.5, DRAWS)
    edge = np.maximum(found + passed - 1, 1e-3)
    true = np.clip((rates + passed - 1) / edge, 0.0, 1.0)
    tail = (1 - level) / 2
    low, high = np.quantile(true, [tail, 1 - tail])
    return Interval(
        low=float(low),
        high=float(high),
        level=level,
        method=f"Rogan-Gladen, {how} and of labels",
        units=len(kept),
    )


def _delta(kept: Sequence[Counts], marks: JudgeMarks, level: float) -> Interval:
    n, judged = sum(m for _, m in kept), pooled(kept)
    size = n / design_effect(kept)
    found = (marks.hits + 1) / (marks.positives + 2)
    passed = (marks.rejections + 1) / (marks.negatives + 2)
    z, edge = float(stats.norm.ppf((1 + level) / 2)), found + passed - 1
    if edge <= 0:
        return Interval(low=0.0, high=1.0, level=level, method="Rogan-Gladen", units=len(kept))
    near = (judged * size + z * z / 2) / (size + z * z)
    rate = min(1.0, max(0.0, (near + passed - 1) / edge))
    variance = (
        near * (1 - near) / (size + z * z)
        + rate**2 * found * (1 - found) / (marks.positives + 2)
        + (1 - rate) ** 2 * passed * (1 - passed) / (marks.negatives + 2)
    )
    half = z * sqrt(variance) / edge
    return Interval(
        low=max(0.0, rate - half),
        high=min(1.0, rate + half),
        level=level,
        method="Rogan-Gladen, delta method with added cases",
        units=len(kept),
    )
