"""GEE of two arms: against arithmetic, with unequal histories, and where it is not defined."""

import numpy as np
import pytest

from peersim.stats.gee import gee_contrast


def test_difference_and_odds_ratio_are_those_of_the_trials() -> None:
    # 6 of 12 against 3 of 12: difference .25, odds ratio 1 / (1/3).
    y = [1, 1, 0, 0] * 3 + [1, 0, 0, 0] * 3
    treated, history = [True] * 12 + [False] * 12, np.repeat(np.arange(6), 4).tolist()
    y[0], y[3] = 0, 1
    difference = gee_contrast(y, treated, history)
    ratio = gee_contrast(y, treated, history, odds_ratio=True)

    assert difference.estimate == pytest.approx(0.25)
    assert ratio.estimate == pytest.approx(3)


def test_unequal_histories_weigh_by_their_trials() -> None:
    rng = np.random.default_rng(5)
    history = [h for h in range(16) for _ in range(1 + h % 4)]
    treated = [h % 2 == 0 for h in history]
    y = rng.random(len(history)).tolist()
    found = gee_contrast(y, treated, history)
    means = [np.mean([v for v, t in zip(y, treated, strict=True) if t is s]) for s in (True, False)]

    assert found.estimate == pytest.approx(means[0] - means[1])
    assert (found.df, found.units) == (14, {"history": 16})
    assert found.low < found.estimate < found.high


def test_no_spread_is_no_nan_and_a_zero_arm_has_no_odds_ratio() -> None:
    treated, history = [True, False] * 6, np.repeat(np.arange(6), 2).tolist()
    none = gee_contrast([0.0] * 12, treated, history)
    apart = gee_contrast([float(t) for t in treated], treated, history)
    zero_arm = [float(t and h < 3) for t, h in zip(treated, history, strict=True)]

    assert (none.estimate, none.low, none.p) == (0, None, 1)
    assert (apart.estimate, apart.low) == (pytest.approx(1), None)
    assert apart.p == pytest.approx(2 / 2**6)
    assert gee_contrast(zero_arm, treated, history).low is not None
    with pytest.raises(ValueError, match="no odds ratio"):
        gee_contrast(zero_arm, treated, history, odds_ratio=True)


def test_what_has_no_two_arms_is_refused() -> None:
    with pytest.raises(ValueError, match="two arms"):
        gee_contrast([0.0, 1.0, 1.0], [True] * 3, [0, 1, 2])
    with pytest.raises(ValueError, match="three histories"):
        gee_contrast([0.0, 1.0, 1.0, 0.0], [True, False] * 2, [0, 0, 1, 1])
