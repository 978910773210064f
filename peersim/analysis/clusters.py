"""What trials share: the history they grew from, and the wording of the job they were given."""

from collections.abc import Mapping, Sequence
from itertools import compress
from math import fsum, sqrt
from typing import NamedTuple

from peersim.analysis.arms import Arm, Unit, arm_key, arm_label
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.declared import Part, Surfaces
from peersim.analysis.grouped import Grouped
from peersim.analysis.parts import part_of, pooled_factors
from peersim.analysis.procedures import (
    DISCORDANT,
    Group,
    Procedure,
    Range,
    agreeing,
    error_of,
    estimate_of,
    showing,
)
from peersim.analysis.sides import SIGNS, Layout, Stratum
from peersim.stats.icc import anova_icc
from peersim.stats.permute import ROUNDING
from peersim.study.contrast import Contrast

CROSSED = 16
"""Surfaces from which the effect is taken to vary over them as over histories.

With fewer, two-way inference is lax by t and, by flips of whole surfaces, costs a third of the
power: the paired test is of these wordings alone then, and the two-way model is shown beside it.
"""
BESIDE = 8
"""Surfaces from which the two-way model is shown beside the paired test."""
SHOWN = 4
"""Surfaces from which their effects are compared."""


def correlation(
    arms: Sequence[Arm], outcome: str, grouped: Grouped
) -> tuple[float | None, float | None]:
    """Return the ICC within history and arm, and the trials' number in independent ones.

    The difference between arms is taken out first, or it would pass for history.

    Args:
        arms: The arms of a contrast.
        outcome: The measure.
        grouped: All trials.
    """
    found = []
    for arm in arms:
        values = list(grouped.values(arm, outcome).values())
        centre = fsum(v for of in values for v in of) / sum(len(of) for of in values)
        found += [[v - centre for v in of] for of in values]
    icc = anova_icc(found)
    return (icc.icc, icc.effective) if icc.icc is not None else (None, None)


class Nest(NamedTuple):
    """The arms of one scenario with the surfaces on which all of them have a value.

    Attributes:
        scenario: Which; empty where a contrast has one only.
        cut: The sides, of this scenario alone.
        names: The surfaces, sorted.
    """

    scenario: str
    cut: Layout
    names: list[str]


def nests(found: Layout, outcome: str, grouped: Grouped) -> list[Nest]:
    """Return the surfaces of a contrast, of each scenario that it pools: they are that one's own.

    Args:
        found: The sides.
        outcome: The measure.
        grouped: All trials.
    """
    factors = [name for name in pooled_factors(found) if name.split(".")[0] == "scenario"]
    keys = {arm_key(arm): " ".join(arm.get(name, "") for name in factors) for arm in found.arms}
    if len({*keys.values()}) == 1:
        return [Nest("", found, surfaces_of(found.arms, outcome, grouped))]
    made = []
    for key in dict.fromkeys(keys.values()):
        sides = {
            side: tuple(arm for arm in arms if keys[arm_key(arm)] == key)
            for side, arms in found.sides.items()
        }
        cut = found._replace(sides=sides, strata=_only(found.strata, sides))
        made.append(Nest(key, cut, surfaces_of(cut.arms, outcome, grouped)))
    return made


def _only(strata: Sequence[Stratum], sides: Mapping[str, Sequence[Arm]]) -> tuple[Stratum, ...]:
    """The strata with the arms of some sides alone; without those that have none of them."""
    kept = []
    for one in strata:
        own = {
            side: tuple(arm for arm in of if arm in sides[side]) for side, of in one.arms.items()
        }
        kept.append(Stratum(own, one.units))
    return tuple(one for one in kept if any(one.arms.values()))


def surfaces_of(arms: Sequence[Arm], outcome: str, grouped: Grouped) -> list[str]:
    """Return the surfaces on which every arm has a value, sorted."""
    seen = [{name for of in grouped.seen(arm, outcome).values() for name, _ in of} for arm in arms]
    return sorted(set.intersection(*seen)) if seen else []


def wordings(found: Layout, outcome: str, grouped: Grouped) -> int:
    """Return how many surfaces a contrast rests on, those of each scenario by themselves.

    Args:
        found: The sides.
        outcome: The measure.
        grouped: All trials.
    """
    return sum(len(nest.names) for nest in nests(found, outcome, grouped))


def surfaces(found: Layout, used: Contributions, outcome: str, grouped: Grouped) -> Surfaces | None:
    """Return how the effect differs between surfaces; None with fewer than four.

    Of several scenarios their surfaces are compared within each.

    Args:
        found: The sides.
        used: What histories contribute.
        outcome: The measure.
        grouped: All trials.
    """
    each = nests(found, outcome, grouped)
    if sum(len(nest.names) for nest in each) < SHOWN:
        return None
    own: list[list[Sequence[Group]]] = []
    rest: list[float] = []
    for nest in each:
        given = used if nest.cut is found else contributions(nest.cut, outcome, grouped)
        alone, left = _by_surface(nest.names, nest.cut, given, outcome, grouped)
        own.append([groups for groups in alone if all(group.values for group in groups)])
        whole = [estimate_of(groups) for groups in left if all(group.values for group in groups)]
        # What is left of one scenario moves the whole by its share of it.
        rest += [used.estimate + (one - given.estimate) / len(each) for one in whole]
    effects = [[estimate_of(groups) for groups in of] for of in own]
    flat = [effect for of in effects for effect in of]
    if len(flat) < SHOWN or not rest:
        return None
    signs = [0 if abs(e) <= ROUNDING else (1 if e > 0 else -1) for e in flat]
    return Surfaces(
        count=len(flat),
        sd=_spread(effects, [groups for of in own for groups in of]),
        modal_share=max(signs.count(sign) for sign in (-1, 0, 1)) / len(signs),
        left_out=(min(rest), max(rest)),
    )


