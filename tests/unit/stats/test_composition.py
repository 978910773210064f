"""Compositions: independent and clustered, with classes that none or all show, and coverage."""

import numpy as np
import pytest

from peersim.stats.composition import clustered_composition, simultaneous
from peersim.stats.intervals import exact, korn_graubard


def test_simultaneous_intervals_hold_the_shares_and_are_wider_than_single_ones() -> None:
    counts = [56, 72, 73, 59, 62, 87, 58]
    for count, found in zip(counts, simultaneous(counts), strict=True):
        single = exact(count, 467)
        assert found.low < count / 467 < found.high
        assert found.high - found.low > single.high - single.low


@pytest.mark.parametrize("counts", [[10, 0], [0, 30, 0], [1, 0, 0]])
def test_a_class_that_has_all_trials_is_no_certainty(counts) -> None:
    # Sison and Glaz's lower limit of 10 of 10 is 1.
    found = simultaneous(counts)

    assert all(of.high - of.low > 0.05 for of in found)
    assert found[counts.index(max(counts))].low < 1


@pytest.mark.slow
@pytest.mark.parametrize("rates", [(0.5, 0.3, 0.2), (0.9, 0.05, 0.05)])
def test_coverage_of_independent_trials(rates) -> None:
    # 150 draws: 95 % less 3 errors is .897.
    draws = np.random.default_rng(25).multinomial(100, rates, 150)
    inside = [
        all(of.low <= p <= of.high for of, p in zip(simultaneous(row.tolist()), rates, strict=True))
        for row in draws
    ]

    assert np.mean(inside) >= 0.897


def test_classes_that_hardly_occur_have_korn_and_graubards_interval() -> None:
    histories = [[3, 1, 0]] * 10 + [[1, 3, 0]] * 10 + [[2, 1, 1]] * 2
    found = clustered_composition(histories)
    known = korn_graubard([(row[2], 4) for row in histories], 1 - 0.05 / 3)

    assert (found[2].low, found[2].high) == (known.low, known.high)
    assert found[0].method.startswith("bootstrap-t")
    assert {of.units for of in found} == {22}


def test_all_in_one_class_and_a_single_history_are_no_certainty() -> None:
    for histories in ([[4, 0]] * 20, [[4, 0]]):
        for of in clustered_composition(histories):
            assert of.high - of.low > 0.05


def test_no_trials_have_no_composition() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        clustered_composition([[0, 0]])
    with pytest.raises(ValueError, match="at least one trial"):
        simultaneous([0, 0])


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("histories", "rates"), [(48, (0.4, 0.3, 0.2, 0.1)), (24, (0.7, 0.2, 0.05, 0.05))]
)
def test_coverage_of_clustered_trials(histories, rates) -> None:
    # ICC .2, 4 trials; 200 draws: 95 % less 3 errors is .904.
    rng, inside = np.random.default_rng(26), 0
    for _ in range(200):
        shares = rng.dirichlet(np.array(rates) * 4, histories)
        table = np.array([rng.multinomial(4, of) for of in shares])
        for_all = clustered_composition(table.tolist())
        inside += all(of.low <= p <= of.high for of, p in zip(for_all, rates, strict=True))

    assert inside / 200 >= 0.904
