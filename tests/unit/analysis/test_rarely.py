"""Rare events of arms that share histories: what one arm gains another may lose in each of them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binom, norm

from peersim.analysis.procedures import Group, Procedure, procedure, showing
from peersim.analysis.rarely import outer, rare
from peersim.analysis.trends import Doses, outer_slope, rare_slope, slope
from peersim.stats.did import did_events, did_mixed
from peersim.stats.intervals import few_events, mean_t
from peersim.stats.tests import welch

Arm = list[tuple[int, int]]
GAINS = [(4, 4)] * 10 + [(0, 4)] * 10
LOSES = [(0, 4)] * 10 + [(4, 4)] * 10
ONE_MORE = [(4, 4)] * 11 + [(0, 4)] * 9
HARDLY = [(1, 4)] * 2 + [(0, 4)] * 18
NEVER = [(0, 4)] * 20


def gaps(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    return tuple(x / m - y / n for (x, m), (y, n) in zip(a, b, strict=True))


def of_four(a: Arm, b: Arm, c: Arm, d: Arm) -> Procedure:
    groups = [Group(1, gaps(a, b), 2), Group(-1, gaps(c, d), 2)]
    return procedure(groups, [(1, a), (-1, b), (-1, c), (1, d)])


def test_a_set_that_hardly_differs_does_not_hide_how_the_other_one_does() -> None:
    found = of_four(ONE_MORE, LOSES, HARDLY, NEVER)
    cells = rare([(1, ONE_MORE), (-1, LOSES), (-1, HARDLY), (1, NEVER)])
    whole = welch(gaps(ONE_MORE, LOSES), gaps(HARDLY, NEVER))

    low, high, _ = found.limits(0.95)
    assert (low, high) == pytest.approx((whole.low, whole.high))
    assert low < cells.limits(0.95).low < cells.limits(0.95).high < high
    assert found.p() == max(cells.p(), whole.p)
    assert found.method.startswith("MOVER on Korn-Graubard limits, arms taken as independent")
    assert "Welch t on history differences, permutation p" in found.method


def test_arms_that_go_together_keep_the_limits_of_their_rates() -> None:
    found = of_four(HARDLY, NEVER, HARDLY[::-1], NEVER)
    cells = rare([(1, HARDLY), (-1, NEVER), (-1, HARDLY), (1, NEVER)])

    assert found.limits(0.95)[:2] == pytest.approx(cells.limits(0.95)[:2])


def test_p_and_limits_say_the_same_at_every_level() -> None:
    rng, seen = np.random.default_rng(3), 0
    for _ in range(12):
        arms = [[(int(c), 4) for c in rng.binomial(4, p, 20)] for p in (0.5, 0.1, 0.02, 0.02)]
        found = of_four(*arms)
        seen += found.method.startswith("MOVER")
        for level in (0.8, 0.9, 0.95, 0.99):
            low, high, _ = found.limits(level)
            assert (low > 0 or high < 0) == (found.p() <= 1 - level)
    assert seen > 4


def test_claims_of_no_difference_are_held_to_the_wider_limits_too() -> None:
    # Many histories differ, both ways; the events of one arm are few.
    rest: Arm = [(1, 1)] * 9 + [(0, 1)] * 11
    few: Arm = [(0, 1)] * 16 + [(1, 1)] * 4
    counts = [(1, rest), (-1, few)]
    chosen = procedure([Group(1, gaps(rest, few), 2)], counts)
    found = outer(counts, chosen, forked=True)

    assert chosen.method.startswith("paired t")
    assert found.limits(0.9).high == pytest.approx(mean_t(gaps(rest, few), 0.9).high)
    assert found.limits(0.9).high > rare(counts).limits(0.9).high
    assert outer((), chosen, forked=True) is chosen


def test_a_handful_of_pairs_that_go_both_ways_has_the_limits_of_t() -> None:
    a: Arm = [(1, 1)] * 3 + [(0, 1)] * 5
    b: Arm = [(0, 1)] * 3 + [(1, 1)] * 2 + [(0, 1)] * 3
    found = procedure([Group(1, gaps(a, b), 2)], [(1, a), (-1, b)])

    assert found.limits(0.95)[:2] == pytest.approx(
        (mean_t(gaps(a, b)).low, mean_t(gaps(a, b)).high)
    )


@pytest.mark.parametrize("rate", [0.05, 0.95])
def test_an_event_of_nearly_every_history_is_as_well_covered_as_one_of_hardly_any(rate) -> None:
    # One trial in each arm, in the other arm never: the coverage is a sum over the binomial. By t
    # alone it is .868 at .95.
    covered, histories = 0.0, 96
    for count in range(histories + 1):
        chance = binom.pmf(count, histories, rate)
        if chance > 1e-7:
            arm, never = [(1, 1)] * count + [(0, 1)] * (histories - count), [(0, 1)] * histories
            found = procedure([Group(1, gaps(arm, never), 2)], [(1, arm), (-1, never)])
            low, high, _ = found.limits(0.95)
            covered += chance * (low <= rate <= high)
    assert covered >= 0.95


def test_what_nearly_all_histories_show_alike_is_no_spread() -> None:
    assert showing((1.0,) * 18 + (0.0, 0.5)) == 2
    assert showing((0.0,) * 18 + (1.0, -1.0)) == 2
    assert showing((0.5,) * 18 + (0.0, 1.0)) == 19  # no history is at its edge in both arms
    assert showing((1.0,) * 9 + (0.5,) * 11) == 20
    assert showing(()) == 0
    arm, never = [(4, 4)] * 18 + [(3, 4)] * 2, [(0, 4)] * 20
    found = procedure([Group(1, gaps(arm, never), 2)], [(1, arm), (-1, never)])
    assert found.method.startswith("MOVER")
    assert found.notes == ("all histories but fewer than 6 differ alike",)
    assert found.p() < 0.001


def test_losses_are_compared_likewise() -> None:
    cells = (ONE_MORE, LOSES, HARDLY, NEVER)
    first, second = gaps(*cells[:2]), gaps(*cells[2:])
    found, whole = did_mixed(first, second, cells), welch(first, second)

    assert (found.low, found.high) == pytest.approx((whole.low, whole.high))
    assert found.p == max(whole.p, did_events(cells).p)
    assert found.units == 40
    assert did_mixed([0.0] * 20, [0.0] * 20, (NEVER,) * 4).low is not None


def forked(*arms: Sequence[tuple[int, int]]) -> Doses:
    means = {
        float(dose): {("history", f"h{place:02}"): c / m for place, (c, m) in enumerate(arm)}
        for dose, arm in enumerate(arms)
    }
    counts = {float(dose): arm for dose, arm in enumerate(arms)}
    return Doses(dict.fromkeys(means, ()), means, "within", 0, (), counts)


def test_slopes_that_rise_and_fall_are_no_narrower_than_they_spread() -> None:
    of = forked(HARDLY, GAINS, LOSES)
    chosen = slope(of, 0.05, 2)
    found = outer_slope(of, chosen)

    assert chosen.method.startswith("paired t on slopes")
    for level in (0.9, 0.95):
        low, high, _ = found.limits(level)
        assert low <= min(chosen.limits(level).low, rare_slope(of).limits(level).low)
        assert high >= max(chosen.limits(level).high, rare_slope(of).limits(level).high)
    assert found.p() >= max(chosen.p(), rare_slope(of).p())
    few = forked(HARDLY, NEVER, NEVER)
    assert slope(few, 0.05, 2).p() >= 0.5  # two slopes, of which each flip is as likely
    assert outer_slope(few, slope(few, 0.05, 2)).method.count("MOVER") == 1


@lru_cache
def logit_of(rate: float, sd: float) -> float:
    """The centre of logits that vary with half that deviation and have this rate."""
    pull = norm.ppf((np.arange(2000) + 0.5) / 2000, scale=sd / 2)
    return float(brentq(lambda centre: expit(centre + pull).mean() - rate, -40, 5))


def opposite(rng: np.random.Generator, rate: float, sd: float, size: tuple[int, int]) -> list[Arm]:
    """Two arms of one rate; what a history gains in the one it loses in the other."""
    (histories, trials), centre = size, logit_of(rate, sd)
    own = rng.normal(0, sd / 2, histories)
    return [
        [(int(c), trials) for c in rng.binomial(trials, expit(centre + sign * own))]
        for sign in (1, -1)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "rates", "sd"),
    [
        ((20, 4), (0.01, 0.4), 8.0),
        ((20, 10), (0.01, 0.4), 4.0),
        ((50, 1), (0.01, 0.4), 8.0),
        ((100, 1), (0.01, 0.4), 8.0),
        ((50, 4), (0.02, 0.02), 4.0),
        ((20, 10), (0.05, 0.08), 4.0),
    ],
)
def test_opposite_effects_in_each_history_are_no_interaction(
    size: tuple[int, int], rates: tuple[float, float], sd: float
) -> None:
    rng, studies = np.random.default_rng(20260419), 600
    found = alone = 0
    for _ in range(studies):
        arms = [arm for rate in rates for arm in opposite(rng, rate, sd, size)]
        low, high, _ = of_four(*arms).limits(0.95)
        found += low > 0 or high < 0
        few = any(few_events(arm) for arm in arms)
        low, high, _ = rare(list(zip((1, -1, -1, 1), arms, strict=True))).limits(0.95)
        alone += few and (low > 0 or high < 0)

    error = (0.061 * 0.939 / studies) ** 0.5
    print(f"{size} {rates} {sd}: {found / studies:.3f}, by cells alone {alone / studies:.3f}")
    assert found / studies <= 0.061 + 2 * error
