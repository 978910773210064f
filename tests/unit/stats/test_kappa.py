"""Kappa against published figures and by hand."""

import pytest

from peersim.stats.kappa import kappa

# Fleiss (1971), 14 raters of 10 subjects in five categories, as counted on Wikipedia: .210.
COUNTS = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]


def test_two_raters_by_hand():
    # 50 units: both yes 20, yes/no 5, no/yes 10, both no 15. Observed .7, by chance .5: .4.
    units = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = kappa([*units, ("y", None)], "yn")

    assert found.value == pytest.approx(0.4)
    assert (found.name, found.units) == ("Cohen's kappa", 50)


def test_many_raters_as_published():
    units = [[str(v) for v, n in enumerate(row) for _ in range(n)] for row in COUNTS]
    found = kappa(units, "01234")

    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert (found.name, found.units) == ("Fleiss' kappa", 10)


@pytest.mark.parametrize("units", [[("y", "y")] * 3, [("y", None)], [("y", "y", "y")] * 3])
def test_without_any_difference_or_unit_it_is_not_defined(units):
    assert kappa(units, "yn").value is None


def test_one_rater_agrees_with_nobody():
    assert kappa([("y",)], "yn") is None
    assert kappa([], "yn") is None


def test_what_makes_no_sense_is_an_error():
    with pytest.raises(ValueError, match="none of the values"):
        kappa([("y", "?")], "yn")
    with pytest.raises(ValueError, match="a place for each rater"):
        kappa([("y", "n"), ("y", "n", "n")], "yn")
