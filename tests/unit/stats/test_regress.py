"""Saturated models: against arithmetic and two-arm methods, and without spread."""

import logging
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from peersim.stats.regress import marginal_effect

ARMS = {"a": 1.0, "b": -1.0}


def forked(histories: int, trials: int, seed: int = 1) -> tuple[list[float], list[str], list[int]]:
    """Trials of two arms from the same histories."""
    rng = np.random.default_rng(seed)
    rates = np.repeat(rng.beta(2, 3, histories), 2 * trials)
    y = (rng.random(len(rates)) < rates).astype(float)
    arm = ["a", "b"] * (histories * trials)
    return y.tolist(), arm, np.repeat(np.arange(histories), 2 * trials).tolist()


def test_within_equal_histories_is_the_mean_difference_with_its_paired_error() -> None:
    y, arm, history = forked(30, 3)
    found = marginal_effect(y, arm, ARMS, {"history": history}, history)
    table = np.array(y).reshape(30, 3, 2).mean(axis=1)
    d = table[:, 0] - table[:, 1]

    assert found.estimate == pytest.approx(d.mean())
    # CRV1 differs from the paired error by its degrees of freedom of coefficients alone.
    assert found.error == pytest.approx(d.std(ddof=1) / 30**0.5, rel=0.02)
    assert (found.df, found.units) == (29, {"history": 30})
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.estimate) / found.error, 29))


def test_between_histories_is_the_difference_of_means() -> None:
    y, _, history = forked(24, 3)
    arm = ["ab"[h % 2] for h in history]
    found = marginal_effect(y, arm, ARMS, {"history": history})
    means = [np.mean([v for v, of in zip(y, arm, strict=True) if of == side]) for side in "ab"]

    assert found.estimate == pytest.approx(means[0] - means[1])
    assert found.df == 23


def test_two_clusterings_take_the_smaller_for_their_df() -> None:
    y, arm, history = forked(24, 4)
    surface = [(2 * h + k // 2) % 8 for h, k in zip(history, list(range(8)) * 24, strict=True)]
    strata = list(zip(history, surface, strict=True))
    found = marginal_effect(y, arm, ARMS, {"history": history, "surface": surface}, strata)

    assert found.df == 7
    assert found.units == {"history": 24, "surface": 8}
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 7) * found.error)
    assert found.method.endswith("t on 7 df, cluster-flip p (that of t, if larger)")


def test_a_marginal_effect_is_the_mean_of_the_effects_in_each_combination() -> None:
    rng = np.random.default_rng(2)
    names, history = ["1", "2", "3", "4"] * 24, np.repeat(np.arange(24), 4).tolist()
    y = rng.random(96).tolist()
    weights = {"1": 0.5, "2": -0.5, "3": 0.5, "4": -0.5}
    means = {n: np.mean([v for v, of in zip(y, names, strict=True) if of == n]) for n in "1234"}
    expected = sum(weight * means[name] for name, weight in weights.items())

    for strata in (None, history):
        found = marginal_effect(y, names, weights, {"history": history}, strata)
        assert found.estimate == pytest.approx(expected)


def test_few_clusters_in_one_cell_each_are_permuted() -> None:
    # 4 against 4 histories, all of one arm above all of the other: 2 of 70 handings-out.
    y = [0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3]
    found = marginal_effect(y, ["a"] * 4 + ["b"] * 4, ARMS, {"history": list(range(8))})

    assert found.p == pytest.approx(2 / 70)
    assert found.method.endswith("permutation p (that of t, if larger)")


def test_without_spread_there_is_a_p_and_no_nan() -> None:
    _, arm, history = forked(6, 2)
    none = marginal_effect([0.0] * 24, arm, ARMS, {"history": history}, history)
    all_alike = [float(of == "a") for of in arm]
    apart = marginal_effect(all_alike, arm, ARMS, {"history": history}, history)

    assert (none.estimate, none.low, none.p, none.error) == (0, None, 1, None)
    assert apart.estimate == pytest.approx(1)
    assert (apart.low, apart.p) == (None, pytest.approx(2 / 2**6))


def test_strata_of_one_cell_do_not_pad_the_clusters() -> None:
    y, arm, history = forked(8, 2)
    found = marginal_effect(
        [*y, 1.0, 0.0],
        [*arm, "a", "b"],
        ARMS,
        {"history": [*history, 98, 99]},
        [*history, 98, 99],
    )

    assert found.units == {"history": 8}


@pytest.mark.parametrize(
    ("weights", "clusters", "message"),
    [
        ({"a": 1.0}, {"history": [0, 0, 1, 1]}, "add up to 0"),
        ({"a": 1.0, "c": -1.0}, {"history": [0, 0, 1, 1]}, "'c' has no trial"),
        (ARMS, {"history": [0, 0, 0, 0]}, "at least two clusters"),
        (ARMS, {}, "one or two clusterings"),
    ],
)
def test_contrasts_that_cannot_be_estimated_are_refused(weights, clusters, message) -> None:
    with pytest.raises(ValueError, match=message):
        marginal_effect([0.0, 1.0, 1.0, 0.0], ["a", "b", "a", "b"], weights, clusters)


def test_strata_without_the_comparison_are_refused() -> None:
    # c is never in a history with a or b: its rate there cannot be told from the histories'.
    cells, history = ["a", "b", "c", "d"] * 2, [0, 0, 1, 1, 2, 2, 3, 3]
    with pytest.raises(ValueError, match="do not hold"):
        marginal_effect([0.0, 1.0] * 4, cells, ARMS, {"history": history}, history)


def test_a_fit_leaves_the_log_of_everybody_as_it_was() -> None:
    said = (
        "import logging; from peersim.stats.regress import _feols; _feols();"
        " root = logging.getLogger(); print(root.level, root.handlers)"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == f"{logging.WARNING} []\n"
