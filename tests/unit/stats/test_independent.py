"""The statistical menu against other implementations, written out here or kept by others."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import beta, t

from peersim.stats.attrition import lee_bounds
from peersim.stats.gee import gee_contrast
from peersim.stats.icc import anova_icc
from peersim.stats.intervals import design_effect, korn_graubard
from peersim.stats.multiplicity import max_t_forked
from peersim.stats.regress import marginal_effect
from peersim.stats.slopes import slope_between

ARMS = {"a": 1.0, "b": -1.0}


def corrected_error(y, arm, history, odds_ratio) -> float:
    """The error of Mancl and DeRouen (2001) for two arms, from its definition."""
    first, second = y[arm].mean(), y[~arm].mean()
    x = np.column_stack([np.ones(len(y)), arm.astype(float)])
    start, link = (logit(second), logit(first)) if odds_ratio else (second, first), expit
    mean = x @ np.array([start[0], start[1] - start[0]])
    mean = link(mean) if odds_ratio else mean
    variance = mean * (1 - mean) if odds_ratio else np.ones(len(y))
    slopes = x * (variance if odds_ratio else np.ones(len(y)))[:, None]
    bread = np.linalg.inv(slopes.T @ (slopes / variance[:, None]))
    meat = np.zeros((2, 2))
    for cluster in np.unique(history):
        at = history == cluster
        d, v = slopes[at], np.diag(1 / variance[at])
        residual = np.linalg.solve(np.eye(at.sum()) - d @ bread @ d.T @ v, (y - mean)[at])
        score = d.T @ v @ residual
        meat += np.outer(score, score)
    return float(np.sqrt((bread @ meat @ bread)[1, 1]))


@pytest.mark.parametrize("odds_ratio", [False, True])
@pytest.mark.parametrize("forked", [False, True])
def test_bias_reduced_errors_are_mancl_and_derouen_s(forked, odds_ratio) -> None:
    rng = np.random.default_rng(5)
    history = np.array([h for h in range(16) for _ in range(1 + h % 4)])
    arm = rng.random(len(history)) < 0.5 if forked else history % 2 == 0
    y = (rng.random(len(history)) < 0.2 + 0.3 * arm + 0.2 * (history % 3 == 0)).astype(float)
    found = gee_contrast(y.tolist(), arm.tolist(), history.tolist(), odds_ratio=odds_ratio)

    assert found.error == pytest.approx(corrected_error(y, arm, history, odds_ratio))


@pytest.fixture
def trials():
    """Trials of two arms over 40 histories and 25 surfaces, which all differ."""
    rng = np.random.default_rng(6)
    history, surface = rng.integers(0, 40, 600), rng.integers(0, 25, 600)
    treated = rng.random(600) < 0.5
    y = rng.normal(size=600) + rng.normal(size=40)[history] + rng.normal(size=25)[surface]
    return y + 0.3 * treated, treated, history, surface


def test_one_clustering_is_that_of_statsmodels(trials) -> None:
    y, treated, history, _ = trials
    arm = np.where(treated, "a", "b").tolist()
    for strata in (False, True):
        x = np.column_stack([treated, *(history == h for h in range(40))] if strata else [treated])
        known = sm.OLS(y, x if strata else sm.add_constant(x.astype(float))).fit(
            cov_type="cluster", cov_kwds={"groups": history}
        )
        place = 0 if strata else 1
        # Effects of histories lie within the clusters and take no degrees of freedom of their own,
        # which statsmodels does not know.
        scale = ((600 - 41) / (600 - 2)) ** 0.5 if strata else 1.0
        within = history.tolist() if strata else None
        found = marginal_effect(y.tolist(), arm, ARMS, {"history": history.tolist()}, within)
        assert found.estimate == pytest.approx(known.params[place])
        assert found.error == pytest.approx(known.bse[place] * scale)


def test_two_clusterings_are_those_of_cameron_gelbach_and_miller(trials) -> None:
    y, treated, history, surface = trials
    arm = np.where(treated, "a", "b").tolist()
    both = {"history": history.tolist(), "surface": surface.tolist()}
    x = sm.add_constant(treated.astype(float))
    bread = np.linalg.inv(x.T @ x)
    scores = x * (y - x @ bread @ x.T @ y)[:, None]

    def meat(labels):
        sums = np.array([scores[labels == label].sum(axis=0) for label in np.unique(labels)])
        return sums.T @ sums

    joint = history * 25 + surface
    whole = bread @ (meat(history) + meat(surface) - meat(joint)) @ bread
    # All three share the correction of the clustering with the fewest clusters.
    scale = 25 / 24 * 599 / 598
    found = marginal_effect(y.tolist(), arm, ARMS, both)
    assert found.error == pytest.approx(float(np.sqrt(scale * whole[1, 1])))
    assert found.df == 24


def test_hc3_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(7)
    dose = rng.integers(0, 4, 40).astype(float)
    y = rng.normal(size=40) * (1 + dose) + 0.2 * dose
    x = sm.add_constant(dose)
    bread = np.linalg.inv(x.T @ x)
    residual = y - x @ bread @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    meat = x.T @ (x * ((residual / (1 - leverage)) ** 2)[:, None])

    found = slope_between(dose.tolist(), y.tolist())
    assert found.error == pytest.approx(float(np.sqrt((bread @ meat @ bread)[1, 1])))


def test_the_icc_of_equal_histories_is_that_of_restricted_likelihood() -> None:
    rng = np.random.default_rng(8)
    table = 0.7 * rng.normal(size=(60, 1)) + rng.normal(size=(60, 5))
    known = sm.MixedLM(table.ravel(), np.ones(300), groups=np.repeat(range(60), 5)).fit(reml=True)
    between = float(known.cov_re[0, 0])

    assert anova_icc(table.tolist()).icc == pytest.approx(
        between / (between + known.scale), abs=1e-4
    )


def test_the_design_effect_is_that_of_a_mean_with_clustered_errors() -> None:
    rng = np.random.default_rng(9)
    clusters = [(int(rng.binomial(m, rng.beta(0.8, 3))), int(m)) for m in rng.integers(2, 9, 25)]
    y = np.array([float(k < c) for c, m in clusters for k in range(m)])
    groups = np.repeat(range(25), [m for _, m in clusters])
    known = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": groups})
    n, rate = len(y), y.mean()
    effect = float(known.cov_params()[0, 0]) / (rate * (1 - rate) / (n - 1))
    assert effect > 1
    assert design_effect(clusters) == pytest.approx(effect)

    effective = n / effect * (t.ppf(0.975, n - 1) / t.ppf(0.975, 24)) ** 2
    x, found = rate * effective, korn_graubard(clusters)
    assert found.low == pytest.approx(beta.ppf(0.025, x, effective - x + 1))
    assert found.high == pytest.approx(beta.ppf(0.975, x + 1, effective - x))


def test_lee_bounds_are_means_of_what_is_left_of_copies() -> None:
    rng = np.random.default_rng(10)
    arms = [
        [[None if rng.random() < lost else float(rng.integers(0, 5)) for _ in range(4)]
         for _ in range(20)]
        for lost in (0.1, 0.3)
    ]  # fmt: skip
    first, second = (sorted(v for h in arm for v in h if v is not None) for arm in arms)
    found, left = lee_bounds(*arms), len(second) / len(first)
    copies = np.repeat(first, 1000)
    kept = round(len(copies) * left)

    assert found.share == pytest.approx(1 - left)
    assert found.low == pytest.approx(copies[:kept].mean() - np.mean(second), abs=1e-3)
    assert found.high == pytest.approx(copies[-kept:].mean() - np.mean(second), abs=1e-3)


def test_max_t_is_westfall_and_young_s_over_all_flips() -> None:
    rng = np.random.default_rng(11)
    d = rng.normal(size=(7, 3)) + np.array([0.8, 0.4, 0.0])

    def studentised(of):
        return np.abs(of.mean(axis=0)) / (of.std(axis=0, ddof=1) / 7**0.5)

    seen = studentised(d)
    drawn = np.array([studentised(d * np.array(s)[:, None]) for s in product((1, -1), repeat=7)])
    expected, least = [0.0] * 3, 0.0
    order = list(np.argsort(-seen))
    for place, index in enumerate(order):
        rest = drawn[:, order[place:]].max(axis=1)
        least = max(least, float((rest >= seen[index] - 1e-9).mean()))
        expected[index] = least
    assert max_t_forked(d.tolist()).p == pytest.approx(expected)
