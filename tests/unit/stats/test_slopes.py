"""Slopes on doses: by hand, without spread, with a lone dose, and under the null."""

import numpy as np
import pytest

from peersim.stats import slopes
from peersim.stats.slopes import (
    dose_weights,
    slope_between,
    slope_of_rates,
    slope_p,
    slope_within,
)


def test_the_slope_of_two_doses_is_their_difference() -> None:
    # HC3 of two groups: each variance Σe² / (n - 1)²; here 2 · (.02 / 4 + .08 / 4) / ... by hand:
    # residuals ±.1, 0 and ±.2, 0, leverage 1/3: Σ(e / (2/3))² / 9 = (.045 + .18) / 9.
    found = slope_between([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.3, 0.5, 0.7])

    assert found.estimate == pytest.approx(0.3)
    assert found.error == pytest.approx((0.225 / 9) ** 0.5)
    assert (found.df, found.units) == (4, {"history": 6})
    assert found.method.endswith("permutation p (that of t, if larger)")


def test_enough_histories_have_the_p_of_t() -> None:
    rng = np.random.default_rng(4)
    doses, means = np.repeat([0.1, 0.5, 0.9], 10), rng.random(30)
    found = slope_between(doses.tolist(), (means + doses).tolist())

    assert found.p < 0.001
    assert found.method.endswith("HC3, t")
    assert found.low < found.estimate < found.high


def test_rates_are_weighed_as_least_squares_weighs_them() -> None:
    rng = np.random.default_rng(6)
    cells = {dose: [(int(c), 4) for c in rng.integers(0, 5, 9)] for dose in (0.0, 1.0, 4.0)}
    cells[1.0] += [(1, 2), (2, 2), (0, 2)]
    doses = [dose for dose, of in cells.items() for _ in of]
    means = [c / m for of in cells.values() for c, m in of]
    weights = dose_weights({dose: len(of) for dose, of in cells.items()})
    slope = slope_between(doses, means).estimate

    assert sum(weights.values()) == pytest.approx(0)
    by_dose = {dose: np.mean([c / m for c, m in of]) for dose, of in cells.items()}
    assert sum(weights[d] * by_dose[d] for d in cells) == pytest.approx(slope)
    limits = slope_of_rates(cells)
    assert limits.low < slope < limits.high


def test_no_spread_and_a_lone_dose_are_notes_and_no_nan() -> None:
    flat = slope_between([0, 0, 1, 1], [0.5] * 4)
    lone = slope_between([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9])

    assert (flat.estimate, flat.low, flat.p) == (pytest.approx(0), None, 1)
    assert (lone.low, lone.df) == (None, None)
    assert "alone" in lone.notes[0]
    assert lone.p == pytest.approx(1 / 4, abs=0.02)  # of 4 places for the dose the furthest one


def test_slopes_within_histories_by_hand() -> None:
    histories = [
        [(0, 0.0), (1, 1.0), (2, 2.0)],
        [(0, 0.0), (1, 2.0), (2, 4.0)],
        [(0, 1.0), (2, 7.0)],
        [(1, 1.0), (1, 0.0)],
    ]
    found = slope_within(histories)

    assert found.estimate == pytest.approx(2)  # slopes 1, 2 and 3
    assert found.error == pytest.approx(1 / 3**0.5)
    assert (found.df, found.units) == (2, {"history": 3})
    assert found.notes == ("1 histories with a single dose left out",)


def test_histories_without_any_slope() -> None:
    found = slope_within([[(0, 1.0), (1, 1.0)], [(0, 0.0), (1, 0.0)]])

    assert (found.estimate, found.p, found.low, found.error) == (0, 1, None, None)


def test_slopes_that_cannot_be_had_are_refused() -> None:
    with pytest.raises(ValueError, match="dose that varies"):
        slope_between([1, 1, 1, 1], [0, 1, 0, 1])
    with pytest.raises(ValueError, match="several doses"):
        slope_within([[(0, 1.0), (1, 1.0)]])


def test_size_where_spread_grows_with_the_dose(monkeypatch) -> None:
    # 4 doses of 4 histories; 500 draws, whose 3 errors at .05 are .029.
    monkeypatch.setattr(slopes, "RESAMPLES", 199)
    rng, doses = np.random.default_rng(14), np.repeat([0.0, 1.0, 2.0, 3.0], 4)
    means = rng.normal(0, 1, (500, 16)) * (0.5 + doses / 2)

    assert np.mean([slope_p(doses, of) <= 0.05 for of in means]) <= 0.085
