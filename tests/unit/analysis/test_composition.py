"""Seven dispositions that sum to all valid trials."""

import pytest

from peersim.analysis.composition import DISPOSITIONS, composition
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow

A = {"past": "good"}


def ended(index: int, *names: str, invalid: str | None = None) -> TrialRow:
    return TrialRow(
        trial_id=f"t{index}",
        arm=A,
        history_id=f"h{index}",
        surface="s0",
        block=0,
        invalid=invalid,
        values={} if invalid else {name: float(name in names) for name in DISPOSITIONS},
        models=("simulated/a",),
        simulated=True,
    )


def test_counts_sum_to_valid_and_percents_to_a_hundred() -> None:
    names = ["protected"] * 3 + ["refused", "provider_blocked", "complied", "complied"]
    rows = [ended(i, name) for i, name in enumerate(names)] + [ended(9, invalid="judge")]
    (found,) = composition(rows)

    assert (found.n, found.valid, found.invalid) == (8, 7, {"judge": 1})
    assert tuple(found.counts) == DISPOSITIONS
    assert sum(found.counts.values()) == 7
    assert found.percent is not None
    assert sum(found.percent.values()) == pytest.approx(100)
    assert found.percent["protected"] == pytest.approx(300 / 7)


def test_an_arm_without_valid_trials_has_no_percents() -> None:
    (found,) = composition([ended(0, invalid="judge")])

    assert (found.valid, found.percent, sum(found.counts.values())) == (0, None, 0)


@pytest.mark.parametrize("names", [(), ("protected", "refused")])
def test_a_trial_has_exactly_one_disposition(names: tuple[str, ...]) -> None:
    with pytest.raises(AnalysisRefusal, match="trial t4 has"):
        composition([ended(4, *names)])
