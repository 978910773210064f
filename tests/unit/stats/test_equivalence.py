"""Claims of equivalence: by hand, and where the interval fills the margin."""

import numpy as np
import pytest
from scipy import stats

from peersim.stats.equivalence import inside_p
from peersim.stats.intervals import Interval, clustered_difference, mean_t


def paired_p(differences: list[float], margin: float) -> float:
    def interval(level: float) -> Interval:
        found = mean_t(differences, level)
        assert found is not None
        return found

    return inside_p(interval, margin)


def test_paired_by_hand() -> None:
    # Mean 0, variance 2.5, n 5: se 0.70711; the larger of two equal p is t[4] beyond 2 / se.
    assert paired_p([-2.0, -1.0, 0.0, 1.0, 2.0], 2.0) == pytest.approx(stats.t.sf(2 / 0.5**0.5, 4))


def test_p_of_the_interval_is_where_it_fills_the_margin() -> None:
    a, b = [(1, 4)] * 3 + [(0, 4)] * 40, [(0, 4)] * 43
    p = inside_p(lambda level: clustered_difference(a, b, level), 0.06)
    at_p = clustered_difference(a, b, 1 - 2 * p)

    assert max(abs(at_p.low), abs(at_p.high)) == pytest.approx(0.06, abs=1e-6)
    assert inside_p(lambda level: clustered_difference(a, b, level), 0.01) == 1


def test_no_events_at_all_are_equivalent_only_with_enough_histories() -> None:
    few, many = [(0, 1)] * 30, [(0, 4)] * 64

    assert inside_p(lambda level: clustered_difference(few, few, level), 0.05) > 0.05
    assert inside_p(lambda level: clustered_difference(many, many, level), 0.05) <= 0.05


@pytest.mark.slow
def test_false_claims_at_the_margin_are_rare() -> None:
    # The truth is the margin itself: at most 5 % may claim, and 3 errors of 1,000 draws are 2 %.
    rng, margin, claims = np.random.default_rng(5), 0.1, 0
    for _ in range(1000):
        p = np.clip(rng.normal(0.4, 0.15, 40), 0, 0.9)
        d = rng.binomial(4, p + margin) / 4 - rng.binomial(4, p) / 4
        claims += paired_p(d.tolist(), margin) <= 0.05
    assert claims / 1000 <= 0.07


def test_false_claims_of_rare_events_are_rarer_still() -> None:
    rng, claims = np.random.default_rng(6), 0
    for _ in range(200):
        a, b = ([(int(c), 4) for c in rng.binomial(4, p, 48)] for p in (0.07, 0.02))
        claims += inside_p(lambda at, a=a, b=b: clustered_difference(a, b, at), 0.05) <= 0.05
    assert claims / 200 <= 0.096
