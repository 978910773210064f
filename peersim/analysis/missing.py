"""How far the trials that were lost could move a contrast of events."""

from peersim.analysis.arms import Arm, arm_key, unit_of
from peersim.analysis.contributions import made_of
from peersim.analysis.grouped import Grouped, Units
from peersim.analysis.procedures import procedure
from peersim.analysis.sides import SIGNS, Layout
from peersim.stats.bounds import Bounds, rate_bounds

STEPS = 50
"""Rates among the lost that are tried for the tipping point."""


def bounds(found: Layout, outcome: str, grouped: Grouped) -> Bounds | None:
    """Return the lowest and highest estimate over all ways the invalid trials could have ended.

    Over all trials as they were assigned, those of incomplete histories too.

    Args:
        found: The sides.
        outcome: The event.
        grouped: All trials.
    """
    low = high = 0.0
    for name, arms in found.sides.items():
        ends = [_arm_bounds(arm, outcome, grouped) for arm in arms]
        worst, best = (sum(end[i] for end in ends) / len(ends) for i in (0, 1))
        low += worst if SIGNS[name] > 0 else -best
        high += best if SIGNS[name] > 0 else -worst
    return low, high


def tipping(
    found: Layout, estimate: float, alpha: float, outcome: str, grouped: Grouped
) -> float | None:
    """Return the rate among the lost trials at which a finding would be none.

    On the sides that the estimate raises, the lost have the event at this rate, and on the others
    at 1 minus it; so 1 favours the finding most. The interval is that of t on what histories
    contribute, with the expected value of each lost trial in its place.

    Args:
        found: The sides.
        estimate: The estimate.
        alpha: The level of the test.
        outcome: The event.
        grouped: All trials.

    Returns:
        The highest such rate; None if there is none, if nothing was lost, or if without the lost
        there is no finding.
    """
    lost = any(not row.valid for arm in found.arms for row in grouped.rows(arm))
    if not lost or estimate == 0 or not _excludes(found, alpha, outcome, grouped, None, estimate):
        return None
    for step in range(STEPS, -1, -1):
        if not _excludes(found, alpha, outcome, grouped, step / STEPS, estimate):
            return step / STEPS
    return None


def _excludes(
    found: Layout, alpha: float, outcome: str, grouped: Grouped, rate: float | None, towards: float
) -> bool:
    """Whether the interval leaves 0 out, with the lost filled in unless the rate is None."""
    values: dict[object, Units] = {}
    for name, arms in found.sides.items():
        own = rate if rate is None or SIGNS[name] * towards > 0 else 1 - rate
        for arm in arms:
            values[arm_key(arm)] = _filled(arm, outcome, grouped, own)
    used = made_of(found, values)
    if min(len(group.values) for group in used.groups) < 2:
        return False
    limits = procedure(used.groups).limits(1 - alpha)
    if limits.low is None or limits.high is None:
        return False
    return limits.low > 0 if towards > 0 else limits.high < 0


def _filled(arm: Arm, outcome: str, grouped: Grouped, rate: float | None) -> Units:
    found = {unit: list(of) for unit, of in grouped.values(arm, outcome).items()}
    if rate is not None:
        for row in grouped.rows(arm):
            if not row.valid:
                found.setdefault(unit_of(row), []).append(rate)
    return found


def _arm_bounds(arm: Arm, outcome: str, grouped: Grouped) -> Bounds:
    values = [v for of in grouped.values(arm, outcome).values() for v in of]
    lost = sum(not row.valid for row in grouped.rows(arm))
    return rate_bounds((round(sum(values)), len(values), lost)) or (0.0, 1.0)
