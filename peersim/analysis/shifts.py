"""What a mean difference hides: trials that one side lost, and scores that moved at one end."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from peersim.analysis.arms import Arm, Unit, unit_of
from peersim.analysis.declared import Part
from peersim.analysis.grouped import Grouped
from peersim.analysis.losses import VALUELESS, losses
from peersim.analysis.sides import Layout
from peersim.readings.rows import TrialRow
from peersim.stats.attrition import lee_bounds
from peersim.stats.permute import ROUNDING
from peersim.stats.scores import quantile_shift
from peersim.study.contrast import Contrast
from peersim.study.protocol import Scope

Value = TypeVar("Value")


def shifts(contrast: Contrast, found: Layout, grouped: Grouped, *, score: bool) -> tuple[Part, ...]:
    """Return Lee's bounds where the two sides lose different shares, and shifts of scores.

    Trials without a value of the outcome are lost to it by what the overseer did, so that of
    those any difference between the sides is bounded, and not only one that is significant.

    Args:
        contrast: The contrast; of a difference of differences nothing is returned.
        found: Its sides.
        grouped: All trials.
        score: Whether the outcome is a score.
    """
    if contrast.shape != "difference":
        return ()
    wanted = {VALUELESS}
    if any(grouped.rows(arm).lost for arm in found.arms):
        wanted.add("invalid")
    alarms = losses(contrast, scopes_of(found), grouped, wanted)
    lossy = any(one.check == "invalid" and one.raised for one in alarms)
    selected = any(one.check == VALUELESS and abs(one.estimate) > ROUNDING for one in alarms)
    parts = lee(contrast, found, grouped) if lossy or selected else []
    return (*parts, *(_shifts(contrast, found, grouped) if score else ()))


def scopes_of(found: Layout) -> dict[str, Scope]:
    """Return scopes by which losses are compared at the level of a contrast of two sides."""
    two = found.level == "between" and len(found.sides) == 2
    return dict.fromkeys(found.differing, "history") if two else {}


def selection(contrast: Contrast, scopes: Mapping[str, Scope], grouped: Grouped) -> str:
    """Return what is to be said where sides differ in who has a value at all; else nothing.

    What an overseer does decides whether its trial has one: it is a choice after the fact, and
    those that are left on one side are not those that are left on the other.

    Args:
        contrast: The contrast.
        scopes: The scope of each factor in which its sides differ.
        grouped: All trials.
    """
    rung = [one for one in losses(contrast, scopes, grouped, {VALUELESS}) if one.raised]
    if not rung:
        return ""
    worst = min(rung, key=lambda one: one.p or 0.0)
    per = " per unit of dose" if contrast.shape == "trend" else ""
    return (
        f"the sides differ in which valid trials have a {contrast.outcome} at all "
        f"({worst.estimate:+.3f}{per} in the share without, p {worst.p:.2g}), so that this may be "
        "selection and no effect"
    )


def lee(contrast: Contrast, found: Layout, grouped: Grouped) -> list[Part]:
    """Return Lee's bounds, invalid trials and those without a value both being lost.

    Args:
        contrast: A difference.
        found: Its sides.
        grouped: All trials.
    """

    def value(row: TrialRow) -> float | None:
        return row.values.get(contrast.outcome) if row.valid else None

    def kept(_: TrialRow) -> bool:
        return True

    a, b = (_table(found.sides[name], grouped, kept, value) for name in ("a", "b"))
    forked = found.level == "within" and a.keys() == b.keys()
    one, other = ([of[unit] for unit in sorted(of)] for of in (a, b))
    if any(all(v is None for history in side for v in history) for side in (one, other)):
        return []
    bounds = lee_bounds(one, other, forked=forked, level=1 - contrast.alpha)
    return [
        Part(
            name="if a side can only lose trials",
            estimate=None,
            low=bounds.limit_low,
            high=bounds.limit_high,
            method=f"{bounds.method}: {bounds.low:+.3f} to {bounds.high:+.3f} among trials that "
            f"neither would have lost, {bounds.share:.0%} of the {bounds.trimmed} side cut off",
        )
    ]


def _shifts(contrast: Contrast, found: Layout, grouped: Grouped) -> list[Part]:
    def value(row: TrialRow) -> float:
        return row.values[contrast.outcome] or 0.0

    def kept(row: TrialRow) -> bool:
        return row.valid and row.values.get(contrast.outcome) is not None

    a, b = (_table(found.sides[name], grouped, kept, value) for name in ("a", "b"))
    forked = found.level == "within"
    first, second = (sorted(a.keys() & b.keys()),) * 2 if forked else (sorted(a), sorted(b))
    if min(len(first), len(second)) < 2:
        return []
    of = quantile_shift(
        [a[unit] for unit in first],
        [b[unit] for unit in second],
        forked=forked,
        level=1 - contrast.alpha,
    )
    said = ", ".join(
        f"{one.quantile:.0%} {one.difference:+.3f} ({one.interval.low:+.3f} to "
        f"{one.interval.high:+.3f})"
        for one in of
    )
    return [Part(name="at quantiles", estimate=None, method=f"{said}; {of[0].interval.method}")]


def _table(
    arms: Sequence[Arm],
    grouped: Grouped,
    kept: Callable[[TrialRow], bool],
    value: Callable[[TrialRow], Value],
) -> dict[Unit, list[Value]]:
    """What each unit of a side shows, in an order that the rows' own does not change."""
    found: dict[Unit, list[Value]] = {}
    for arm in arms:
        for row in sorted(grouped.rows(arm), key=lambda row: row.trial_id):
            if kept(row):
                found.setdefault(unit_of(row), []).append(value(row))
    return found
