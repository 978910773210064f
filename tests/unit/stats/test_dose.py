"""Trends over doses: published data, contrasts by hand, ties, and the size of the tests."""

from itertools import permutations

import numpy as np
import pytest

from peersim.stats import draws
from peersim.stats.dose import isotonic, jonckheere, page, williams, williams_weights

# Hollander and Wolfe, Nonparametric Statistical Methods, example 6.2 (workers' output with no,
# rough and accurate knowledge of results): J = 79, exact upper tail .0231.
MOTIVATION = [
    [40, 35, 38, 43, 44, 41],
    [38, 40, 47, 44, 40, 42],
    [48, 40, 45, 43, 46, 44],
]
# The example of scipy's page on Page's test: ratings of three ways of teaching, L = 133.5.
RATINGS = [
    *([3, 4, 3], [2, 2, 4], [3, 3, 5], [1, 3, 2], [2, 3, 2]),
    *([2, 4, 5], [1, 2, 4], [3, 4, 4], [2, 4, 5], [1, 3, 4]),
]


def test_jonckheere_is_the_published_one() -> None:
    found = jonckheere(MOTIVATION, "increasing")

    assert found.statistic == 79
    # 3 errors of 9,999 draws are .0045; ties move the exact figure a little too.
    assert found.p == pytest.approx(0.0231, abs=0.0045)
    assert found.units == 18


def test_jonckheere_of_two_ordered_pairs_is_listed() -> None:
    # Of the 6 ways to hand out 4 histories one alone has all 4 pairs rising.
    assert jonckheere([[1, 2], [3, 4]], "increasing").p == pytest.approx(1 / 6)
    assert jonckheere([[1, 2], [3, 4]]).p == pytest.approx(2 / 6)
    assert jonckheere([[3, 4], [1, 2]], "increasing").p == 1


def test_page_has_the_published_statistic() -> None:
    found = page(RATINGS, "increasing")

    assert found.statistic == 133.5
    assert found.p < 0.00182  # scipy's, which takes tied ranks as untied: the safe side
    assert "permutation" in found.method


def test_page_without_ties_is_exact() -> None:
    # Two histories, three doses: of 36 pairs of orders one alone has both rising.
    assert page([[1, 2, 3], [4, 5, 6]], "increasing").p == pytest.approx(1 / 36)
    assert page([[1, 2, 3], [4, 5, 6]]).p == pytest.approx(2 / 36)
    assert page([[3, 2, 1], [6, 5, 4]], "decreasing").p == pytest.approx(1 / 36)


def test_page_with_ties_agrees_with_a_full_listing() -> None:
    data = [[0, 0, 1], [0, 1, 1], [0, 1, 1]]
    level = np.array([1, 2, 3])
    ways = [[np.dot(order, level) for order in permutations(row)] for row in data]
    sums = [a + b + c for a in ways[0] for b in ways[1] for c in ways[2]]
    exact = np.mean(np.array(sums) >= sum(np.dot(row, level) for row in data))

    assert page(data, "increasing").p == pytest.approx(exact, abs=0.006)


@pytest.mark.parametrize("test", [jonckheere, page, williams])
def test_without_spread_p_is_1_and_no_nan(test) -> None:
    found = test([[0.5] * 4] * 4)

    assert found.p == 1
    assert np.isfinite(found.statistic)


def test_williams_contrasts_are_the_published_ones() -> None:
    # As in Bretz (2006) for three doses and a control with equal sizes.
    third = 1 / 3
    assert williams_weights([6] * 4) == pytest.approx(
        np.array([[-1, 0, 0, 1], [-1, 0, 0.5, 0.5], [-1, third, third, third]])
    )
    # Unequal sizes enter as shares of the pooled doses.
    assert williams_weights([5, 2, 6])[1] == pytest.approx([-1, 0.25, 0.75])


def test_williams_of_two_doses_by_hand() -> None:
    # Student's t of (1, 2, 3) against (4, 5, 6): 3 / √(1 · 2/3); 2 of 20 handings-out.
    found = williams([[1, 2, 3], [4, 5, 6]])

    assert found.statistic == pytest.approx(3 / (2 / 3) ** 0.5)
    assert found.p == pytest.approx(2 / 20)
    assert williams([[1, 2, 3], [4, 5, 6]], "decreasing").p > 0.9


def test_williams_points_at_the_knee() -> None:
    rng = np.random.default_rng(11)
    doses = [(rng.normal(0, 0.1, 12) + step).tolist() for step in (0, 0, 1, 1)]

    assert williams(doses, "increasing").knee == 2


def test_isotonic_by_hand() -> None:
    # .4 and .2 are pooled by their weights: (3 · .4 + 1 · .2) / 4.
    assert isotonic([0.1, 0.4, 0.2, 0.6], [1, 3, 1, 1]) == pytest.approx((0.1, 0.35, 0.35, 0.6))
    assert isotonic([0.1, 0.3], [1, 1], increasing=False) == pytest.approx((0.2, 0.2))


def test_incomplete_doses_are_refused() -> None:
    with pytest.raises(ValueError, match="complete"):
        page([[1, 2, float("nan")], [1, 2, 3]])
    with pytest.raises(ValueError, match="complete"):
        page([[1, 2], [1, 2]])
    with pytest.raises(ValueError, match="at least 1"):
        jonckheere([[1, 2], []])
    with pytest.raises(ValueError, match="at least 2"):
        williams([[1, 2], [1]])


@pytest.mark.parametrize("test", [jonckheere, williams])
def test_size_under_the_null(test, monkeypatch) -> None:
    # History means of 4 trials at .3, ICC .2, 4 doses of 8; 300 draws, 3 errors are .038.
    # All studies share their 199 seeded permutations, which adds an error of .015 to the size.
    monkeypatch.setattr(draws, "RESAMPLES", 199)
    rng = np.random.default_rng(12)
    means = rng.binomial(4, rng.beta(1.2, 2.8, (300, 4, 8))) / 4
    rejected = np.mean([test(of.tolist()).p <= 0.05 for of in means])

    assert rejected <= 0.088
