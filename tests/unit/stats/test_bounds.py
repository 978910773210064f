"""Worst and best cases for what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.stats.bounds import contrast_bounds, history_bounds, rate_bounds

tallies = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)).map(
    lambda of: (min(of[0], of[1]), of[1], of[2])
)


def test_a_fifth_missing() -> None:
    # 8 of 80 seen, 20 missing: the truth lies between 8 and 28 of 100.
    assert rate_bounds((8, 80, 20)) == pytest.approx((0.08, 0.28))


def test_nothing_missing_leaves_the_rate() -> None:
    assert rate_bounds((3, 10, 0)) == (0.3, 0.3)


def test_nothing_at_all_has_no_bounds() -> None:
    assert rate_bounds((0, 0, 0)) is None
    assert contrast_bounds([(0, 0, 0)], [(1, 2, 0)]) is None


def test_both_extreme_pairings() -> None:
    assert contrast_bounds([(5, 8, 2)], [(1, 9, 1)]) == pytest.approx((0.5 - 0.2, 0.7 - 0.1))


def test_histories_weigh_alike_in_the_bounds_as_in_the_estimate() -> None:
    # Three with the event in their only trial, and one that lost half of ten without it.
    found = history_bounds([(1, 1, 0)] * 3 + [(0, 5, 5), (0, 0, 0)])

    assert found == pytest.approx((3 / 4, (3 + 0.5) / 4))


@given(tallies.filter(lambda of: of[1] > 0), tallies.filter(lambda of: of[1] > 0))
def test_the_seen_difference_lies_within(a: tuple[int, int, int], b: tuple[int, int, int]) -> None:
    found, turned = contrast_bounds([a], [b]), contrast_bounds([b], [a])

    assert found is not None
    assert turned is not None
    assert found[0] - 1e-12 <= a[0] / a[1] - b[0] / b[1] <= found[1] + 1e-12
    assert found == (-turned[1], -turned[0])
