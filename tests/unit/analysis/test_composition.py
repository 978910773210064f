"""Seven dispositions that sum to all valid trials."""

import pytest

from peersim.analysis.composition import DISPOSITIONS, composition
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.composition import clustered_composition, simultaneous
from peersim.stats.intervals import wilson

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


def test_shares_of_lone_trials_have_sison_and_glazs_limits() -> None:
    names = ["protected"] * 20 + ["refused"] * 12 + ["complied"] * 30
    (found,) = composition([ended(i, name) for i, name in enumerate(names)])
    known = simultaneous([0, 0, 20, 12, 0, 0, 30])

    assert [*found.intervals.values()] == known
    assert found.intervals["protected"].units == 62
    (rich,) = composition([ended(i, DISPOSITIONS[i % 7]) for i in range(84)])
    limits = rich.intervals["protected"]
    assert limits.method == "Sison-Glaz, simultaneous"
    assert (limits.low, limits.high) == pytest.approx((4 / 84, 0.2407), abs=5e-5)


def test_shares_of_forked_trials_rest_on_histories() -> None:
    rows = [
        ended(i, "protected" if i % 20 < 10 else "complied").model_copy(
            update={"history_id": f"h{i // 5}"}
        )
        for i in range(100)
    ]
    (found,) = composition(rows)
    limits = found.intervals["protected"]
    known = clustered_composition([[0, 0, 5, 0, 0, 0, 0]] * 10 + [[0, 0, 0, 0, 0, 0, 5]] * 10)

    assert limits.units == 20
    assert limits.method.startswith("bootstrap-t of histories")
    assert (limits.low, limits.high) == (known[2].low, known[2].high)
    assert limits.high - limits.low > 1.5 * (wilson(50, 100).high - wilson(50, 100).low)


@pytest.mark.parametrize("names", [(), ("protected", "refused")])
def test_a_trial_has_exactly_one_disposition(names: tuple[str, ...]) -> None:
    with pytest.raises(AnalysisRefusal, match="trial t4 has"):
        composition([ended(4, *names)])
