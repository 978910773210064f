"""Tests of two groups against published values, and without spread."""

from math import comb, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from peersim.stats.intervals import clustered_difference, newcombe
from peersim.stats.permute import permutation_p, sign_flip_p
from peersim.stats.tests import boschloo, interval_p, newcombe_p, paired, welch

eighths = st.integers(-8, 8).map(lambda value: value / 8)
groups = st.lists(eighths, min_size=2, max_size=9)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_boschloo_of_all_against_none_by_hand(n: int) -> None:
    # No table is as extreme, so each side has max over q of q^n (1 - q)^n = 4^-n.
    p, name = boschloo((n, n), (0, n))

    assert name == "Boschloo"
    assert p == pytest.approx(2 * 4**-n, rel=1e-3)


def test_boschloo_is_sharper_than_fisher() -> None:
    # The example of scipy's own page: 74 of 117 against 31 of 63, one-sided 0.0355 and 0.0483.
    assert boschloo((74, 117), (31, 63))[0] == pytest.approx(2 * 0.0355, abs=2e-4)


def test_no_events_at_all_are_no_difference() -> None:
    assert boschloo((0, 30), (0, 30))[0] == 1


def test_boschloo_takes_sides_alike() -> None:
    assert boschloo((3, 20), (9, 25))[0] == pytest.approx(boschloo((9, 25), (3, 20))[0])


def test_large_tables_go_to_fisher() -> None:
    p, name = boschloo((400, 4000), (480, 4000))

    assert name == "Fisher exact"
    table = [[400, 480], [3600, 3520]]
    assert p == pytest.approx(2 * stats.fisher_exact(table, alternative="less").pvalue)


def test_half_of_fisher_s_p_is_the_p_of_one_side() -> None:
    # Lopsided groups: scipy's two-sided p is less than twice the smaller tail.
    p, name = boschloo((9, 50), (1600, 4000))
    table = [[9, 1600], [41, 2400]]

    assert name == "Fisher exact"
    assert p / 2 == pytest.approx(stats.fisher_exact(table, alternative="less").pvalue)
    assert p > stats.fisher_exact(table).pvalue


def test_welch_by_hand() -> None:
    # Variances 1 and 4, n 3 each: se √(5/3), df (5/3)² / (1/18 + 16/18).
    found = welch([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])

    assert found.difference == pytest.approx(-2)
    assert found.df == pytest.approx(50 / 17)
    half = stats.t.ppf(0.975, 50 / 17) * (5 / 3) ** 0.5
    assert (found.low, found.high) == pytest.approx((-2 - half, -2 + half))


def test_small_permutations_are_all_listed() -> None:
    assert permutation_p([0, 0.1, 0.2, 0.3], [1, 1.1, 1.2, 1.3]) == pytest.approx(2 / comb(8, 4))
    assert sign_flip_p([1, 2, 3, 4, 5]) == pytest.approx(2 / 2**5)


def test_large_permutations_are_drawn_the_same_way_each_time() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 40).tolist(), rng.normal(0.4, 1, 30).tolist()

    p = permutation_p(a, b)
    assert p == permutation_p(b[::-1], a[::-1])
    assert p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, abs=0.02)
    assert sign_flip_p(a) == sign_flip_p([-value for value in a[::-1]])


@given(groups, groups)
@settings(max_examples=30, deadline=None)
def test_groups_change_sign_with_their_order(a: list[float], b: list[float]) -> None:
    found, turned = welch(a, b), welch(b, a)

    assert found.difference == -turned.difference
    assert found.p == turned.p
    assert (found.low is None) == (turned.high is None)
    assert 0 < found.p <= 1


@given(groups)
@settings(max_examples=30, deadline=None)
def test_pairs_never_give_a_nan(d: list[float]) -> None:
    found = paired(d)

    assert 0 < found.p <= 1
    assert not any(isnan(of) for of in (found.low, found.high) if of is not None)


def test_zero_variance_of_pairs_is_a_note_and_no_nan() -> None:
    found = paired([0.0] * 12)

    assert (found.difference, found.low, found.high, found.p) == (0, None, None, 1)
    assert found.notes == ("no discordant history",)


def test_pairs_that_all_differ_alike_are_not_called_concordant() -> None:
    found = paired([0.5] * 6)

    assert found.p == pytest.approx(2 / 2**6)
    assert (found.low, found.notes) == (None, ("histories do not vary",))


def test_zero_variance_between_groups_is_a_note_and_no_nan() -> None:
    same, apart = welch([0.5] * 4, [0.5] * 4), welch([0.5] * 4, [0.25] * 4)

    assert (same.p, same.low, same.notes) == (1, None, ("histories do not vary",))
    assert apart.p == pytest.approx(2 / comb(8, 4))


@pytest.mark.parametrize("values", [[], [1.0]])
def test_one_unit_is_not_a_group(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least two"):
        paired(values)
    with pytest.raises(ValueError, match="at least two"):
        welch(values, [1.0, 2.0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([(1, 4)] * 3 + [(0, 4)] * 17, [(2, 4)] * 12 + [(0, 4)] * 8),
        ([(0, 4)] * 20, [(1, 4)] * 12 + [(0, 4)] * 8),
        ([(4, 4)] * 9, [(3, 4)] * 4 + [(2, 4)] * 6),
    ],
)
def test_p_of_an_interval_is_where_its_limit_meets_zero(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    p = interval_p(lambda level: clustered_difference(a, b, level))
    at_p, within = clustered_difference(a, b, 1 - p), clustered_difference(a, b)

    assert min(abs(at_p.low), abs(at_p.high)) < 1e-6
    assert (p < 0.05) == (within.low > 0 or within.high < 0)


def test_p_of_an_interval_that_always_holds_zero() -> None:
    none = [(0, 4)] * 20

    assert interval_p(lambda level: clustered_difference(none, none, level)) == 1


@given(st.lists(st.integers(-9, 9), min_size=4, max_size=8))
@settings(max_examples=30, deadline=None)
def test_rounding_of_floats_breaks_no_ties(tenths: list[int]) -> None:
    scaled, half = [value * 0.1 for value in tenths], len(tenths) // 2

    assert sign_flip_p(scaled) == sign_flip_p(tenths)
    assert permutation_p(scaled[:half], scaled[half:]) == permutation_p(
        tenths[:half], tenths[half:]
    )


def test_the_p_of_newcombe_s_interval_is_where_it_leaves_0_out() -> None:
    a, b = (18, 30), (9, 30)
    p = newcombe_p(a, b)
    assert newcombe(a, b, 1 - p * 1.001).low > 0 > newcombe(a, b, 1 - p * 0.999).low
    assert newcombe_p((3, 20), (3, 20)) == 1
