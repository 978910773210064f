"""A contrast that pools models, scenarios or deliveries, once more for each of them."""

from collections.abc import Sequence

from peersim.analysis.arms import Arm, Unit
from peersim.analysis.contributions import contributions
from peersim.analysis.declared import Part
from peersim.analysis.grouped import Grouped
from peersim.analysis.procedures import Procedure, procedure
from peersim.analysis.sides import Layout, strata_of
from peersim.errors import AnalysisRefusal
from peersim.readings.outcomes import SCORES
from peersim.study.contrast import Contrast

APART = ("model", "roles", "scenario", "delivery", "circumstances.delivery")
"""Factors whose levels are never merely averaged; names that start like these."""


def part_of(name: str, chosen: Procedure, alpha: float) -> Part:
    """Return what a procedure says, as one line.

    Args:
        name: What to call it.
        chosen: The procedure.
        alpha: One minus the level of the limits.
    """
    limits = chosen.limits(1 - alpha)
    return Part(
        name=name,
        estimate=chosen.estimate,
        low=limits.low,
        high=limits.high,
        p=chosen.p(),
        method=chosen.method,
        df=limits.df,
    )


def parts(contrast: Contrast, found: Layout, grouped: Grouped) -> tuple[Part, ...]:
    """Return the contrast within each level of what it pools, and their summary.

    Levels that were forked from the same histories have no summary: their estimates hang
    together, and the pooled contrast itself is their mean with the error that it has.

    Args:
        contrast: The contrast.
        found: Its sides.
        grouped: All trials.
    """
    own = []
    for factor in pooled_factors(found):
        levels = list(dict.fromkeys(arm.get(factor, "") for arm in found.arms))
        each = [
            _part(f"{factor}={level}", contrast, _cut(found, factor, level), grouped)
            for level in levels
        ]
        own += each
        own += _summary(factor, each, contrast.alpha) if _disjoint(found, factor, grouped) else []
    return tuple(own)


def pooled_factors(found: Layout) -> tuple[str, ...]:
    """Return the factors of models, scenarios and deliveries that every side averages over."""
    names = dict.fromkeys(name for arm in found.arms for name in arm if name.startswith(APART))
    return tuple(
        name
        for name in names
        if name not in found.differing and len({arm.get(name) for arm in found.arms}) > 1
    )


def _cut(found: Layout, factor: str, level: str) -> dict[str, tuple[Arm, ...]]:
    return {
        side: tuple(arm for arm in arms if arm.get(factor, "") == level)
        for side, arms in found.sides.items()
    }


def _part(
    name: str, contrast: Contrast, sides: dict[str, tuple[Arm, ...]], grouped: Grouped
) -> Part:
    try:
        strata = strata_of(sides, grouped)
    except AnalysisRefusal as error:
        return Part(name=name, estimate=None, method=str(error))
    used = contributions(Layout(sides, strata, "between", (), ()), contrast.outcome, grouped)
    if min(len(group.values) for group in used.groups) < 2:
        return Part(name=name, estimate=None, method="fewer than two histories")
    event = contrast.scale == "rd" and contrast.outcome not in SCORES
    counts = used.cells if event else ()
    return part_of(name, procedure(used.groups, counts), contrast.alpha)


def _disjoint(found: Layout, factor: str, grouped: Grouped) -> bool:
    """Whether no two levels share a history: a summary takes their estimates as independent."""
    owner: dict[Unit, str] = {}
    return all(
        owner.setdefault(unit, arm.get(factor, "")) == arm.get(factor, "")
        for arm in found.arms
        for unit in grouped.units(arm)
    )


def _summary(factor: str, each: Sequence[Part], alpha: float) -> list[Part]:
    """Levels summarised as differing at random, beside and never instead of them."""
    from scipy import stats

    from peersim.stats.several import summarise

    estimates, errors = [], []
    for part in each:
        if part.estimate is None or part.low is None or part.high is None:
            return []
        quantile = stats.norm.isf(alpha / 2) if part.df is None else stats.t.isf(alpha / 2, part.df)
        estimates.append(part.estimate)
        errors.append((part.high - part.low) / 2 / float(quantile))
    if len(estimates) < 2 or min(errors) <= 0:
        return []
    found = summarise(estimates, errors, 1 - alpha)
    said = f"{found.method}; SD between levels {found.tau:.3f}, I2 {found.i2:.0%}"
    if found.predicted is not None:
        said += f"; a further level {found.predicted[0]:+.3f} to {found.predicted[1]:+.3f}"
    return [
        Part(
            name=f"{factor}: summary",
            estimate=found.estimate,
            low=found.low,
            high=found.high,
            p=found.p,
            method=said,
            df=found.df,
        )
    ]
