"""Boundaries of looks against published ones, and the alpha that they keep."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from peersim.stats.looks import adjusted_p, boundaries, spending

THIRDS = (1 / 3, 2 / 3, 1.0)


@pytest.mark.parametrize(
    ("fractions", "z"),
    [
        # gsDesign and Lan-DeMets with O'Brien-Fleming spending, two-sided .05, equal steps.
        ((1.0,), (1.95996,)),
        ((0.5, 1.0), (2.9626, 1.9686)),
        (THIRDS, (3.7103, 2.5114, 1.9930)),
        ((0.2, 0.4, 0.6, 0.8, 1.0), (4.8769, 3.3570, 2.6803, 2.2898, 2.0310)),
    ],
)
def test_boundaries_are_the_published_ones(fractions, z) -> None:
    assert boundaries(fractions).z == pytest.approx(z, abs=1e-4)


def test_boundaries_agree_with_the_multivariate_normal() -> None:
    # The chance to stay inside all three boundaries is 1 - alpha.
    fractions, z = (0.3, 0.7, 1.0), np.array(boundaries((0.3, 0.7, 1.0)).z)
    corr = [[min(s, t) / (s * t) ** 0.5 for s in fractions] for t in fractions]
    inside = stats.multivariate_normal(np.zeros(3), corr, abseps=1e-7, releps=1e-7, seed=1).cdf(
        z, lower_limit=-z
    )

    assert inside == pytest.approx(0.95, abs=1e-5)


def test_spending_ends_at_alpha_and_begins_near_nothing() -> None:
    assert spending(1.0) == pytest.approx(0.05)
    assert spending(1 / 3) == pytest.approx(2.07e-4, abs=1e-6)
    assert spending(0.02) < 1e-12


def test_p_and_level_are_those_of_z() -> None:
    looks = boundaries(THIRDS)

    assert looks.p[2] == pytest.approx(2 * stats.norm.sf(1.9930), abs=1e-5)
    assert looks.level(1) == pytest.approx(1 - 2 * stats.norm.sf(2.5114), abs=1e-6)


@given(st.lists(st.floats(0.02, 1), min_size=1, max_size=5, unique=True).map(sorted))
@settings(max_examples=25, deadline=None)
def test_any_rising_fractions_have_boundaries_that_are_never_below_a_single_look(steps) -> None:
    if any(b - a < 0.01 for a, b in pairwise(steps)):
        return
    looks = boundaries(steps)

    assert all(1.9599 < z <= 8.5 for z in looks.z)
    assert list(looks.spent) == sorted(looks.spent)


@pytest.mark.parametrize("fractions", [(), (0.0, 1.0), (0.5, 0.5), (0.6, 0.3), (0.5, 1.1)])
def test_fractions_that_do_not_rise_are_refused(fractions) -> None:
    with pytest.raises(ValueError, match="information fractions"):
        boundaries(fractions)


def test_adjusted_p_is_alpha_at_the_boundary_and_p_with_one_look() -> None:
    looks = boundaries(THIRDS)

    assert adjusted_p([0.03], [1.0]) == pytest.approx(0.03, abs=1e-6)
    assert adjusted_p([0.5, looks.p[1]], THIRDS) == pytest.approx(0.05, abs=1e-6)
    assert adjusted_p([0.5, 0.5, looks.p[2]], THIRDS) == pytest.approx(0.05, abs=1e-6)
    assert 0.05 < adjusted_p([0.9, 0.9, 0.0499], THIRDS) < 0.06


def test_adjusted_p_of_extremes() -> None:
    assert adjusted_p([0.0], [0.5]) == 1e-8
    assert adjusted_p([1.0], [0.5]) == 1
    with pytest.raises(ValueError, match="one p"):
        adjusted_p([0.1, 0.2], [1.0])


def test_three_looks_at_growing_histories_keep_alpha() -> None:
    # 10, 20 and 30 histories in each arm, Welch's p against the p of the boundary; 20,000 draws.
    # Boundaries are for normal z; Welch at 10 histories is a little strict, as it should be.
    rng, looks = np.random.default_rng(8), boundaries(THIRDS)
    a, b = rng.normal(size=(2, 20_000, 30))
    ps = [stats.ttest_ind(a[:, :n], b[:, :n], axis=1, equal_var=False).pvalue for n in (10, 20, 30)]
    stopped = np.any([p <= bound for p, bound in zip(ps, looks.p, strict=True)], axis=0)

    assert stopped.mean() == pytest.approx(0.05, abs=0.0047)
    naive = np.any([p <= 0.05 for p in ps], axis=0)
    assert naive.mean() > 0.09  # what uncorrected looks cost
