"""Bootstrap intervals of scores: by hand, without spread, and their coverage."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from peersim.stats import scores
from peersim.stats.intervals import mean_t
from peersim.stats.scores import FEWEST, bca_mean, bca_sum, quantile_shift


def test_bca_is_near_student_where_values_are_normal() -> None:
    values = np.random.default_rng(20).normal(1, 2, 60).tolist()
    found, known = bca_mean(values), mean_t(values)

    assert found is not None
    assert known is not None
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.12)
    assert found == bca_mean(values)


def test_bca_leans_with_the_skew() -> None:
    found = bca_mean([0.0] * 20 + [1.0, 2.0, 8.0])

    assert found is not None
    mean = 11 / 23
    assert found.high - mean > mean - found.low


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [0.5] * 8])
def test_bca_without_spread_is_none_and_no_nan(values) -> None:
    assert bca_mean(values) is None


def test_bca_coverage(monkeypatch) -> None:
    # 300 draws of 30 differences with a long tail; skewed means cost some coverage.
    monkeypatch.setattr(scores, "RESAMPLES", 999)
    draws = np.random.default_rng(21).gamma(2, 1, (300, 30))
    found = [bca_mean(of.tolist()) for of in draws]

    assert np.mean([of.low <= 2 <= of.high for of in found if of]) >= 0.89


def test_of_one_sample_the_sum_is_its_mean() -> None:
    values = np.random.default_rng(24).gamma(2, 1, 25).tolist()
    one, other = bca_mean(values), bca_sum([values], [1.0])
    assert one is not None
    assert other is not None
    assert (other.low, other.high) == pytest.approx((one.low, one.high))


def test_between_arms_bca_is_near_welch_where_values_are_normal() -> None:
    rng = np.random.default_rng(25)
    a, b = rng.normal(2, 1, 60).tolist(), rng.normal(1, 3, 40).tolist()
    found = bca_sum([a, b], [1.0, -1.0])
    known = ttest_ind(a, b, equal_var=False).confidence_interval()

    assert found is not None
    assert found.units == 100
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.15)


@pytest.mark.parametrize("other", [[1.0, 2.0] * (FEWEST // 2 - 1), [0.5] * 20, []])
def test_between_arms_few_histories_or_no_spread_give_none(other) -> None:
    assert bca_sum([list(range(20)), other], [1.0, -1.0]) is None


@pytest.mark.parametrize(("n", "least"), [(FEWEST, 0.86), (30, 0.91)])
def test_bca_between_arms_coverage(monkeypatch, n, least) -> None:
    # Two arms of unlike tails, 400 times: means 2 and 1.
    monkeypatch.setattr(scores, "RESAMPLES", 999)
    rng = np.random.default_rng(26)
    draws = zip(rng.gamma(2, 1, (400, n)), rng.gamma(1, 1, (400, n)), strict=True)
    found = [bca_sum([a.tolist(), b.tolist()], [1.0, -1.0]) for a, b in draws]

    assert np.mean([one.low <= 1 <= one.high for one in found if one]) >= least


def test_shifts_of_a_moved_copy_are_the_move() -> None:
    a = np.random.default_rng(22).normal(0, 1, (20, 4))
    for shift in quantile_shift((a + 1).tolist(), a.tolist(), forked=True):
        assert shift.difference == pytest.approx(1)
        assert (shift.interval.low, shift.interval.high) == pytest.approx((1, 1))
        assert shift.interval.units == 20


def test_shifts_by_hand_weigh_histories_alike() -> None:
    # One history of 1, 1, 1, 1 and one of 5: each has half the weight; the median is 1, and
    # the .75 quantile 5.
    found = quantile_shift([[1.0] * 4, [5.0]], [[0.0], [0.0]], (0.5, 0.75))

    assert [shift.difference for shift in found] == [1, 5]


def test_a_longer_tail_shows_at_its_quantile_only() -> None:
    rng = np.random.default_rng(23)
    b = rng.normal(0, 1, (60, 4))
    found = quantile_shift(np.where(b > 1, b + 3, b).tolist(), b.tolist(), forked=True)

    assert found[2].difference == 0
    assert found[4].interval.low > 1


def test_one_history_has_no_shift() -> None:
    with pytest.raises(ValueError, match="two histories"):
        quantile_shift([[1.0, 2.0]], [[1.0], [2.0]])


@pytest.mark.slow
def test_shift_coverage() -> None:
    # Histories of 4 with sd 1 between and 1 within, no shift; 200 draws, 3 errors are .046.
    rng, inside = np.random.default_rng(24), np.zeros(2)
    for _ in range(200):
        a, b = rng.normal(0, 1, (2, 40, 1)) + rng.normal(0, 1, (2, 40, 4))
        found = quantile_shift(a.tolist(), b.tolist(), (0.25, 0.5))
        inside += [s.interval.low <= 0 <= s.interval.high for s in found]

    assert (inside / 200 >= 0.9).all()
