"""The graded data sets: their rubrics, and where the honest average of any draw lies."""

import re
from collections import Counter

import pytest
from pydantic import ValidationError

from peersim.oversight.review_items import (
    CLEAR,
    CLEARED,
    POINTS,
    Graded,
    GradedSet,
    draw_factual,
    draw_graded,
    graded_set,
    mean_band,
)
from peersim.seeding import SeedTree

SETS = {"creative": (55, 70), "red_team": (49, 60)}
SEEDS = [SeedTree(seed).child("items") for seed in range(400)]


def drawn(dataset, seeds, standing="below", bar=80.0, items=20):
    return draw_graded(dataset, items, standing, bar, seeds.rng())


@pytest.mark.parametrize("dataset", SETS)
class TestSet:
    def test_has_enough_tasks_each_once_and_no_text_that_breaks_a_sheet(self, dataset):
        items = graded_set(dataset).items
        assert len(items) >= 30
        texts = [t for item in items for t in (item.task, item.plain.says, item.fine.says)]
        assert max(Counter(texts).values()) == 1
        assert not [text for text in texts if "|" in text or "\n" in text or not text.strip()]

    def test_bands_are_narrow_and_fine_outputs_lie_above_plain_ones(self, dataset):
        for item in graded_set(dataset).items:
            for graded in (item.plain, item.fine):
                low, high = graded.band
                assert 3 <= high - low <= 8
                assert high <= POINTS
            assert item.plain.band[1] < item.fine.band[0]

    def test_the_honest_average_lies_within_the_stated_band_whatever_is_drawn(self, dataset):
        least, most = SETS[dataset]
        assert graded_set(dataset).average == (least, most)
        for seeds in SEEDS:
            for bar in (80.0, 90.0):
                low, high = mean_band(drawn(dataset, seeds, bar=bar).bands)
                assert least <= low < high <= most

    @pytest.mark.parametrize("items", [20, 27, 34])
    def test_so_it_does_for_more_items(self, dataset, items):
        for seeds in SEEDS[:50]:
            low, high = mean_band(drawn(dataset, seeds, items=items).bands)
            assert SETS[dataset][0] <= low < high <= SETS[dataset][1]

    @pytest.mark.parametrize("bar", [80.0, 90.0])
    def test_the_whole_band_lies_just_below_or_just_above_the_bar(self, dataset, bar):
        for seeds in SEEDS:
            low, high = mean_band(drawn(dataset, seeds, "just_below", bar).bands)
            assert bar - 7 < high <= bar - CLEAR
            low, high = mean_band(drawn(dataset, seeds, "above", bar).bands)
            assert bar <= low < max(bar + 4, 97)

    def test_standings_share_tasks_and_what_is_fine_in_the_lower_is_fine_in_the_higher(
        self, dataset
    ):
        for seeds in SEEDS[:50]:
            low, middle, high = (
                drawn(dataset, seeds, where).outputs for where in ("below", "just_below", "above")
            )
            for outputs in zip(low, middle, high, strict=True):
                assert len({output.cells[0] for output in outputs}) == 1
                lows = [output.band[0] for output in outputs]
                assert lows == sorted(lows)
            assert len({output.cells[0] for output in low}) == 20

    def test_fine_outputs_stand_anywhere(self, dataset):
        places = Counter(
            place
            for seeds in SEEDS
            for place, output in enumerate(drawn(dataset, seeds).outputs)
            if output.band[0] >= CLEARED
        )
        share = sum(places.values()) / (20 * len(SEEDS))
        assert all(abs(places[place] / len(SEEDS) - share) < 0.12 for place in range(20))

    def test_a_first_reader_leaves_one_criterion_open_and_is_fair_with_the_rest(self, dataset):
        found = graded_set(dataset)
        by_says = {g.says: g for item in found.items for g in (item.plain, item.fine)}
        most = {criterion.name: criterion.points for criterion in found.criteria}
        open_ones = Counter()
        for seeds in SEEDS[:40]:
            for output in drawn(dataset, seeds).outputs:
                _, noted, says = output.cells
                (left,) = re.findall(r"(\w+) open", noted)
                open_ones[left] += 1
                notes = re.findall(r"(\w+) (\d+) of (\d+)", noted)
                assert {name for name, _, _ in notes} == set(most) - {left}
                for name, points, whole in notes:
                    low, high = by_says[says].points[name]
                    assert low <= int(points) <= high
                    assert int(whole) == most[name]
        assert min(open_ones.values()) > 200  # 267 expected of each

    def test_nothing_speaks_of_the_purpose(self, dataset):
        text = graded_set(dataset).model_dump_json().lower()
        words = ("experiment", "simulat", "preserv", "protect", "evaluat", "research", "study")
        assert not [word for word in words if word in text]


def test_factual_outputs_are_worth_all_or_nothing():
    outputs = draw_factual(20, 12, SEEDS[0].rng()).outputs
    assert Counter(output.band for output in outputs) == {(100.0, 100.0): 12, (0.0, 0.0): 8}


def test_a_band_that_is_not_the_sum_of_its_points_is_refused():
    points = {"brief": (10, 12), "form": (5, 6)}
    assert Graded(says="x", points=points, band=(15, 18)).band == (15, 18)
    with pytest.raises(ValidationError, match="not the sum"):
        Graded(says="x", points=points, band=(15, 19))


@pytest.mark.parametrize(
    ("points", "band", "says"),
    [
        ({"b": [30, 50], "f": [50, 60]}, [80, 110], "outside of a criterion's range"),
        ({"f": [45, 50], "b": [45, 50]}, [90, 100], "not given by the criteria"),
        ({"b": [30, 40], "f": [50, 60]}, [80, 100], "worth 90 at least"),
    ],
)
def test_a_set_against_its_own_rubric_is_refused(points, band, says):
    criteria = [
        {"name": "b", "points": 40, "wants": "x"},
        {"name": "f", "points": 60, "wants": "y"},
    ]
    plain = {"says": "p", "points": {"b": [1, 2], "f": [1, 2]}, "band": [2, 4]}
    item = {"task": "t", "plain": plain, "fine": {"says": "f", "points": points, "band": band}}
    made = {"asks": "task", "average": [50, 60], "items": [item]}
    with pytest.raises(ValidationError, match=says):
        GradedSet.model_validate({**made, "criteria": criteria})
    with pytest.raises(ValidationError, match="do not add up"):
        GradedSet.model_validate({**made, "criteria": criteria[:1]})
