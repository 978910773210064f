"""What trials share: the history they grew from, and the wording of the job they were given."""

from collections.abc import Sequence
from math import fsum, sqrt

from peersim.analysis.arms import Arm, Unit, arm_label
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.declared import Surfaces
from peersim.analysis.grouped import Grouped
from peersim.analysis.procedures import Group, Procedure, Range, error_of, estimate_of
from peersim.analysis.sides import SIGNS, Layout
from peersim.stats.icc import anova_icc
from peersim.stats.intervals import RARE
from peersim.stats.permute import ROUNDING

CROSSED = 16
"""Surfaces from which the effect is taken to vary over them as over histories.

With fewer, two-way inference is lax by t and, by flips of whole surfaces, costs a third of the
power: what single surfaces do to the effect is shown beside the paired test instead.
"""
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


def surfaces_of(arms: Sequence[Arm], outcome: str, grouped: Grouped) -> list[str]:
    """Return the surfaces on which every arm has a value, sorted."""
    seen = [{name for of in grouped.seen(arm, outcome).values() for name, _ in of} for arm in arms]
    return sorted(set.intersection(*seen)) if seen else []


def surfaces(found: Layout, used: Contributions, outcome: str, grouped: Grouped) -> Surfaces | None:
    """Return how the effect differs between surfaces; None with fewer than four.

    Args:
        found: The sides.
        used: What histories contribute.
        outcome: The measure.
        grouped: All trials.
    """
    names = surfaces_of(found.arms, outcome, grouped)
    if len(names) < SHOWN:
        return None
    each, left = _by_surface(names, found, used, outcome, grouped)
    own = [groups for groups in each if all(group.values for group in groups)]
    rest = [estimate_of(groups) for groups in left if all(group.values for group in groups)]
    if len(own) < SHOWN or not rest:
        return None
    effects = [estimate_of(groups) for groups in own]
    signs = [0 if abs(e) <= ROUNDING else (1 if e > 0 else -1) for e in effects]
    return Surfaces(
        count=len(effects),
        sd=_spread(effects, own),
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
        return (
            [used.of(lambda unit, name=name: name in on[unit]) for name in names],  # type: ignore[misc]
            [used.of(lambda unit, name=name: name not in on[unit]) for name in names],  # type: ignore[misc]
        )
    return (
        [contributions(found, outcome, grouped, name.__eq__).groups for name in names],
        [contributions(found, outcome, grouped, name.__ne__).groups for name in names],
    )


def _spread(effects: Sequence[float], own: Sequence[Sequence[Group]]) -> float | None:
    """The SD of effects between surfaces, less what chance within them explains."""
    if any(len(group.values) < 2 for groups in own for group in groups):
        return None
    centre = fsum(effects) / len(effects)
    total = fsum((e - centre) ** 2 for e in effects) / (len(effects) - 1)
    within = [error_of(groups)[0] ** 2 for groups in own]
    return sqrt(max(0.0, total - fsum(within) / len(within)))


def crossed(found: Layout, used: Contributions, outcome: str, grouped: Grouped) -> Procedure | None:
    """Return the linear model with fixed effects of history and surface and both as clusters.

    For forked arms on at least sixteen surfaces, as long as five histories show a difference; below
    that the paired test, which knows how to be silent, stands alone.

    Args:
        found: The sides.
        used: What histories contribute.
        outcome: The measure.
        grouped: All trials.
    """
    many = len(surfaces_of(found.arms, outcome, grouped))
    differing = sum(abs(value) > ROUNDING for value in used.by_unit.values())
    if found.level != "within" or many < CROSSED or differing < RARE or len(used.groups) > 1:
        return None
    from scipy import stats

    from peersim.stats.regress import marginal_effect

    # Arms of several strata are not compared with one another, only their sides are.
    apart = len(found.strata) == 1
    table = [
        (value, arm_label(arm) if apart else side, unit[1], surface)
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
    effect = marginal_effect(y, cells, weights, clusters, pairs)
    error, df, p = effect.error, effect.df, effect.p
    if error is None or df is None or p is None:
        return None

    def limits(level: float) -> Range:
        half = float(stats.t.ppf((1 + level) / 2, df)) * error
        return Range(effect.estimate - half, effect.estimate + half, df)

    return Procedure(effect.estimate, limits, lambda: p, effect.method, effect.notes)
