"""Rates corrected for the judge's errors: textbook figures, edges, and coverage."""

import numpy as np
import pytest

from peersim.stats import judge_error
from peersim.stats.intervals import mover
from peersim.stats.judge_error import JudgeMarks, corrected_difference, corrected_rate


def marks(sensitivity: float, specificity: float, labels: int = 100) -> JudgeMarks:
    return JudgeMarks(
        hits=round(sensitivity * labels),
        positives=labels,
        rejections=round(specificity * labels),
        negatives=labels,
    )


@pytest.mark.parametrize(
    ("judged", "n", "sensitivity", "specificity", "rate"),
    [
        # Sensitivity .98 and specificity .84 make a true 2 % read as 17.64 %.
        (1764, 10_000, 0.98, 0.84, 0.02),
        # (.12 + .95 - 1) / (.90 + .95 - 1) = .07 / .85.
        (12, 100, 0.9, 0.95, 0.07 / 0.85),
        (30, 100, 1.0, 1.0, 0.3),
    ],
)
def test_the_correction_by_hand(judged, n, sensitivity, specificity, rate) -> None:
    clusters = [(1, 1)] * judged + [(0, 1)] * (n - judged)
    found = corrected_rate(clusters, marks(sensitivity, specificity), bootstrap=False)

    assert found.uncut == found.rate == pytest.approx(rate)
    assert found.judged == pytest.approx(judged / n)
    assert found.interval.low < rate < found.interval.high
    assert (found.labels, found.interval.units) == (200, n)


@pytest.mark.parametrize("bootstrap", [True, False])
@pytest.mark.parametrize("clusters", [[(0, 4)] * 20, [(4, 4)] * 20, [(1, 4)]])
def test_edges_keep_an_interval_of_some_width(clusters, bootstrap) -> None:
    found = corrected_rate(clusters, marks(0.9, 0.84), bootstrap=bootstrap)

    assert 0 <= found.interval.low <= found.rate <= found.interval.high <= 1
    assert found.interval.high - found.interval.low > 0.03


def test_a_judge_without_a_mistake_is_not_taken_as_faultless() -> None:
    clusters = [(1, 4)] * 20 + [(0, 4)] * 20
    few, many = (
        corrected_rate(clusters, marks(1.0, 1.0, labels)).interval for labels in (10, 10_000)
    )

    assert few.high - few.low > 1.2 * (many.high - many.low)


@pytest.mark.parametrize(("hits", "rejections"), [(50, 50), (10, 80), (0, 100)])
def test_a_judge_no_better_than_chance_is_refused(hits, rejections) -> None:
    bad = JudgeMarks(hits=hits, positives=100, rejections=rejections, negatives=100)
    with pytest.raises(ValueError, match="no better than chance"):
        corrected_rate([(1, 4)] * 5, bad)


def test_without_labels_or_trials_there_is_no_correction() -> None:
    with pytest.raises(ValueError, match="labelled cases"):
        corrected_rate([(1, 4)], JudgeMarks(hits=0, positives=0, rejections=5, negatives=5))
    with pytest.raises(ValueError, match="judged trial"):
        corrected_rate([(0, 0)], marks(0.9, 0.9))


def test_a_difference_is_mover_on_the_corrected_limits() -> None:
    a = corrected_rate([(2, 4)] * 12 + [(1, 4)] * 8, marks(0.95, 0.9))
    b = corrected_rate([(1, 4)] * 12 + [(0, 4)] * 8, marks(0.9, 0.95))

    assert corrected_difference(a, b) == mover(a.rate, a.interval, b.rate, b.interval)


def test_per_arm_marks_undo_a_difference_that_only_the_judge_made() -> None:
    # Truth .2 in both; the judge sees .2 · .98 + .8 · .16 and .2 · .98 + .8 · .02.
    sides = [(0.324, marks(0.98, 0.84, 500)), (0.212, marks(0.98, 0.98, 500))]
    found = [corrected_rate([(1, 1)] * round(1000 * p) + [(0, 1)] * round(1000 * (1 - p)), m)
             for p, m in sides]  # fmt: skip

    assert [of.rate for of in found] == pytest.approx([0.2, 0.2])
    limits = corrected_difference(*found)
    assert limits.low < 0 < limits.high


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("histories", "rate", "sensitivity", "specificity", "labels"),
    [(48, 0.02, 0.98, 0.84, 100), (24, 0.1, 0.9, 0.95, 50), (48, 0.3, 0.9, 0.95, 100)],
)
@pytest.mark.parametrize("bootstrap", [True, False])
def test_coverage(
    histories, rate, sensitivity, specificity, labels, bootstrap, monkeypatch
) -> None:
    # ICC .2, 4 trials; 200 draws: 95 % less 3 errors is .904.
    monkeypatch.setattr(judge_error, "DRAWS", 1999)
    rng, inside = np.random.default_rng(18), 0
    for _ in range(200):
        true = rng.binomial(4, rng.beta(rate * 4, (1 - rate) * 4, histories))
        said = rng.binomial(true, sensitivity) + rng.binomial(4 - true, 1 - specificity)
        shown = JudgeMarks(
            hits=int(rng.binomial(labels, sensitivity)),
            positives=labels,
            rejections=int(rng.binomial(labels, specificity)),
            negatives=labels,
        )
        clusters = [(int(c), 4) for c in said]
        found = corrected_rate(clusters, shown, bootstrap=bootstrap).interval
        inside += found.low <= rate <= found.high

    assert inside / 200 >= 0.904
