"""Rows by arm, units within an arm, and what counts as an event."""

from collections.abc import Callable

import pytest

from peersim.analysis.arms import by_arm, invalid_by_origin, kind_of, unit_means, units
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good", "stakes": "high"}, {"past": "bad", "stakes": "high"}


def test_arms_come_as_first_seen_whatever_the_order_of_their_factors(arm_rows: Maker) -> None:
    turned = {"stakes": "high", "past": "bad"}
    rows = [*arm_rows(B, [[1]]), *arm_rows(A, [[0]]), *arm_rows(turned, [[1]])]

    assert [(arm, len(of)) for arm, of in by_arm(rows)] == [(B, 2), (A, 1)]


def test_units_are_histories_or_single_trials(arm_rows: Maker) -> None:
    lived, told = arm_rows(A, [[1, 0], [1, "provider"]]), arm_rows(A, [[1, 0]], first=None)

    assert list(units(lived, "protected").values()) == [[1, 0], [1]]
    assert unit_means(units(lived, "protected")) == {
        ("history", "h000"): 0.5,
        ("history", "h001"): 1,
    }
    assert [len(of) for of in units(told, "protected").values()] == [1, 1]


def test_kinds(arm_rows: Maker) -> None:
    assert kind_of(arm_rows(A, [[1, 0, None]]), "protected") == "event"
    assert kind_of(arm_rows(A, [[1, 0.5]]), "protected") == "score"
    assert kind_of(arm_rows(A, [[1, 0]]), "protected", "score") == "score"


def test_a_score_cannot_be_said_to_be_an_event(arm_rows: Maker) -> None:
    with pytest.raises(AnalysisRefusal, match=r"said to be an event, yet has the value 2\.0"):
        kind_of(arm_rows(A, [[1, 2]]), "protected", "event")


def test_an_unknown_measure_is_refused_by_name(arm_rows: Maker) -> None:
    with pytest.raises(AnalysisRefusal, match=r"named protcted: the measures are protected"):
        kind_of(arm_rows(A, [[1]]), "protcted")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(arm_rows: Maker, value: float) -> None:
    with pytest.raises(AnalysisRefusal, match="trial past=good, stakes=high/0/0 has"):
        units(arm_rows(A, [[value]]), "protected")


def test_invalid_trials_are_counted_by_origin(arm_rows: Maker) -> None:
    rows = arm_rows(A, [["provider", "judge", "provider", 1]])

    assert invalid_by_origin(rows) == {"judge": 1, "provider": 2}
