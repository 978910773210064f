"""How an estimate is tested and bounded: the one place where the method is picked."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy import stats

from peersim.analysis.agreeing import Own, Procedure, Range, agreeing, settled
from peersim.analysis.rarely import APART, Cells, rare, wide
from peersim.stats.did import contrast_p
from peersim.stats.intervals import (
    RARE,
    Shares,
    few_events,
    mean_t,
    newcombe,
    pooled,
    varies,
)
from peersim.stats.permute import ROUNDING, permutation_p, sign_flip_p, t_p
from peersim.stats.tests import NO_DISCORDANT, NO_SPREAD, boschloo, newcombe_p

__all__ = [
    "Cells",
    "Group",
    "Procedure",
    "Range",
    "agreeing",
    "error_of",
    "estimate_of",
    "procedure",
    "rare",
    "showing",
]

DISCORDANT = 6
"""Discordant histories below which no flip of signs has p <= .05, whatever they say."""
FEW_DISCORDANT = f"fewer than {DISCORDANT} discordant histories"
FEW_APART = f"all histories but fewer than {DISCORDANT} differ alike"


class Group(NamedTuple):
    """Independent units that share a weight.

    Attributes:
        weight: Of the group's mean in the estimate.
        values: One of each unit.
        sides: How many sides of the contrast each unit serves.
    """

    weight: float
    values: tuple[float, ...]
    sides: int


def procedure(groups: Sequence[Group], counts: Cells = ()) -> Procedure:
    """Pick the method that fits the units and the events.

    Its limits leave 0 out at a level just where its p is at most 1 minus that level.

    Units that serve all sides: Student's t on their differences, p by flipping signs. Two sets of
    units: Welch, p by permutation; single trials Newcombe and Boschloo, rare events MOVER on
    Korn-Graubard limits. More sets, as of strata, and differences of differences: the linear
    combination of their means with Welch and Satterthwaite's degrees of freedom; with cell means
    weighing equally that is the saturated linear model, clustered by history. Where few histories
    differ in events between arms forked from them: ``wide``.

    Args:
        groups: The sets of independent units; each has at least two.
        counts: For events, the cells that the groups are made of.
    """
    if len(groups) == 1:
        return _within(groups[0], counts)
    two = len(groups) == 2 and groups[0].weight == -groups[1].weight
    alone = all(group.sides == 1 for group in groups)
    if len(counts) == 2 and alone and (found := _of_counts(two, counts)):
        return found
    found = _welch(groups) if two else _combined(groups)
    spread = any(varies(group.values) for group in groups)
    if not counts or (spread and not _few(groups, counts, alone)):
        return found
    return rare(counts) if alone or not spread else wide(counts, found)


def range_of(groups: Sequence[Group], level: float) -> Range:
    """Return Welch's limits for a linear combination of means of independent units.

    Args:
        groups: The sets of units; each has at least two.
        level: Confidence level.
    """
    error, df = error_of(groups)
    if error == 0:
        return Range(None, None, None)
    centre, half = estimate_of(groups), float(stats.t.ppf((1 + level) / 2, df)) * error
    return Range(centre - half, centre + half, df)


def _within(group: Group, counts: Cells) -> Procedure:
    values = group.values
    mean, differing = float(np.mean(values)), sum(abs(value) > ROUNDING for value in values)
    found = _paired(values) if varies(values) else None
    if found and not (counts and showing(values) < DISCORDANT):
        return found
    note = FEW_DISCORDANT if differing < DISCORDANT else FEW_APART
    if not found:
        note = NO_SPREAD if differing else NO_DISCORDANT
    if not counts:
        empty = Range(None, None, None)
        return Procedure(mean, lambda _: empty, lambda: sign_flip_p(values), "sign-flip p", (note,))
    # An interval of no width would call a rate of 0 of n a certainty, and t on a handful of
    # discordant histories covers less than it says.
    outer = rare(counts)
    method = f"{APART}; the larger of sign-flip p and the interval's"

    def larger() -> float:
        return max(sign_flip_p(values), outer.p())

    apart = agreeing(mean, outer.limits, larger, method, (note,))
    return wide(counts, found, apart) if found else apart


def _paired(values: Sequence[float]) -> Procedure:
    """Student's t on differences that vary."""
    mean = float(np.mean(values))

    def limits(level: float) -> Range:
        found = mean_t(values, level)
        return Range(found.low, found.high, found.df) if found else Range(None, None, None)

    own = t_p(mean, float(np.std(values, ddof=1)) / sqrt(len(values)), len(values) - 1)
    p = settled(len(values), lambda: sign_flip_p(values), own, "sign-flip")
    return agreeing(mean, limits, p.p, f"paired t on history differences, {p.name}")


def _few(groups: Sequence[Group], counts: Cells, alone: bool) -> bool:
    """Whether events, or differences within histories, are too few to show how they spread."""
    if alone:
        return any(few_events(of) for _, of in counts)
    return min(showing(group.values) for group in groups) < RARE


