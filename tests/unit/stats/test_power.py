"""Assumed outcomes have the rates and correlations that were assumed, and searches end well."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from peersim.stats.icc import anova_icc
from peersim.stats.power import (
    Assumed,
    Power,
    events,
    power_of,
    rates,
    score_correlation,
    scores,
    solve,
)


def random(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.few(3)
@pytest.mark.parametrize("icc", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("mean", [0.02, 0.1, 0.5])
def test_rates_have_the_mean_and_events_the_icc(mean, icc):
    found = rates(random(), [mean], 40_000, icc, 0.8)
    assert found.mean() == pytest.approx(mean, abs=0.006)
    seen = anova_icc(events(random(2), found, 4)[0].tolist())
    assert seen.raw == pytest.approx(icc, abs=0.03)


def test_forked_rates_are_tied_and_those_of_rho_0_are_not():
    tied = rates(random(), [0.3, 0.3], 20_000, 0.3, 0.8)
    free = rates(random(), [0.3, 0.3], 20_000, 0.3, 0.0)
    assert stats.spearmanr(tied[0], tied[1]).statistic == pytest.approx(0.79, abs=0.02)
    assert abs(np.corrcoef(free)[0, 1]) < 0.03


def test_a_correlation_of_rates_is_traced_back_to_the_one_behind_it():
    behind = score_correlation((0.3, 0.5), 0.3, 0.6)
    found = rates(random(), [0.3, 0.5], 40_000, 0.3, behind)
    assert np.corrcoef(found)[0, 1] == pytest.approx(0.6, abs=0.02)
    # Rates of very different skew cannot correlate so far.
    assert score_correlation((0.02, 0.5), 0.3, 0.95) == pytest.approx(1.0, abs=0.01)


def test_scores_have_the_spread_and_the_correlations():
    assumed = Assumed(p0=3.0, icc=0.25, rho=0.6, sd=2.0)
    found = scores(random(), [3.0, 4.0], (20_000, 2), assumed)
    assert found.mean(axis=(1, 2)) == pytest.approx([3.0, 4.0], abs=0.04)
    assert found.std(axis=(1, 2)) == pytest.approx([2.0, 2.0], abs=0.03)
    assert np.corrcoef(found[0].T)[0, 1] == pytest.approx(0.25, abs=0.02)
    # Across arms of one history: icc times rho.
    assert np.corrcoef(found[0][:, 0], found[1][:, 0])[0, 1] == pytest.approx(0.15, abs=0.02)


def test_power_has_an_error_even_at_its_ends():
    assert power_of([True] * 50).value == 1.0
    assert power_of([True] * 50).error > 0.01
    assert power_of([True, False] * 50) == Power(0.5, 0.05, 100)


def test_independent_trials_have_the_power_of_the_textbook():
    trials, draws = 130, 4000
    of = rates(random(), [0.10, 0.02], 1, 0.0, 0.0)
    seen = random(3).random((draws, 2, trials)) < of[:, 0][None, :, None]
    means = seen.mean(axis=2)
    pooled = means.mean(axis=1)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-9) * 2 / trials)
    found = power_of(list(np.abs(means[:, 0] - means[:, 1]) / error > 1.96))
    said = NormalIndPower().power(proportion_effectsize(0.10, 0.02), trials, 0.05)
    assert found.value == pytest.approx(said, abs=0.04)


def normal(effect, histories):
    """The exact power of a z test whose error shrinks with the root of the histories."""
    value = float(stats.norm.cdf(effect * sqrt(histories) - 1.96))
    return Power(value, 0.0, 10_000)


def test_a_search_finds_effect_and_size():
    effect = solve(lambda d: normal(d, 25), (0.3, normal(0.3, 25)), 0.8, 0.05, (0.001, 1.0))
    assert effect[0] == pytest.approx(2.8016 / 5, rel=0.03)
    start = (25.0, normal(0.3, 25))
    size = solve(lambda h: normal(0.3, h), start, 0.8, 0.05, (6, 2000), root=True)
    assert size[0] == pytest.approx((2.8016 / 0.3) ** 2, rel=0.05)


def test_a_search_that_cannot_succeed_says_so():
    flat = Power(0.05, 0.01, 400)
    assert solve(lambda _: flat, (0.1, flat), 0.8, 0.05, (0.001, 1.0)) is None


def test_a_study_that_is_large_enough_at_the_floor_needs_no_more_than_the_floor():
    sure = Power(1.0, 0.0, 400)
    found = solve(lambda _: sure, (40.0, sure), 0.8, 0.05, (16, 2000), root=True)
    assert found[0] >= 16
    assert found[0] <= 40
