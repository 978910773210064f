"""Differences of differences: by hand, against two arms, without spread, under the null."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peersim.stats import draws
from peersim.stats.did import (
    DID,
    between_contrast,
    did_between,
    did_events,
    did_mixed,
    did_within,
    mover_sum,
)
from peersim.stats.intervals import clustered_difference, korn_graubard, mover, pooled
from peersim.stats.tests import paired, welch

NONE = [(0, 4)] * 20
clusters = st.lists(
    st.integers(1, 6).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))),
    min_size=2,
    max_size=8,
)


def test_between_by_hand() -> None:
    # Variances 1, 4, 0, 1 and n 3 each: se² 2; df 2² / ((1 + 16 + 0 + 1) / 9 / 2) = 4.
    cells = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [5.0, 5.0, 5.0], [1.0, 2.0, 3.0]]
    found = did_between(cells)

    assert found.difference == (2 - 4) - (5 - 2)
    assert found.df == pytest.approx(4)
    half = 2.77645 * 2**0.5
    assert (found.low, found.high) == pytest.approx((-5 - half, -5 + half), abs=1e-4)
    assert found.units == 12


def test_two_cells_are_welch() -> None:
    a, b = [1.0, 2.0, 3.0, 7.0], [2.0, 4.0, 6.0]
    one, other = between_contrast([a, b], (1, -1)), welch(a, b)

    assert (one.low, one.high, one.df) == pytest.approx((other.low, other.high, other.df))
    assert one.p == pytest.approx(other.p)


def test_small_sets_are_all_listed() -> None:
    apart = [[0.0, 0.1, 0.2, 0.3], [1.0, 1.1, 1.2, 1.3]]

    assert between_contrast(apart, (1, -1)).p == pytest.approx(2 / comb(8, 4))


def test_mixed_is_welch_and_within_is_paired() -> None:
    first, second = [0.5, 0.25, 0.0, -0.25], [0.0, 0.5, 0.75]

    assert did_mixed(first, second).p == welch(first, second).p
    assert did_within(first).low == paired(first).low
    assert (did_mixed(first, second).units, did_within(first).units) == (7, 4)


@settings(max_examples=25, deadline=None)
@given(clusters, clusters, clusters, clusters)
def test_mover_of_four_rates_is_mover_of_two_movers(a, b, c, d) -> None:
    found = mover_sum((a, b, c, d), DID)
    one, two = (
        mover(pooled(x), korn_graubard(x), pooled(y), korn_graubard(y)) for x, y in ((a, b), (c, d))
    )
    first, second = pooled(a) - pooled(b), pooled(c) - pooled(d)
    below = ((first - one.low) ** 2 + (two.high - second) ** 2) ** 0.5

    assert -2 <= found.low <= first - second <= found.high <= 2
    if min(one.low, two.low) > -1 and max(one.high, two.high) < 1:
        assert found.low == pytest.approx(first - second - below)


@settings(max_examples=25, deadline=None)
@given(clusters, clusters)
def test_mover_of_two_rates_is_the_two_arm_interval(a, b) -> None:
    found, known = mover_sum((a, b), (1, -1)), clustered_difference(a, b)

    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_few_events_have_an_interval_in_every_design() -> None:
    some = [(1, 4)] * 2 + [(0, 4)] * 18
    counts = (some, NONE, NONE, NONE)
    means = [[c / m for c, m in cell] for cell in counts]
    difference = [c / 4 for c, _ in some]
    for found in (
        did_between(means, counts),
        did_mixed(difference, [0.0] * 20, counts),
        did_within([0.0] * 20, counts),
        did_events(counts),
    ):
        assert found.low is not None
        assert found.low < 0 < found.high
        assert "Korn-Graubard" in found.method


def test_no_spread_and_no_counts_is_a_note_and_no_nan() -> None:
    flat = [0.0] * 6
    for found in (did_between([flat] * 4), did_mixed(flat, flat), did_within(flat)):
        assert (found.p, found.low, found.high, found.difference) == (1, None, None, 0)
        assert found.notes


def test_cells_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="four cells"):
        did_between([[0.0, 1.0]] * 3)
    with pytest.raises(ValueError, match="at least two"):
        did_between([[0.0, 1.0]] * 3 + [[1.0]])
    with pytest.raises(ValueError, match="one weight"):
        between_contrast([[0.0, 1.0]] * 3, DID)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("histories", "rates"), [(12, (0.1, 0.4, 0.4, 0.7)), (24, (0.02, 0.12, 0.02, 0.12))]
)
def test_main_effects_alone_are_no_interaction(histories, rates, monkeypatch) -> None:
    # ICC .2, 4 trials; 200 draws, whose 3 errors at .05 are .046.
    monkeypatch.setattr(draws, "RESAMPLES", 199)
    rng, found = np.random.default_rng(7), []
    for _ in range(200):
        counts = [
            [(int(c), 4) for c in rng.binomial(4, rng.beta(p * 4, (1 - p) * 4, histories))]
            for p in rates
        ]
        means = [[c / m for c, m in cell] for cell in counts]
        found.append(did_between(means, tuple(counts)))

    assert np.mean([of.p <= 0.05 for of in found]) <= 0.096
    assert np.mean([of.low <= 0 <= of.high for of in found if of.low is not None]) >= 0.904