def showing(values: Sequence[float]) -> int:
    """How many units show the spread of differences in an event, where most may be alike.

    Most have none if the event is rare. If one arm has it in every trial of most histories and the
    other in none, those differ by the same whole number, and it is the rest that may be few.

    Args:
        values: The difference of each unit.
    """
    alike = Counter(round(value, 9) for value in values)
    most = (many for value, many in alike.items() if value.is_integer() and 2 * many > len(values))
    return len(values) - max(alike[0.0], *most, 0)


def _of_counts(two: bool, counts: Cells) -> Procedure | None:
    """The method for two unforked sides that looks at events alone, if there is call for one."""
    (_, a), (_, b) = sorted(counts, key=lambda of: -of[0])  # the one that is subtracted last
    if two and all(trials == 1 for side in (a, b) for _, trials in side):
        return _single_trials(a, b)
    return rare(counts) if few_events(a) or few_events(b) else None


def _single_trials(a: Sequence[Shares], b: Sequence[Shares]) -> Procedure:
    first, second = (round(sum(c for c, _ in a)), len(a)), (round(sum(c for c, _ in b)), len(b))
    p, test = boschloo(first, second)

    def limits(level: float) -> Range:
        found = newcombe(first, second, level)
        return Range(found.low, found.high, None)

    larger = lambda: max(p, newcombe_p(first, second))  # noqa: E731
    method = f"Newcombe interval, {test} p (that of the interval, if larger)"
    return agreeing(pooled(a) - pooled(b), limits, larger, method)


def _welch(groups: Sequence[Group]) -> Procedure:
    first, second = groups
    name = "history means" if first.sides == 1 else "history differences"
    drawn = lambda: permutation_p(*_oriented([first.values, second.values]))  # noqa: E731
    if not any(varies(group.values) for group in groups):
        empty = Range(None, None, None)
        return Procedure(estimate_of(groups), lambda _: empty, drawn, "permutation p", (NO_SPREAD,))
    own = t_p(estimate_of(groups), *error_of(groups))
    p = settled(len(first.values) + len(second.values), drawn, own, "permutation")
    return agreeing(
        estimate_of(groups),
        lambda level: range_of(groups, level),
        p.p,
        f"Welch t on {name}, {p.name}",
    )


def _combined(groups: Sequence[Group]) -> Procedure:
    own, units = t_p(estimate_of(groups), *error_of(groups)), sum(len(g.values) for g in groups)
    drawn = _combined_p(groups)
    p = Own(lambda: own, "t p") if drawn is None else settled(units, drawn.p, own, drawn.name)
    return agreeing(
        estimate_of(groups),
        lambda level: range_of(groups, level),
        p.p if drawn or own > 0 else lambda: 1.0,
        f"Welch-Satterthwaite t on the means of {len(groups)} sets of histories, {p.name}",
        () if error_of(groups)[0] else (NO_SPREAD,),
    )


def _combined_p(groups: Sequence[Group]) -> Own | None:
    """Return p by sign flips or permutation, if either leaves the sets exchangeable."""
    weights, values = [group.weight for group in groups], [group.values for group in groups]
    alike = len({group.sides for group in groups}) == 1
    if all(weight > 0 for weight in weights) and alike:
        many = sum(len(of) for of in values)
        scaled = [w * many / len(of) * v for w, of in zip(weights, values, strict=True) for v in of]
        return Own(lambda: sign_flip_p(scaled), "sign-flip")
    if alike and abs(sum(weights)) < 1e-9:
        arrays = [np.asarray(sorted(of)) for of in _oriented(values)]
        return Own(lambda: contrast_p(arrays, weights), "permutation")
    return None


def _oriented(groups: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    """The groups or their mirror image, whichever is chosen for both: both give the same draws."""
    both = sorted(value for of in groups for value in of)
    mirrored = sorted(-value for value in both)
    return [[-value for value in of] for of in groups] if mirrored > both else list(groups)


def estimate_of(groups: Sequence[Group]) -> float:
    """Return the weighted sum of the groups' means.

    Args:
        groups: The sets of units.
    """
    return sum(group.weight * float(np.mean(sorted(group.values))) for group in groups)


def error_of(groups: Sequence[Group]) -> tuple[float, float]:
    """Return the standard error of a linear combination, and Satterthwaite's degrees of freedom.

    Args:
        groups: The sets of units; each has at least two.
    """
    parts = [
        (g.weight**2 * float(np.var(sorted(g.values), ddof=1)) / len(g.values), len(g.values) - 1)
        for g in groups
        if varies(g.values)
    ]
    total = sum(part for part, _ in parts)
    if total == 0:
        return 0.0, 1.0
    return sqrt(total), total**2 / sum(part**2 / df for part, df in parts)
