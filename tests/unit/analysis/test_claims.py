"""What a declared contrast may claim, by what was declared and not by what came of it."""

from collections.abc import Callable

import pytest

from peersim.analysis.claims import kind_for
from peersim.analysis.grouped import Grouped
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
RATE = Contrast(id="past", a=A, b=B, outcome="own")
MEAN = RATE.model_copy(update={"scale": "mean_diff"})


@pytest.mark.parametrize("values", [[[0], [1]], [[0.5], [1]]])
def test_the_declared_scale_decides_and_not_the_values(arm_rows: Maker, values: list) -> None:
    grouped = Grouped([*arm_rows(A, values, measure="own"), *arm_rows(B, values, measure="own")])

    assert kind_for(MEAN, [A, B], grouped) == "score"
    if values == [[0], [1]]:
        assert kind_for(RATE, [A, B], grouped) == "event"
    else:
        with pytest.raises(AnalysisRefusal, match=r"declared as a rate, yet has the value 0\.5"):
            kind_for(RATE, [A, B], grouped)


def test_a_score_is_no_rate(arm_rows: Maker) -> None:
    grouped = Grouped(arm_rows(A, [[0], [1]], measure="signed_error"))
    rate = RATE.model_copy(update={"outcome": "signed_error"})

    with pytest.raises(AnalysisRefusal, match="is a score, and scale rd is one of rates"):
        kind_for(rate, [A], grouped)
