"""Neighbouring arms, and their contrasts beside their refusals."""

from collections.abc import Callable
from itertools import product

import pytest

from peersim.analysis.pairs import (
    DeclaredContrast,
    contrasts,
    differing_factors,
    holm,
    neighbours,
    too_many,
)
from peersim.readings.rows import TrialRow

Maker = Callable[..., list[TrialRow]]
GRID = [
    {"past": past, "stakes": stakes} for past, stakes in product(["good", "bad"], ["low", "high"])
]


def test_neighbours_differ_in_one_factor_and_keep_their_order() -> None:
    named = [(GRID.index(a), GRID.index(b), factor) for a, b, factor in neighbours(GRID)]

    assert named == [(0, 1, "stakes"), (0, 2, "past"), (1, 3, "past"), (2, 3, "stakes")]


def test_a_factor_that_one_arm_lacks_differs() -> None:
    assert differing_factors({"past": "good"}, {"past": "good", "stakes": "low"}) == ("stakes",)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@pytest.fixture
def rows(arm_rows: Maker) -> list[TrialRow]:
    made = []
    for index, arm in enumerate(GRID[:3]):
        # Histories differ between pasts, and are shared between stakes.
        first = 0 if arm["past"] == "good" else 100
        made += arm_rows(arm, [[1, 0]] * (9 + 4 * index) + [[0, 0]] * (11 - 4 * index), first=first)
    return made


def test_all_neighbours_are_estimated_side_by_side(rows: list[TrialRow]) -> None:
    stakes, past = contrasts(rows, "protected")

    assert (stakes.factors, past.factors) == (("stakes",), ("past",))
    assert (stakes.estimate.level, past.estimate.level) == ("within", "between")
    assert {line.role for line in (stakes, past)} == {"exploratory"}
    raw = [stakes.estimate.p, past.estimate.p]
    assert [stakes.p_holm, past.p_holm] == holm(raw)


def test_a_planned_arm_that_never_ran_is_refused_and_not_passed_over(rows: list[TrialRow]) -> None:
    lines = contrasts(rows, "protected", arms=GRID)

    raw = [line.estimate.p for line in lines[:2]]
    assert [line.refusal is None for line in lines] == [True, True, False, False]
    assert "past=bad, stakes=high" in lines[2].refusal
    assert lines[3].p_holm is None
    assert [line.p_holm for line in lines[:2]] == holm([*raw, 1, 1])[:2]


def test_declared_contrasts_come_first_in_a_family_of_their_own(rows: list[TrialRow]) -> None:
    declared = [DeclaredContrast(a=GRID[2], b=GRID[0])]
    first, second = contrasts(rows, "protected", declared=declared)

    assert (first.role, second.role) == ("primary", "exploratory")
    assert first.a == GRID[2]
    assert first.p_holm == first.estimate.p


@pytest.mark.slow
def test_a_declared_contrast_without_its_arm_is_refused(rows: list[TrialRow]) -> None:
    declared = [DeclaredContrast(a=GRID[2], b=GRID[3]), DeclaredContrast(a=GRID[2], b=GRID[0])]
    missing, kept = contrasts(rows, "protected", declared=declared)[:2]

    assert "has no trials" in missing.refusal
    assert kept.p_holm == pytest.approx(min(1, 2 * kept.estimate.p))


def test_the_by_products_of_a_large_matrix_are_left_out_and_declared_ones_are_not(
    arm_rows: Maker,
) -> None:
    arms = [{"a": str(i), "b": str(j)} for i in range(8) for j in range(8)]
    rows = [row for arm in arms for row in arm_rows(arm, [[1], [0]])]
    assert too_many(arms) == 448
    assert contrasts(rows, "protected", arms=arms) == []
    declared = [DeclaredContrast(a=arms[0], b=arms[1])]
    (line,) = contrasts(rows, "protected", arms=arms, declared=declared)
    assert line.role == "primary"
    assert too_many(arms[:8]) == 0
