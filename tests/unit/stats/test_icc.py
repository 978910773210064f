"""The ICC by hand, at its edges, and against the truth."""

from math import inf

import numpy as np
import pytest

from peersim.stats.icc import anova_icc, arms_correlation, best_trials


def test_equal_histories_by_hand() -> None:
    # Means 1 and 4, within ±1: between 2 · (1.5² + 1.5²) = 9, within (1 + 1 + 1 + 1) / 2 = 2.
    found = anova_icc([[0.0, 2.0], [3.0, 5.0]])

    assert found.icc == pytest.approx((9 - 2) / (9 + 2))
    assert (found.size, found.units, found.trials) == (2, 2, 4)
    assert found.design_effect == pytest.approx(1 + 7 / 11)
    assert found.effective == pytest.approx(4 / (1 + 7 / 11))


def test_unequal_histories_by_hand() -> None:
    # Donner's m0 = (6 - (1 + 4 + 9) / 6) / 2.
    found = anova_icc([[1.0], [0.0, 1.0], [0.0, 0.0, 1.0]])

    assert found.size == pytest.approx((6 - 14 / 6) / 2)
    between = (1 - 0.5) ** 2 + 2 * 0 + 3 * (1 / 3 - 0.5) ** 2
    within = (0.5 + 2 / 3) / 3
    raw = (between / 2 - within) / (between / 2 + (found.size - 1) * within)
    assert found.raw == pytest.approx(raw)
    assert found.icc == max(0, found.raw)


@pytest.mark.parametrize("histories", [[[0, 0], [0, 0]], [[0], [1], [1]]])
def test_where_it_cannot_be_seen_it_is_none(histories) -> None:
    found = anova_icc(histories)

    assert (found.icc, found.design_effect) == (None, 1)


def test_one_history_is_refused() -> None:
    with pytest.raises(ValueError, match="two histories"):
        anova_icc([[1, 0], []])


@pytest.mark.parametrize(("cost", "trials"), [(1, 2.0), (3, 3.4641), (6, 4.8990)])
def test_best_trials_per_history(cost, trials) -> None:
    assert best_trials(0.2, cost) == pytest.approx(trials, abs=1e-4)


def test_without_correlation_one_history_would_do() -> None:
    assert best_trials(0.0, 1) == inf


@pytest.mark.parametrize("icc", [0.1, 0.3])
def test_it_recovers_the_icc_of_a_beta_binomial(icc) -> None:
    # Its mean over 200 studies of 200 histories of 4 is off by no more than .01.
    rng, s = np.random.default_rng(27), (1 - icc) / icc
    rates = rng.beta(0.3 * s, 0.7 * s, (200, 200, 1))
    y = (rng.random((200, 200, 4)) < rates).astype(float)

    assert np.mean([anova_icc(of.tolist()).raw for of in y]) == pytest.approx(icc, abs=0.01)


def test_correlation_of_arms_is_cleared_of_the_noise_of_trials() -> None:
    rng = np.random.default_rng(28)
    shared = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 2000)
    a, b = (shared[:, side, None] + rng.normal(0, 1.5, (2000, 4)) for side in (0, 1))

    assert arms_correlation(a.tolist(), b.tolist()) == pytest.approx(0.8, abs=0.08)
    assert np.corrcoef(a.mean(axis=1), b.mean(axis=1))[0, 1] < 0.6


def test_correlation_needs_spread_and_the_same_histories() -> None:
    flat = [[0.0, 1.0]] * 5

    assert arms_correlation(flat, flat) is None
    assert arms_correlation([[0.0], [1.0], [2.0]], [[0.0], [1.0], [2.0]]) is None
    with pytest.raises(ValueError, match="same histories"):
        arms_correlation(flat, flat[:4])
