"""How far the trials that were lost could move a contrast of events."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from math import floor

from peersim.analysis.arms import Arm, Unit, arm_key, unit_of
from peersim.analysis.contributions import Contributions
from peersim.analysis.grouped import Grouped, Seen
from peersim.analysis.sides import SIGNS, Layout
from peersim.analysis.trends import Doses
from peersim.stats.bounds import Bounds, history_bounds
from peersim.stats.permute import ROUNDING
from peersim.study.contrast import Contrast

Holds = Callable[[Grouped], bool]
"""Whether a claim stands in given trials."""

STEPS = 50
"""Rates among the lost that are tried for the tipping point."""


def bounds(found: Layout, outcome: str, grouped: Grouped) -> Bounds | None:
    """Return the lowest and highest estimate over all ways the invalid trials could have ended.

    Over all histories as they were assigned, incomplete ones too; they weigh alike.

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


def slope_bounds(found: Doses, outcome: str, grouped: Grouped) -> Bounds | None:
    """Return the lowest and highest slope over all ways the invalid trials could have ended.

    Args:
        found: The doses.
        outcome: The measure.
        grouped: All trials.

    Returns:
        None for a score, which has no worst value.
    """
    if not found.counts:
        return None
    low = high = 0.0
    for dose, arms in found.sides.items():
        weight = found.weights[dose]
        ends = [_arm_bounds(arm, outcome, grouped) for arm in arms]
        worst, best = (weight * sum(end[i] for end in ends) / len(ends) for i in (0, 1))
        low, high = low + min(worst, best), high + max(worst, best)
    return low, high


def tips(
    found: Layout, used: Contributions, contrast: Contrast, grouped: Grouped, holds: Holds
) -> dict[str, object]:
    """Return how the lost trials would have to be for a finding to be none.

    Filled in as whole events, spread evenly over the run, and then judged by the finding's own
    test, so that each step is what the study would have said.

    Args:
        found: The sides.
        used: What they rest on.
        contrast: The contrast.
        grouped: All trials.
        holds: Whether the claim stands in given trials, by its own test at its alpha.

    Returns:
        ``tipping`` and ``alone``, as a finding has them; neither if nothing was lost, or if
        without the lost there is no finding.
    """
    lost = {arm_key(arm): _lost(arm, grouped) for arm in found.arms}
    if not any(lost.values()) or not holds(grouped):
        return {}

    def stands(rates: Mapping[str, float]) -> bool:
        return holds(_filled(found, contrast.outcome, grouped, lost, rates))

    rising = used.estimate >= 0
    raised = {name for name, sign in SIGNS.items() if (sign > 0) == rising}
    together = _together(contrast, raised, stands)
    own = {name: side.mean for name, side in used.sides.items()}
    gone = [name for name, arms in found.sides.items() if any(lost[arm_key(arm)] for arm in arms)]
    return {
        "tipping": together,
        "alone": {n: _alone(contrast, n, n in raised, own, stands) for n in gone},
    }


def _together(
    contrast: Contrast, raised: Collection[str], stands: Callable[[Mapping[str, float]], bool]
) -> float | None:
    """The rate among the lost trials at which a finding would be none.

    On the sides that the estimate raises, the lost have the event at this rate, and on the others
    at 1 minus it: the highest one that undoes a difference; of a claim of equivalence the one
    nearest to a half, on either side.
    """

    def at(step: int) -> bool:
        return stands({n: (step if n in raised else STEPS - step) / STEPS for n in SIGNS})

    if contrast.alternative != "equivalent":
        return _last(at, 0, STEPS)
    return _nearest(at, 0.5)


def _nearest(at: Callable[[int], bool], rate: float) -> float | None:
    """The rate nearest to a given one, on either side, at which a claim of equivalence fails."""
    middle = round(rate * STEPS)
    if not at(middle):
        return middle / STEPS
    ends = [end for end in (_last(at, STEPS, middle), _last(at, 0, middle)) if end is not None]
    return min(ends, key=lambda end: abs(end - rate), default=None)


def _alone(
    contrast: Contrast,
    name: str,
    raised: bool,
    own: Mapping[str, float],
    stands: Callable[[Mapping[str, float]], bool],
) -> float | None:
    """The same of one side, the lost trials of the others being as their observed ones.

    Of a claim of equivalence the rate nearest to the side's own.
    """

    def at(step: int) -> bool:
        return stands({**own, name: step / STEPS})

    if contrast.alternative == "equivalent":
        return _nearest(at, own[name])
    return _last(at, 0, STEPS) if raised else _last(at, STEPS, 0)


def _last(stands: Callable[[int], bool], failing: int, standing: int) -> float | None:
    """The rate nearest to the standing end at which the claim fails, by halving the steps."""
    if not stands(standing):
        return standing / STEPS
    if stands(failing):
        return None
    while abs(standing - failing) > 1:
        middle = (standing + failing) // 2
        standing, failing = (middle, failing) if stands(middle) else (standing, middle)
    return failing / STEPS


ArmKey = tuple[tuple[str, str], ...]
Lost = list[tuple[Unit, str]]
"""Of each trial that was lost, its unit and its surface, in the order of the run."""


def _lost(arm: Arm, grouped: Grouped) -> Lost:
    gone = sorted(grouped.rows(arm).lost, key=lambda row: (row.block, row.trial_id))
    return [(unit_of(row), row.surface) for row in gone]


def _filled(
    found: Layout,
    outcome: str,
    grouped: Grouped,
    lost: Mapping[ArmKey, Lost],
    rates: Mapping[str, float],
) -> Grouped:
    """The trials with an outcome for each that was lost, at a rate for each side."""
    seen: dict[tuple[object, str], Seen] = {}
    for name, arms in found.sides.items():
        for arm in arms:
            key, own = arm_key(arm), dict(grouped.seen(arm, outcome))
            for place, (unit, surface) in enumerate(lost[key]):
                event = _whole((place + 1) * rates[name]) - _whole(place * rates[name])
                own[unit] = [*own.get(unit, ()), (surface, float(event))]
            seen[key, outcome] = {unit: own[unit] for unit in sorted(own)}
    return grouped.filled(seen)


def _whole(events: float) -> int:
    return floor(events + ROUNDING)


def _arm_bounds(arm: Arm, outcome: str, grouped: Grouped) -> Bounds:
    seen = grouped.values(arm, outcome)
    lost = Counter(unit_of(row) for row in grouped.rows(arm).lost)
    each = (
        (round(sum(seen.get(unit, ()))), len(seen.get(unit, ())), lost[unit])
        for unit in seen.keys() | lost.keys()
    )
    return history_bounds(each) or (0.0, 1.0)
