"""Families of contrasts: published adjustments, gates, matching levels, and max-T."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peersim.stats import draws, multiplicity
from peersim.stats.multiplicity import (
    benjamini_hochberg,
    bonferroni_level,
    holm,
    max_t_between,
    max_t_forked,
)
from peersim.stats.permute import sign_flip_p

# Benjamini and Hochberg (1995), section 3: 15 p-values, of which their method rejects 4.
FIFTEEN = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_benjamini_hochberg_rejects_the_four_of_the_source() -> None:
    assert sum(p <= 0.05 for p in benjamini_hochberg(FIFTEEN)) == 4
    assert sum(p <= 0.05 for p in holm(FIFTEEN)) == 3  # as Bonferroni there


def test_holm_by_hand() -> None:
    # 3 x .01; then 2 x .03; then .04, which may not fall below its neighbour.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_nothing_to_adjust() -> None:
    assert holm([]) == benjamini_hochberg([]) == []


def test_the_level_of_a_family_is_shared_out() -> None:
    assert bonferroni_level(4) == pytest.approx(0.9875)


def test_max_t_of_one_contrast_is_the_sign_flip_test() -> None:
    values = [1.0, 2.0, -0.5, 3.0, 1.5, 0.5, -1.0, 2.5]
    found = max_t_forked([[v] for v in values])

    assert found.p[0] == pytest.approx(sign_flip_p(values))
    assert found.estimates[0] == pytest.approx(np.mean(values))
    assert found.low[0] < found.estimates[0] < found.high[0]


def test_equal_contrasts_cost_nothing_and_alike_ones_less_than_holm() -> None:
    rng = np.random.default_rng(9)
    d = rng.normal(0.4, 1, (30, 1))
    alike = d + rng.normal(0, 0.2, (30, 5))
    found = max_t_forked(alike.tolist())

    assert max_t_forked(np.repeat(d, 5, axis=1).tolist()).p == pytest.approx(
        [sign_flip_p(d[:, 0].tolist())] * 5, abs=0.005
    )
    assert min(found.p) < min(holm([sign_flip_p(of.tolist()) for of in alike.T]))


def test_max_t_without_spread_is_no_nan() -> None:
    flat = max_t_forked([[0.0, 0.5], [0.0, 0.5], [0.0, 0.5]])
    none = max_t_between([[0.0, 0.0], [0.0, 0.0]], [(1, -1)])

    assert flat.t[0] == 0
    assert flat.p == pytest.approx((1.0, 2 / 8))
    assert flat.low == flat.high == (None, None)
    assert (none.p, none.t, none.low) == ((1.0,), (0.0,), (None,))


def test_too_few_histories_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        max_t_forked([[1.0, 2.0]])
    with pytest.raises(ValueError, match="at least two"):
        max_t_between([[1.0, 2.0], [1.0]], [(1, -1)])


def family(kind: str, rng: np.random.Generator) -> multiplicity.MaxT:
    if kind == "forked":
        shared = rng.normal(0, 1, (16, 1))
        return max_t_forked((shared + rng.normal(0, 0.7, (16, 4))).tolist())
    cells = [rng.normal(0, scale, 12).tolist() for scale in (1, 1, 2, 1)]
    return max_t_between(cells, [(1, -1, 0, 0), (1, 0, -1, 0), (1, -1, -1, 1)])


def test_joint_limits_are_no_narrower_and_hold_whatever_is_found() -> None:
    rng = np.random.default_rng(4)
    cells = [rng.normal(mean, 1, 20).tolist() for mean in (0, 5, 0.2)]
    found = max_t_between(cells, [(1, -1, 0), (1, 0, -1)])

    # The first is found by the largest t of both; the second is then held to its own alone.
    assert found.joint[0] == (found.low[0], found.high[0])
    assert found.joint[1][0] < found.low[1] < found.high[1] < found.joint[1][1]


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", ["forked", "between"])
def test_max_t_keeps_the_error_of_the_family(kind, monkeypatch) -> None:
    # 600 draws: 3 errors at .05 are .027.
    monkeypatch.setattr(draws, "RESAMPLES", 399)
    monkeypatch.setattr(multiplicity, "RESAMPLES", 399)
    rng = np.random.default_rng(10)
    found = [family(kind, rng) for _ in range(600)]
    inside = [all(a <= 0 <= b for a, b in of.joint) for of in found]

    assert np.mean([min(of.p) <= 0.05 for of in found]) == pytest.approx(0.05, abs=0.027)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.027)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=2, max_size=7))
@settings(max_examples=30, deadline=None)
def test_a_larger_t_never_has_a_larger_p(rows) -> None:
    found = max_t_forked(rows)
    order = np.argsort(found.t)

    assert all(0 < p <= 1 for p in found.p)
    assert [found.p[k] for k in order] == sorted(found.p, reverse=True)
