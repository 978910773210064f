"""Missing trials: Lee's bounds by hand and against the truth, and losses by arm."""

import numpy as np
import pytest

from peersim.stats.attrition import between_rates, lee_bounds, loss_by_arm
from peersim.stats.tests import paired, welch

GONE = None


def test_lee_bounds_by_hand() -> None:
    # First arm: 4 of 4 seen (1, 1, 0, 0); second: 2 of 4 seen (1, 0). Half of the first is cut:
    # it has then a mean of 0 or of 1, against .5.
    found = lee_bounds([[1, 1], [0, 0]], [[1, GONE], [0, GONE]])

    assert (found.low, found.high) == (-0.5, 0.5)
    assert (found.trimmed, found.share) == ("first", 0.5)
    assert found.limit_low <= found.low
    assert found.limit_high >= found.high


def test_lee_bounds_cut_within_a_value() -> None:
    # 3 of 3 against 2 of 3 seen: 2 of the scores 1, 2, 6 stay, so 1.5 or 4, against 3.
    found = lee_bounds([[1.0, 2.0], [6.0]], [[3.0, GONE], [3.0]])

    assert (found.low, found.high) == pytest.approx((-1.5, 1.0))
    # 4 of 4 against 3 of 5 seen: 2.4 stay; lowest (1 + 2 + .4 · 3) / 2.4, against 0.
    found = lee_bounds([[1.0, 2.0, 3.0, 4.0]], [[0.0, 0.0, 0.0, GONE, GONE]])
    assert found.low == pytest.approx(4.2 / 2.4)
    assert found.high == pytest.approx((4 + 3 + 0.4 * 2) / 2.4)


def test_lee_bounds_turn_with_the_arms_and_close_without_losses() -> None:
    a, b = [[1, 0, 1, 1]] * 5, [[1, GONE, 0, 0]] * 5
    one, other = lee_bounds(a, b), lee_bounds(b, a)
    full = lee_bounds(a, [[0, 0, 1, 0]] * 5)

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert other.trimmed == "second"
    assert full.low == full.high == 0.5
    assert full.trimmed == "neither"


def test_lee_bounds_hold_the_effect_on_those_who_stay_in_either_arm() -> None:
    # Half stay in either arm, with an effect of .3; a quarter more stay in the first arm only,
    # where they all have the event, which pulls the naive difference up.
    rng = np.random.default_rng(15)
    kind = rng.random((2, 1500, 4))
    always, extra = kind < 0.5, (kind >= 0.5) & (kind < 0.75)
    events = rng.random((2, 1500, 4)) < np.array([0.5, 0.2])[:, None, None]
    seen = [always[0] | extra[0], always[1]]
    first = np.where(extra[0], True, events[0])
    arms = [
        [
            [float(v) if ok else None for v, ok in zip(*of, strict=True)]
            for of in zip(*arm, strict=True)
        ]
        for arm in ((first, seen[0]), (events[1], seen[1]))
    ]
    found = lee_bounds(arms[0][:300], arms[1][:300])
    naive = first[seen[0]].mean() - events[1][seen[1]].mean()

    # Those who stay in the first arm alone all have the event, so the lower bound is the truth.
    assert found.low == pytest.approx(0.3, abs=0.1)
    assert found.limit_low <= 0.3 <= found.high
    assert naive > 0.4
    assert found.share == pytest.approx(1 / 3, abs=0.06)


def test_forked_arms_are_redrawn_together() -> None:
    rng = np.random.default_rng(16)
    base = (rng.random((30, 1)) < 0.5).astype(float)
    arm = np.repeat(base, 4, axis=1).tolist()
    loose, tight = lee_bounds(arm, arm), lee_bounds(arm, arm, forked=True)

    assert tight.limit_high == pytest.approx(0)
    assert loose.limit_high > 0.1
    assert (loose.units, tight.units) == (60, 30)


def test_an_arm_without_outcomes_has_no_bounds() -> None:
    with pytest.raises(ValueError, match="an outcome in each"):
        lee_bounds([[GONE]], [[1]])


def test_losses_by_arm_use_the_methods_of_an_outcome() -> None:
    a, b = [(2, 4), (0, 4), (1, 4)] * 5, [(0, 4), (1, 4), (1, 4)] * 5
    means = [[c / m for c, m in arm] for arm in (a, b)]

    assert loss_by_arm(a, b, forked=False).p == welch(*means).p
    assert (
        loss_by_arm(a, b, forked=True).p == paired([x - y for x, y in zip(*means, strict=True)]).p
    )


@pytest.mark.parametrize("forked", [False, True])
def test_no_losses_at_all_are_no_difference_and_no_certainty(forked) -> None:
    found = loss_by_arm([(0, 1)] * 30, [(0, 1)] * 30, forked=forked)

    assert found.p == 1
    assert found.low < -0.05
    assert found.high > 0.05


def test_few_losses_go_by_their_interval() -> None:
    found = between_rates([(0, 4)] * 40, [(2, 4)] * 3 + [(1, 4)] * 12 + [(0, 4)] * 25)

    assert "MOVER" in found.method
    assert (found.p < 0.05) == (found.high < 0)


@pytest.mark.slow
def test_unequal_losses_are_found() -> None:
    # 2 v 15 % at 40 histories of 4: the standard asks for power of .90; 3 errors of 200 are .06.
    rng, hits = np.random.default_rng(17), 0
    for _ in range(200):
        sides = [[(int(c), 4) for c in rng.binomial(4, p, 40)] for p in (0.02, 0.15)]
        hits += between_rates(*sides).p <= 0.05
    assert hits / 200 >= 0.84