def _by_surface(
    names: Sequence[str], found: Layout, used: Contributions, outcome: str, grouped: Grouped
) -> tuple[list[Sequence[Group]], list[Sequence[Group]]]:
    """What histories contribute on each surface alone, and on all but each."""
    on: dict[Unit, set[str]] = {}
    for arm in found.arms:
        for unit, of in grouped.seen(arm, outcome).items():
            on.setdefault(unit, set()).update(name for name, _ in of)
    if all(len(own) == 1 for own in on.values()):
        # Each history has one surface, so that nothing need be counted again.
        where = [[next(iter(on[unit])) for unit in units] for units in used.units]
        return (
            [_kept(used, [[at == name for at in of] for of in where]) for name in names],
            [_kept(used, [[at != name for at in of] for of in where]) for name in names],
        )
    return (
        [contributions(found, outcome, grouped, name.__eq__).groups for name in names],
        [contributions(found, outcome, grouped, name.__ne__).groups for name in names],
    )


def _kept(used: Contributions, masks: Sequence[Sequence[bool]]) -> tuple[Group, ...]:
    """Return the groups with some of their units only."""
    return tuple(
        group._replace(values=tuple(compress(group.values, mask)))
        for group, mask in zip(used.groups, masks, strict=True)
    )


def _spread(effects: Sequence[Sequence[float]], own: Sequence[Sequence[Group]]) -> float | None:
    """The SD of effects between surfaces of a scenario, less what chance within them explains."""
    free = sum(len(of) - 1 for of in effects if of)
    if free < 1 or any(len(group.values) < 2 for groups in own for group in groups):
        return None
    total = fsum((e - fsum(of) / len(of)) ** 2 for of in effects for e in of) / free
    within = [error_of(groups)[0] ** 2 for groups in own]
    return sqrt(max(0.0, total - fsum(within) / len(within)))


def crossed(
    found: Layout, used: Contributions, outcome: str, grouped: Grouped, least: int = CROSSED
) -> Procedure | None:
    """Return the linear model with fixed effects of history and surface and both as clusters.

    For forked arms on at least sixteen surfaces, as long as six histories show a difference; below
    that the paired test, which knows how to be silent, stands alone.

    Args:
        found: The sides.
        used: What histories contribute.
        outcome: The measure.
        grouped: All trials.
        least: Surfaces from which it is had.
    """
    few = showing([*used.by_unit.values()]) < DISCORDANT
    if found.level != "within" or few or len(used.groups) > 1:
        return None
    each = nests(found, outcome, grouped)
    if sum(len(nest.names) for nest in each) < least:
        return None
    from scipy import stats

    from peersim.stats.regress import marginal_effect

    # Arms of several strata or scenarios are not compared with one another, only their sides are.
    apart = len(found.strata) == len(each) == 1
    scenarios = {arm_key(arm): nest.scenario for nest in each for arm in nest.cut.arms}
    table = [
        (value, arm_label(arm) if apart else side, unit[1], f"{scenarios[arm_key(arm)]} {surface}")
        for side, arms in found.sides.items()
        for arm in arms
        for unit, of in grouped.seen(arm, outcome).items()
        if unit in used.by_unit
        for surface, value in of
    ]
    y, cells, histories, names = (list(column) for column in zip(*table, strict=True))
    weights: dict[str, float] = {side: SIGNS[side] for side in found.sides}
    if apart:
        weights = {
            arm_label(arm): SIGNS[side] / len(arms)
            for side, arms in found.sides.items()
            for arm in arms
        }
    pairs = list(zip(histories, names, strict=True))
    clusters = {"history": histories, "surface": names}
    try:
        effect = marginal_effect(y, cells, weights, clusters, pairs)
    except ValueError:  # No history was in all arms on one and the same surface.
        return None
    error, df, p = effect.error, effect.df, effect.p
    if error is None or df is None or p is None:
        return None

    def limits(level: float) -> Range:
        half = float(stats.t.ppf((1 + level) / 2, df)) * error
        return Range(effect.estimate - half, effect.estimate + half, df)

    return agreeing(effect.estimate, limits, lambda: p, effect.method, effect.notes)


def beside(
    contrast: Contrast,
    found: Layout,
    used: Contributions,
    tests: tuple[Procedure, Procedure],
    grouped: Grouped,
) -> tuple[Part, ...]:
    """Return the test of these wordings alone beside that of others too, or the other way about.

    Args:
        contrast: The contrast.
        found: Its sides.
        used: What histories contribute.
        tests: The one by history alone, and the one that was chosen.
        grouped: All trials.
    """
    plain, chosen = tests
    if chosen is not plain:
        return (part_of("clustered by history alone", plain, contrast.alpha),)
    both = crossed(found, used, contrast.outcome, grouped, BESIDE)
    return () if both is None else (part_of("clustered by surface too", both, contrast.alpha),)
