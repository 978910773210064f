"""Coverage of the intervals for clustered rates, and the size of the tests that rest on them."""

import numpy as np
import pytest
from scipy import stats

from peersim.stats.intervals import clustered_difference, korn_graubard, wilson


def clusters(rng, rate, icc, histories, trials):
    """Beta-binomial histories."""
    s = (1 - icc) / icc
    rates = rng.beta(rate * s, (1 - rate) * s, histories)
    return [(int(c), trials) for c in rng.binomial(trials, rates)]


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("rate", "icc", "histories", "trials"),
    [(0.02, 0.1, 24, 4), (0.1, 0.3, 12, 10), (0.4, 0.3, 24, 4), (0.1, 0.3, 48, 4)],
)
def test_korn_graubard_covers(rate, icc, histories, trials) -> None:
    # 600 draws: 95 % less 3 errors is .923.
    rng = np.random.default_rng(29)
    found = [korn_graubard(clusters(rng, rate, icc, histories, trials)) for _ in range(600)]

    assert np.mean([of.low <= rate <= of.high for of in found]) >= 0.923


def test_wilson_on_clustered_trials_does_not() -> None:
    rng, inside = np.random.default_rng(30), 0
    for _ in range(300):
        drawn = clusters(rng, 0.3, 0.3, 20, 10)
        found = wilson(sum(c for c, _ in drawn), 200)
        inside += found.low <= 0.3 <= found.high

    assert inside / 300 < 0.8


@pytest.mark.few(1)
@pytest.mark.parametrize("rates", [(0.02, 0.02), (0.02, 0.1), (0.1, 0.1)])
def test_mover_covers(rates) -> None:
    rng, gap, inside = np.random.default_rng(31), rates[0] - rates[1], 0
    for _ in range(400):
        a, b = (clusters(rng, p, 0.2, 24, 4) for p in rates)
        found = clustered_difference(a, b)
        inside += found.low <= gap <= found.high

    assert inside / 400 >= 0.917


def test_fisher_on_trials_finds_effects_where_there_are_none() -> None:
    rng, naive, ours = np.random.default_rng(32), 0, 0
    for _ in range(300):
        a, b = (clusters(rng, 0.3, 0.3, 20, 10) for _ in range(2))
        counts = [sum(c for c, _ in side) for side in (a, b)]
        table = [counts, [200 - c for c in counts]]
        naive += stats.fisher_exact(table).pvalue <= 0.05
        limits = clustered_difference(a, b)
        ours += limits.low > 0 or limits.high < 0

    assert naive / 300 > 0.2
    assert ours / 300 <= 0.061 + 0.038
