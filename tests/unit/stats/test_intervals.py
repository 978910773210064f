"""Intervals against published values, and the laws that each of them keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from peersim.stats.intervals import (
    clustered_difference,
    design_effect,
    exact,
    few_events,
    korn_graubard,
    mean_t,
    mover,
    newcombe,
    pooled,
    proportion,
    wilson,
)

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
clusters = st.lists(
    st.integers(1, 8).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand, with z = 1.959964: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
        (10, 100, 0.05523, 0.17437),
        (0, 30, 0.0, 0.11351),
        (1, 30, 0.00591, 0.16670),
        (30, 30, 0.88649, 1.0),
    ],
)
def test_wilson_is_the_published_one(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 5 (Clopper-Pearson).
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
        # By hand: 1 - 0.025^(1/30), and its mirror image.
        (0, 30, 0.0, 0.11570),
        (30, 30, 0.88430, 1.0),
    ],
)
def test_exact_is_the_published_one(count: int, n: int, low: float, high: float) -> None:
    found = exact(count, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("count", "n", "method"),
    [(0, 30, "Clopper-Pearson"), (30, 30, "Clopper-Pearson"), (1, 30, "Wilson")],
)
def test_none_and_all_are_exact(count: int, n: int, method: str) -> None:
    assert proportion(count, n).method == method


def test_none_of_thirty_is_no_certainty() -> None:
    for found in (wilson(0, 30), exact(0, 30), korn_graubard([(0, 3)] * 10)):
        assert found.low == 0
        assert found.high > 0.1


def test_one_of_thirty_stays_above_zero() -> None:
    for found in (wilson(1, 30), korn_graubard([(1, 3)] + [(0, 3)] * 9)):
        assert 0 < found.low < 1 / 30


@pytest.mark.parametrize(("count", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        proportion(count, n)
    with pytest.raises(ValueError, match=r"trial|events"):
        korn_graubard([(count, n)])


@given(counts)
def test_a_rate_lies_within_its_limits(of: tuple[int, int]) -> None:
    for found in (wilson(*of), exact(*of), proportion(*of)):
        assert 0 <= found.low <= of[0] / of[1] <= found.high <= 1
        assert found.low < found.high


@given(counts, st.sampled_from([0.8, 0.95, 0.999]))
def test_both_are_those_of_scipy(of: tuple[int, int], level: float) -> None:
    for found, method in ((wilson(*of, level), "wilson"), (exact(*of, level), "exact")):
        scipys = binomtest(*of).proportion_ci(level, method=method)
        assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high), abs=1e-10)


@given(counts)
def test_successes_mirror_failures(of: tuple[int, int]) -> None:
    count, n = of
    for method in (wilson, exact, proportion):
        found, mirror = method(count, n), method(n - count, n)
        assert (found.low, found.high) == pytest.approx((1 - mirror.high, 1 - mirror.low))


@given(clusters)
def test_a_clustered_rate_lies_within_its_limits(of: list[tuple[int, int]]) -> None:
    found = korn_graubard(of)

    assert 0 <= found.low <= pooled(of) <= found.high <= 1
    assert found.low < found.high


@given(clusters)
def test_clustered_successes_mirror_failures(of: list[tuple[int, int]]) -> None:
    found, mirror = korn_graubard(of), korn_graubard([(m - c, m) for c, m in of])

    assert found.low == pytest.approx(1 - mirror.high, abs=1e-9)
    assert found.high == pytest.approx(1 - mirror.low, abs=1e-9)


@given(clusters.filter(lambda of: len(of) > 1))
def test_clusters_never_narrow_an_interval(of: list[tuple[int, int]]) -> None:
    found, naive = korn_graubard(of), exact(sum(c for c, _ in of), sum(m for _, m in of))

    assert design_effect(of) >= 1
    assert found.high - found.low >= naive.high - naive.low - 1e-9


@given(st.integers(2, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_one_trial_per_cluster_is_the_exact_interval(of: tuple[int, int]) -> None:
    count, n = of
    found = korn_graubard([(1, 1)] * count + [(0, 1)] * (n - count))

    assert (found.low, found.high) == pytest.approx((exact(*of).low, exact(*of).high))


def test_without_spread_only_the_quantiles_of_t_widen() -> None:
    # 5 of 10 in each of 10 clusters: design effect 1; (t[99] / t[9])² = (1.98422 / 2.26216)².
    effective = 100 * (1.98422 / 2.26216) ** 2
    found = korn_graubard([(5, 10)] * 10)

    assert design_effect([(5, 10)] * 10) == 1
    assert effective == pytest.approx(76.94, abs=0.01)
    # Between the exact limits of 38/76 and of 39/78.
    assert exact(38, 76).low <= found.low <= exact(39, 78).low
    assert found.df == 9


def test_design_effect_of_clusters_that_agree() -> None:
    # Half of 10 clusters all, half none: (10/9 · 10 · 25 / 100²) over (0.25 / 99).
    clusters = [(0, 10)] * 5 + [(10, 10)] * 5

    assert design_effect(clusters) == pytest.approx(10 / 9 * 0.025 / (0.25 / 99))


@pytest.mark.parametrize(
    ("clusters", "few"),
    [
        ([(0, 4)] * 20, True),
        ([(1, 4)] * 4 + [(0, 4)] * 16, True),
        ([(1, 4)] * 5 + [(0, 4)] * 15, False),
        ([(4, 4)] * 16 + [(3, 4)] * 4, True),
    ],
)
def test_few_events_are_taken_as_correlated(clusters: list[tuple[int, int]], few: bool) -> None:
    assert few_events(clusters) is few
    assert (design_effect(clusters) >= 1 + 3 * 0.3) is few


def test_one_cluster_counts_as_one_trial() -> None:
    found = korn_graubard([(3, 10)])

    assert found.low < 0.01
    assert found.high > 0.9
    assert found.df is None


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_is_the_published_one(
    a: tuple[int, int], b: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(a, b)

    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@given(counts, counts)
def test_newcombe_is_mover_on_wilson_limits(a: tuple[int, int], b: tuple[int, int]) -> None:
    found = newcombe(a, b)
    built = mover(a[0] / a[1], wilson(*a), b[0] / b[1], wilson(*b))

    assert (found.low, found.high) == pytest.approx((built.low, built.high), abs=1e-9)


@given(clusters, clusters)
def test_a_clustered_difference_changes_sign_with_the_order(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    found, turned = clustered_difference(a, b), clustered_difference(b, a)

    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))
    assert -1 <= found.low <= pooled(a) - pooled(b) <= found.high <= 1


def test_mean_t_by_hand() -> None:
    # Mean 2, variance 1, n 3, t[2] = 4.30265: 2 ± 4.30265 / √3.
    found = mean_t([1.0, 2.0, 3.0])

    assert found is not None
    assert (found.low, found.high) == pytest.approx((-0.48414, 4.48414), abs=1e-5)
    assert found.df == 2


@pytest.mark.parametrize("values", [[], [2.0], [0.3, 0.3, 0.1 + 0.2]])
def test_no_spread_gives_no_interval(values: list[float]) -> None:
    assert mean_t(values) is None
