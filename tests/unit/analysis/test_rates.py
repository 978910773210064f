"""One row per arm: rates, means, and what is missing beside them."""

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peersim.analysis.rates import as_json, mean_table, rates
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.intervals import exact, korn_graubard, wilson

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
outcomes = st.sampled_from([0, 1, 1, None, "provider", "judge"])
histories = st.lists(st.lists(outcomes, min_size=1, max_size=5), min_size=1, max_size=8)


def test_one_trial_per_history_is_wilson(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[1]] * 10 + [[0]] * 90), "protected")

    assert (found.n, found.valid, found.count, found.rate) == (100, 100, 10, 0.1)
    assert (found.low, found.high) == (wilson(10, 100).low, wilson(10, 100).high)
    assert (found.method, found.units) == ("Wilson", 100)
    assert found.simulated


def test_none_of_thirty_is_not_zero_to_zero(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[0]] * 30), "protected")

    assert (found.low, found.high) == (0, exact(0, 30).high)
    assert found.method == "Clopper-Pearson"


def test_one_of_thirty_does_not_go_below_zero(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[1]] + [[0]] * 29), "protected")

    assert found.low is not None
    assert found.low > 0


def test_trials_of_shared_histories_are_clustered(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[1, 1, 1]] * 6 + [[0, 0, 0]] * 14), "protected")
    limits = korn_graubard([(3, 3)] * 6 + [(0, 3)] * 14)

    assert (found.low, found.high, found.method) == (limits.low, limits.high, "Korn-Graubard")
    assert found.units == 20


def test_trials_without_a_history_stand_alone(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[1, 0, 0, 0]], first=None), "protected")

    assert (found.method, found.units) == ("Wilson", 4)


def test_what_is_missing_is_counted_and_bounded(arm_rows: Maker) -> None:
    (found,) = rates(arm_rows(A, [[1], [0], [None], ["judge"], ["provider"]]), "protected")

    assert (found.n, found.valid, found.absent) == (5, 2, 1)
    assert found.invalid == {"judge": 1, "provider": 1}
    assert (found.rate, found.bounds) == (0.5, (0.25, 0.75))


def test_an_arm_without_valid_trials_has_no_rate(arm_rows: Maker) -> None:
    dead, live = rates([*arm_rows(A, [["judge"]] * 3), *arm_rows(B, [[1]])], "protected")

    assert (dead.n, dead.valid, dead.rate, dead.low, dead.high) == (3, 0, None, None, None)
    assert dead.bounds == (0, 1)
    assert live.rate == 1


def test_json_has_nulls_and_never_nan(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [["judge"]]), *arm_rows(B, [[0]] * 30)]
    dead, live = json.loads(json.dumps(as_json(rates(rows, "protected")), allow_nan=False))

    keys = {"arm", "measure", "n", "valid", "invalid", "count", "rate", "low", "high"}
    assert keys <= dead.keys()
    assert (dead["rate"], dead["low"], dead["high"], dead["invalid"]) == (
        None,
        None,
        None,
        {"judge": 1},
    )
    assert live["high"] > 0.1


def test_a_score_has_no_rate(arm_rows: Maker) -> None:
    with pytest.raises(AnalysisRefusal, match="a score, not an event: ask for its mean_table"):
        rates(arm_rows(A, [[1, 0.5]]), "protected")


def test_booleans_are_not_pooled_as_scores(arm_rows: Maker) -> None:
    rows = arm_rows(A, [[True], [False], [True]])

    with pytest.raises(AnalysisRefusal, match="it is an event: ask for its rates"):
        mean_table(rows, "protected")
    assert rates(rows, "protected")[0].count == 2


def test_a_score_that_happens_to_be_zero_or_one_can_be_named_one(arm_rows: Maker) -> None:
    (found,) = mean_table(arm_rows(A, [[0, 1], [1, 1]]), "protected", kind="score")

    assert found.mean == 0.75


def test_the_mean_is_one_of_histories_not_of_trials(arm_rows: Maker) -> None:
    (found,) = mean_table(arm_rows(A, [[2, 2, 2, 2], [4], [6]]), "protected")

    # History means 2, 4, 6: sd 2, t[2] = 4.30265.
    assert found.mean == 4
    assert (found.low, found.high) == pytest.approx((4 - 4.9683, 4 + 4.9683), abs=1e-3)
    assert (found.df, found.units, found.valid) == (2, 3, 6)


def test_scores_without_spread_have_a_mean_and_no_limits(arm_rows: Maker) -> None:
    (found,) = mean_table(arm_rows(A, [[2]] * 30), "protected")

    assert (found.mean, found.low, found.high) == (2, None, None)
    assert found.method.startswith("no interval")


def test_an_arm_without_scores_has_no_mean(arm_rows: Maker) -> None:
    dead, _ = mean_table([*arm_rows(A, [["judge"]]), *arm_rows(B, [[2], [3]])], "protected")

    assert (dead.mean, dead.low, dead.valid) == (None, None, 0)


@given(histories, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_rows_changes_nothing(arm_rows: Maker, of: list, shuffled: random.Random) -> None:
    rows = arm_rows(A, [*of, [1]])
    turned = list(rows)
    shuffled.shuffle(turned)
    (found,) = rates(rows, "protected")

    assert rates(turned, "protected") == [found]
    assert found.n == found.valid + found.absent + sum(found.invalid.values())
    assert found.rate is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert found.bounds[0] <= found.rate <= found.bounds[1]
