"""What is found is left out of the interval and what is not is held by it, whatever the method."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from peersim.analysis.procedures import Group, Procedure, procedure
from peersim.stats.attrition import loss_by_arm
from peersim.stats.permute import MANY
from peersim.stats.slopes import slope_between
from peersim.stats.tests import paired, welch

LEVELS = (0.8, 0.9, 0.95, 0.975, 0.99)
Draw = Callable[[np.random.Generator], Procedure]


def between(rates: tuple[float, float], histories: int, trials: int) -> Draw:
    def draw(rng: np.random.Generator) -> Procedure:
        groups, cells = [], []
        for rate, weight in zip(rates, (1, -1), strict=True):
            own = rng.beta(4 * rate, 4 * (1 - rate), histories) if trials > 1 else rate
            events = rng.binomial(trials, own, histories)
            groups.append(Group(weight, tuple(events / trials), 1))
            cells.append((weight, [(int(of), trials) for of in events]))
        return procedure(groups, cells)

    return draw


def within(histories: int, trials: int) -> Draw:
    def draw(rng: np.random.Generator) -> Procedure:
        own = rng.normal(0, 1, histories)
        events = [rng.binomial(trials, expit(own - shift)) for shift in (0.5, 1.5)]
        gaps = tuple((events[0] - events[1]) / trials)
        cells = [
            (weight, [(int(of), trials) for of in side])
            for weight, side in zip((1, -1), events, strict=True)
        ]
        return procedure([Group(1, gaps, 2)], cells)

    return draw


def scores(rng: np.random.Generator) -> Procedure:
    return procedure(
        [Group(w, tuple(rng.exponential(1, 12) + g), 1) for w, g in ((1, 0.8), (-1, 0))]
    )


def four(rng: np.random.Generator) -> Procedure:
    weights = (1, -1, -1, 1)
    return procedure([Group(w, tuple(rng.normal(w * 0.3, 1, 9)), 1) for w in weights])


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "draw",
    [
        between((0.5, 0.27), 20, 4),
        between((0.5, 0.22), 24, 1),
        within(24, 4),
        within(24, 1),
        within(8, 1),
        scores,
        four,
    ],
    ids=["welch", "newcombe", "paired", "single pairs", "few discordant", "scores", "four sets"],
)
def test_p_and_interval_say_the_same_at_every_level(draw: Draw) -> None:
    rng, drawn = np.random.default_rng(3), 0
    for _ in range(40):
        found = draw(rng)
        for level in LEVELS:
            low, high, _ = found.limits(level)
            if low is None or high is None:
                continue
            drawn += 1
            assert (low > 0 or high < 0) == (found.p() <= 1 - level), (found.method, level)
    assert drawn > 100


def test_comparisons_and_slopes_agree_too() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        a, b = (rng.binomial(4, rate, 14) / 4 for rate in (0.5, 0.25))
        lost = [[(int(of), 8) for of in rng.binomial(8, rate, 12)] for rate in (0.3, 0.05)]
        for found in (
            welch(a.tolist(), b.tolist()),
            paired((a - b).tolist()),
            loss_by_arm(*lost, forked=True),
            slope_between([1.0, 2.0, 3.0, 4.0] * 3, (a[:12] + [0, 0.2, 0.3, 0.4] * 3).tolist()),
        ):
            if found.low is not None and found.high is not None:
                assert (found.low > 0 or found.high < 0) == (found.p <= 0.05), found.method


def test_very_many_units_are_judged_by_t_which_takes_no_permutation() -> None:
    rng = np.random.default_rng(5)
    values = tuple(rng.normal(0.05, 1, MANY + 1))
    half = len(values) // 2
    one = procedure([Group(1, values, 2)])
    two = procedure([Group(1, values[:half], 1), Group(-1, values[half:], 1)])

    assert one.method == "paired t on history differences, t p"
    assert two.method == "Welch t on history means, t p"
