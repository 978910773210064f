"""The dispatcher picks the method from the rows, and the laws of what it returns."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peersim.analysis.contrasts import ContrastEstimate, estimate
from peersim.readings.rows import TrialRow
from peersim.stats.intervals import clustered_difference, newcombe

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
events = st.lists(st.sampled_from([0, 1, 1, "judge"]), min_size=1, max_size=4)
arms_of_events = st.lists(events.map(lambda of: [*of, 1]), min_size=2, max_size=7)


@pytest.fixture
def forked(arm_rows: Maker) -> Maker:
    return lambda a, b: [*arm_rows(A, a), *arm_rows(B, b)]


@pytest.fixture
def unforked(arm_rows: Maker) -> Maker:
    return lambda a, b: [*arm_rows(A, a), *arm_rows(B, b, first=500)]


def test_forked_arms_are_compared_within_histories(forked: Maker) -> None:
    a = [[1, 1], [1, 0], [1, 1], [0, 1], [1, 0], [1, 0]]
    b = [[0, 0], [0, 0], [0, 1], [0, 0], [1, 1], [0, 0]]
    found = estimate(A, B, forked(a, b), "protected")

    # Differences 1, 0.5, 0.5, 0.5, -0.5, 0.5: mean 5/12, sd 0.4916, t[5] = 2.57058.
    assert (found.level, found.kind, found.unit) == ("within", "event", "history")
    assert found.difference == pytest.approx(5 / 12)
    assert (found.low, found.high) == pytest.approx((-0.09923, 0.93257), abs=1e-4)
    assert (found.df, found.histories, found.trials) == (5, (6, 6), (12, 12))
    # Twelve of the 64 flips of the six discordant histories are as extreme.
    assert found.p == pytest.approx(12 / 64)
    assert found.method.startswith("paired t")


def test_a_handful_of_discordant_histories_is_taken_as_unpaired(forked: Maker) -> None:
    rows = forked([[1, 1], [1, 0], [1, 1], [0, 0]], [[0, 0], [1, 0], [0, 1], [0, 0]])
    found = estimate(A, B, rows, "protected")

    assert found.difference == 0.375
    # As wide as the t interval of the differences 1, 0, 0.5, 0 or wider, and within the possible.
    assert found.low < -0.38675
    assert found.high == 1
    # Two of the four flips of the two discordant histories are as extreme.
    assert found.p == pytest.approx(0.5)
    assert found.method.startswith("MOVER")
    assert found.notes[0] == "fewer than 6 discordant histories"


def test_five_discordant_histories_exclude_nothing_that_their_signs_do_not(forked: Maker) -> None:
    a = [[1] * 4] * 5 + [[0] * 4] * 155
    found = estimate(A, B, forked(a, [[0] * 4] * 160), "protected")

    assert found.p == pytest.approx(2 / 2**5)
    assert found.low == 0 < 5 / 160 == found.difference < found.high
    assert found.notes == ("fewer than 6 discordant histories",)
    again = estimate(A, B, forked([[1] * 4, *a[:-1]], [[0] * 4] * 160), "protected")
    assert again.p == pytest.approx(2 / 2**6)
    assert again.low > 0
    assert again.method.startswith("paired t")


def test_the_limits_hold_the_estimate_however_unequal_the_trials(forked: Maker) -> None:
    a = [[1]] * 3 + [[0] * 12] * 17
    found = estimate(A, B, forked(a, [[0] * len(of) for of in a]), "protected")

    assert found.difference == pytest.approx(3 / 20)
    assert found.low <= 0 < 3 / 20 < found.high


@given(arms_of_events, arms_of_events, st.booleans())
def test_any_estimate_lies_within_its_limits_and_bounds(
    arm_rows: Maker, a: list, b: list, together: bool
) -> None:
    size = min(len(a), len(b))
    rows = [*arm_rows(A, a[:size]), *arm_rows(B, b[:size], first=0 if together else 500)]
    found = estimate(A, B, rows, "protected")

    assert found.low is not None
    assert found.low - 1e-9 <= found.difference <= found.high + 1e-9
    assert found.bounds is not None
    assert found.bounds[0] - 1e-9 <= found.difference <= found.bounds[1] + 1e-9


def test_rare_events_between_histories_of_unequal_size_weigh_histories(unforked: Maker) -> None:
    a = [[1]] * 3 + [[0] * 12] * 17
    found = estimate(A, B, unforked(a, [[0] * 12] * 20), "protected")
    size = 20 / (3 + 17 / 12)
    limits = clustered_difference([(size, size)] * 3 + [(0, size)] * 17, [(0, 12)] * 20)

    assert found.method.startswith("MOVER")
    assert found.difference == pytest.approx(3 / 20)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert found.low < 3 / 20 < found.high


def test_single_trials_between_histories_are_counted(unforked: Maker) -> None:
    rows = unforked([[1]] * 56 + [[0]] * 14, [[1]] * 48 + [[0]] * 32)
    found = estimate(A, B, rows, "protected")
    limits = newcombe((56, 70), (48, 80))

    assert found.level == "between"
    assert (found.low, found.high) == (limits.low, limits.high)
    assert found.difference == pytest.approx(0.2)
    assert found.method == "Newcombe interval, Boschloo p (that of the interval, if larger)"
    assert 0 < found.p < 0.02
    assert found.notes == ()


def test_several_trials_between_histories_are_welch_on_histories(unforked: Maker) -> None:
    rows = unforked([[1, 0]] * 8 + [[1, 1]] * 4 + [[0, 0]] * 6, [[1, 0]] * 9 + [[0, 0]] * 9)
    found = estimate(A, B, rows, "protected")

    assert found.method.startswith("Welch t on history means")
    assert found.difference == pytest.approx(8 / 18 - 4.5 / 18)
    assert found.df is not None
    assert found.df < 34


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([[1, 0]] * 4 + [[0, 0]] * 16, [[1, 0]] * 12 + [[0, 0]] * 8),
        ([[0, 0]] * 20, [[0, 0]] * 20),
        ([[1, 1]] * 18 + [[1, 0]] * 2, [[1, 0]] * 12 + [[0, 0]] * 8),
        # Enough events, and yet no spread for Welch.
        ([[1, 0]] * 20, [[1, 0]] * 20),
    ],
)
def test_few_events_between_histories_go_to_mover(unforked: Maker, a: list, b: list) -> None:
    found = estimate(A, B, unforked(a, b), "protected")
    limits = clustered_difference([(sum(of), 2) for of in a], [(sum(of), 2) for of in b])

    assert found.method.startswith("MOVER on Korn-Graubard limits")
    assert (found.low, found.high) == (limits.low, limits.high)
    assert found.low < found.high
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


def test_histories_without_any_difference_have_limits_and_a_note(forked: Maker) -> None:
    found = estimate(A, B, forked([[0]] * 30, [[0]] * 30), "protected")

    assert (found.difference, found.p) == (0, 1)
    assert found.low < -0.1 < 0.1 < found.high
    assert "no discordant history" in found.notes


def test_scores_go_to_t(forked: Maker, unforked: Maker) -> None:
    a, b = [[2.5], [3], [4]], [[1], [1], [2.5]]
    within, between = (estimate(A, B, rows, "protected") for rows in (forked(a, b), unforked(a, b)))

    assert (within.kind, within.bounds) == ("score", None)
    assert (within.difference, between.difference) == pytest.approx((5 / 3, 5 / 3))
    assert within.method.startswith("paired t")
    assert between.method.startswith("Welch t")


def test_scores_without_spread_have_no_limits_and_no_nan(unforked: Maker) -> None:
    found = estimate(A, B, unforked([[2]] * 5, [[3]] * 5), "protected")

    assert (found.difference, found.low, found.high) == (-1, None, None)
    assert "histories do not vary" in found.notes


def test_a_measure_is_read_alike_in_every_contrast(arm_rows: Maker, unforked: Maker) -> None:
    third = arm_rows({"past": "none"}, [[2.5]], first=900)
    rows = [*unforked([[1], [0], [1]], [[0], [1], [0]]), *third]

    assert estimate(A, B, rows, "protected").kind == "score"
    assert estimate(A, B, rows[:-1], "protected").kind == "event"


def test_arms_without_histories_count_trials(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [[1] * 9], first=None), *arm_rows(B, [[0] * 9], first=None)]
    found = estimate(A, B, rows, "protected")

    assert (found.level, found.unit, found.histories) == ("between", "trial", (9, 9))
    assert found.notes == ("fewer than 16 trials: exploratory",)


def test_what_is_missing_stands_beside_the_difference(forked: Maker) -> None:
    a = [[1, "judge"], [1, 1], [0, 0], ["judge", "provider"]]
    b = [[0, 0], [0, None], [1, 0], [0, 1]]
    found = estimate(A, B, forked(a, b), "protected")

    assert found.invalid == ({"judge": 2, "provider": 1}, {})
    # The means of the rates of histories: 0.5 to 1, 1, 0 and 0 to 1 in a; 0, 0, 0.5, 0.5 in b.
    assert found.bounds == pytest.approx((1.5 / 4 - 1 / 4, 3 / 4 - 1 / 4))
    assert (found.histories, found.trials) == ((3, 3), (5, 5))
    assert found.notes == (
        "fewer than 6 discordant histories",
        "histories left out: 1, without a value in one of the arms",
        "1 to 2 trials per history and arm",
        "invalid: 3 of 8 and 0 of 8 trials",
        "1 valid trials without a value for protected left out",
    )


@pytest.mark.parametrize(("histories", "few"), [(15, True), (16, False)])
def test_few_histories_only_explore(unforked: Maker, histories: int, few: bool) -> None:
    found = estimate(A, B, unforked([[1, 0]] * histories, [[0, 1]] * 20), "protected")

    assert ("fewer than 16 histories: exploratory" in found.notes) is few


def test_a_simulated_arm_against_a_real_one_says_so(arm_rows: Maker) -> None:
    a, b = {"model": "x"}, {"model": "y"}
    real = [row.model_copy(update={"simulated": False}) for row in arm_rows(b, [[1], [0]])]
    found = estimate(a, b, [*arm_rows(a, [[1], [1]]), *real], "protected")

    assert found.simulated
    assert "one arm is simulated and the other is not" in found.notes


def turned(found: ContrastEstimate) -> tuple[object, ...]:
    low, high = found.low, found.high
    return (
        pytest.approx(-found.difference),
        pytest.approx(-high),
        pytest.approx(-low),
        pytest.approx(found.p),
        (found.level, found.method.split(";")[0]),
        found.histories[::-1],
        found.trials[::-1],
    )


@given(arms_of_events, arms_of_events, st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=40, deadline=None)
def test_arms_trade_places_and_rows_trade_places(
    arm_rows: Maker, a: list, b: list, shuffled: random.Random, fork: bool
) -> None:
    size = min(len(a), len(b))
    b_rows = arm_rows(B, b[:size], first=0 if fork else 500)
    rows = [*arm_rows(A, a[:size]), *b_rows]
    moved = list(rows)
    shuffled.shuffle(moved)
    found, back = estimate(A, B, rows, "protected"), estimate(B, A, rows, "protected")

    assert estimate(A, B, moved, "protected") == found
    assert found.level == ("within" if fork else "between")
    assert turned(found) == (
        back.difference,
        back.low,
        back.high,
        back.p,
        (back.level, back.method.split(";")[0]),
        back.histories,
        back.trials,
    )
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert 0 < found.p <= 1


@pytest.mark.parametrize("trials", [1, 10])
@pytest.mark.parametrize("fork", [True, False])
def test_the_same_trials_give_the_same_estimate_to_the_last_digit(
    forked: Maker, unforked: Maker, trials: int, fork: bool
) -> None:
    draw = random.Random(3)
    a, b = (
        [[float(draw.random() < p) for _ in range(trials)] for _ in range(200 // trials)]
        for p in (0.3, 0.4)
    )
    rows = (forked if fork else unforked)(a, b)
    assert estimate(A, B, rows, "protected") == estimate(A, B, rows[::-1], "protected")
