"""Claims of equivalence: by hand, without spread, and at the margin."""

import numpy as np
import pytest
from scipy import stats

from peersim.stats.equivalence import (
    inside_p,
    paired_equivalence,
    rare_equivalence,
    welch_equivalence,
)
from peersim.stats.intervals import clustered_difference


def test_paired_by_hand() -> None:
    # Mean 0, variance 2.5, n 5: se 0.70711; the larger of two equal p is t[4] beyond 2 / se.
    found = paired_equivalence([-2.0, -1.0, 0.0, 1.0, 2.0], 2.0)

    assert found.p == pytest.approx(stats.t.sf(2 / 0.5**0.5, 4))
    half = 2.13185 * 0.5**0.5
    assert (found.low, found.high) == pytest.approx((-half, half), abs=1e-5)
    assert (found.level, found.df, found.units) == (0.9, 4, 5)
    assert found.equivalent


def test_welch_by_hand() -> None:
    # Variances 1 and 4, n 3 each: se √(5/3), df 50/17 (as in the test of the difference).
    found = welch_equivalence([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], 3.0)
    error = (5 / 3) ** 0.5

    assert found.df == pytest.approx(50 / 17)
    assert found.p == pytest.approx(stats.t.sf((3 - 2) / error, 50 / 17))
    assert found.high == pytest.approx(-2 + stats.t.ppf(0.95, 50 / 17) * error)


@pytest.mark.parametrize("margin", [0.03, 0.08, 0.2])
def test_the_claim_is_the_interval_inside_the_margin(margin: float) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.01, 0.1, 20).tolist(), rng.normal(0, 0.2, 25).tolist()
    rare = [(0, 4)] * 30, [(1, 4)] * 2 + [(0, 4)] * 28
    for found in (
        paired_equivalence(a, margin),
        welch_equivalence(a, b, margin),
        rare_equivalence(*rare, margin),
    ):
        assert found.largest is not None
        assert found.equivalent == (found.largest < margin) == (found.p <= 0.05)


def test_p_of_the_interval_is_where_it_fills_the_margin() -> None:
    a, b = [(1, 4)] * 3 + [(0, 4)] * 40, [(0, 4)] * 43
    p = inside_p(lambda level: clustered_difference(a, b, level), 0.06)
    at_p = clustered_difference(a, b, 1 - 2 * p)

    assert max(abs(at_p.low), abs(at_p.high)) == pytest.approx(0.06, abs=1e-6)
    assert inside_p(lambda level: clustered_difference(a, b, level), 0.01) == 1


def test_no_events_at_all_are_equivalent_only_with_enough_histories() -> None:
    assert not rare_equivalence([(0, 1)] * 30, [(0, 1)] * 30, 0.05).equivalent
    assert rare_equivalence([(0, 4)] * 64, [(0, 4)] * 64, 0.05).equivalent


def test_without_spread_nothing_is_claimed_and_nothing_is_nan() -> None:
    for found in (
        paired_equivalence([0.0] * 40, 0.1),
        welch_equivalence([0.5] * 9, [0.5] * 9, 0.1),
    ):
        assert (found.p, found.equivalent, found.low, found.largest) == (1, False, None, None)
        assert found.excluded == "no difference is excluded"
        assert found.notes == ("histories do not vary",)


def test_what_is_excluded_is_said() -> None:
    found = paired_equivalence([-0.2, 0.0, 0.1, 0.1], 1.0)

    assert found.excluded == "differences below -0.166 and above 0.166 are excluded"


def test_margins_and_sets_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        paired_equivalence([1.0, 2.0], 0.0)
    with pytest.raises(ValueError, match="at least two"):
        paired_equivalence([1.0], 0.1)
    with pytest.raises(ValueError, match="at least two"):
        welch_equivalence([1.0], [1.0, 2.0], 0.1)


def test_false_claims_at_the_margin_are_rare() -> None:
    # The truth is the margin itself: at most 5 % may claim, and 3 errors of 1,000 draws are 2 %.
    rng, margin, claims = np.random.default_rng(5), 0.1, 0
    for _ in range(1000):
        p = np.clip(rng.normal(0.4, 0.15, 40), 0, 0.9)
        d = rng.binomial(4, p + margin) / 4 - rng.binomial(4, p) / 4
        claims += paired_equivalence(d.tolist(), margin).equivalent
    assert claims / 1000 <= 0.07


def test_false_claims_of_rare_events_are_rarer_still() -> None:
    rng, claims = np.random.default_rng(6), 0
    for _ in range(200):
        a, b = (rng.binomial(4, p, 48) for p in (0.07, 0.02))
        sides = [[(int(c), 4) for c in of] for of in (a, b)]
        claims += rare_equivalence(*sides, 0.05).equivalent
    assert claims / 200 <= 0.096
