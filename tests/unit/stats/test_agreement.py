"""Agreement against published figures, worked by hand, and properties that it must have."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.stats.agreement import confusion, krippendorff_alpha, marks
from peersim.stats.intervals import wilson

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers,
# twelve units, gaps. Columns are observers here.
FOUR = """
1 1 . 1
2 2 3 2
3 3 3 3
3 3 3 3
2 2 2 2
1 2 3 4
4 4 4 4
1 1 2 1
2 2 2 2
. 5 5 5
. . 1 1
. 3 . .
"""
UNITS = [[None if r == "." else r for r in line.split()] for line in FOUR.strip().splitlines()]
VALUES = ("1", "2", "3", "4", "5")


def test_the_nominal_example_of_the_source():
    """By hand: 40 pairable ratings, 9 ones, 13 twos, 10 threes, 5 fours, 3 fives.

    Ordered pairs that differ, over (m - 1): unit 2 has 6 / 3 = 2, unit 6 has 12 / 3 = 4, unit 8
    has 6 / 3 = 2, and all others agree: 8 observed. Expected pairs that differ:
    40 * 40 - (81 + 169 + 100 + 25 + 9) = 1216. Alpha = 1 - 39 * 8 / 1216 = 0.7434.
    """
    alpha = krippendorff_alpha(UNITS, VALUES)
    assert alpha == pytest.approx(1 - 39 * 8 / 1216)
    assert round(alpha, 3) == 0.743  # as published


def test_the_ordinal_example_of_the_source():
    assert round(krippendorff_alpha(UNITS, VALUES, "ordinal"), 3) == 0.815  # as published


def test_the_binary_example_of_the_source():
    """Section A: two observers, ten units, 14 zeros and 6 ones, 4 units differ.

    Alpha = 1 - 19 * (4 * 2) / (2 * 14 * 6) = 0.0952.
    """
    a, b = "0100000010", "1110010000"
    found = krippendorff_alpha(list(zip(a, b, strict=True)), ("0", "1"))
    assert found == pytest.approx(1 - 19 * 8 / 168)
    assert round(found, 3) == 0.095  # as published


def test_ordinal_weighs_by_what_lies_between():
    """Two raters: (a, a), (b, b), (a, c). Counts: a 3, b 2, c 1; n = 6.

    Distances: ab (3 + 2 - 2.5)^2 = 6.25, bc (2 + 1 - 1.5)^2 = 2.25, ac (6 - 2)^2 = 16.
    Observed: 2 * 16 = 32. Expected: 2 * (6 * 6.25 + 2 * 2.25 + 3 * 16) = 180.
    """
    units = [["a", "a"], ["b", "b"], ["a", "c"]]
    found = krippendorff_alpha(units, ("a", "b", "c"), "ordinal")
    assert found == pytest.approx(1 - 5 * 32 / 180)


@pytest.mark.parametrize(
    "units",
    [[], [["a"]], [["a", None], [None, "b"]], [["a", "a"], ["a", "a"]]],
)
def test_without_pairs_or_without_any_difference_it_is_not_defined(units):
    assert krippendorff_alpha(units, ("a", "b")) is None
    assert krippendorff_alpha(units, ("a", "b"), "ordinal") is None


def test_a_value_that_nobody_may_give_is_an_error():
    with pytest.raises(ValueError, match="'c' is none of the values a, b"):
        krippendorff_alpha([["a", "c"]], ("a", "b"))


RATINGS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=2, max_size=4), max_size=12
)
METRICS = st.sampled_from(["nominal", "ordinal"])


def same(one, other):
    return one is other is None or math.isclose(one, other, abs_tol=1e-9)


@given(RATINGS, METRICS, st.randoms(use_true_random=False))
def test_neither_the_order_of_units_nor_that_of_raters_counts(units, metric, random):
    shuffled = [random.sample(unit, len(unit)) for unit in random.sample(units, len(units))]
    values = ("a", "b", "c")
    one = krippendorff_alpha(units, values, metric)
    assert same(one, krippendorff_alpha(shuffled, values, metric))


@given(RATINGS, METRICS)
def test_it_is_at_most_one_and_one_exactly_where_all_agree(units, metric):
    found = krippendorff_alpha(units, ("a", "b", "c"), metric)
    if found is None:
        return
    kept = [{r for r in unit if r} for unit in units]
    assert found <= 1 + 1e-12
    assert math.isclose(found, 1) == all(len(unit) <= 1 for unit in kept)


@given(RATINGS, METRICS)
def test_ratings_without_a_partner_and_turned_scales_change_nothing(units, metric):
    found = krippendorff_alpha(units, ("a", "b", "c"), metric)
    assert same(found, krippendorff_alpha([*units, ["a", None]], ("a", "b", "c"), metric))
    assert same(found, krippendorff_alpha(units, ("c", "b", "a"), metric))


@given(RATINGS)
def test_of_two_values_the_order_says_nothing(units):
    two = [[{"c": "b"}.get(r, r) for r in unit] for unit in units]
    nominal = krippendorff_alpha(two, ("a", "b"))
    assert same(nominal, krippendorff_alpha(two, ("a", "b"), "ordinal"))


PAIRS = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")]


def test_precision_recall_and_confusion():
    found = {one.answer: one for one in marks(PAIRS, ("a", "b", "c", "d"))}
    assert (found["a"].precision.count, found["a"].precision.of) == (2, 3)
    assert found["a"].recall.share == pytest.approx(2 / 3)
    assert found["a"].recall.interval == wilson(2, 3)
    assert found["b"].precision.share == 0.5
    assert found["c"].precision.share is None
    assert found["c"].recall.share == 0
    assert found["d"].recall.share is None
    assert found["d"].recall.interval is None
    assert confusion(PAIRS, ("a", "b", "c")) == [[2, 1, 0], [0, 1, 0], [1, 0, 0]]
