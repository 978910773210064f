"""What could make arms differ besides what was varied: losses, and time."""

from collections.abc import Callable, Mapping, Sequence
from math import fsum

from peersim.analysis.arms import Arm, Unit, unit_of
from peersim.analysis.grouped import Grouped
from peersim.analysis.sides import layout
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.attrition import loss_by_arm
from peersim.stats.intervals import Counts, varies
from peersim.stats.slopes import slope_between
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol, Scope

ALARM = 0.05


class Alarm(Frozen):
    """A check of the conduct of a study.

    Attributes:
        check: ``invalid``, ``incomplete`` or ``drift``.
        of: The contrast or the outcome that it concerns.
        estimate: The difference in shares, or the change of the outcome per 100 run blocks.
        low: Lower 95 % limit, or None.
        high: Upper limit, or None.
        p: Two-sided, not adjusted: an alarm should rather be raised once too often. None where
            nothing varies.
        method: How it was got.
    """

    check: str
    of: str
    estimate: float
    low: float | None
    high: float | None
    p: float | None
    method: str

    @property
    def raised(self) -> bool:
        """Whether it must be looked into."""
        return self.p is not None and self.p < ALARM


def alarms(protocol: Protocol, grouped: Grouped) -> list[Alarm]:
    """Return all checks that the trials allow.

    Whether a resumed part differs from the first cannot be had from trials: they do not say in
    which session they ran.

    Args:
        protocol: What was declared.
        grouped: All trials.
    """
    found: list[Alarm] = []
    for contrast in protocol.contrasts:
        found += losses(contrast, protocol.factors, grouped)
    for outcome in dict.fromkeys(contrast.outcome for contrast in protocol.contrasts):
        one = drift(outcome, grouped)
        found += [one] if one else []
    return found


def losses(contrast: Contrast, scopes: Mapping[str, Scope], grouped: Grouped) -> tuple[Alarm, ...]:
    """Return whether sides a and b lose different shares of their trials, or leave them undone.

    By the same method as an outcome; nothing for a dose, or where the sides cannot be compared.

    Args:
        contrast: The contrast.
        scopes: The scope of each factor.
        grouped: All trials.
    """
    if contrast.b is None:
        return ()
    pair = contrast.model_copy(update={"c": None, "d": None})
    try:
        found = layout(pair, scopes, grouped)
    except AnalysisRefusal:
        return ()
    kept = []
    for check, lost in _LOSSES.items():
        a, b = (_lost(found.sides[name], grouped, lost) for name in ("a", "b"))
        forked = found.level == "within" and a.keys() == b.keys()
        if min(len(a), len(b)) < 2:
            continue
        of = loss_by_arm(
            [a[unit] for unit in sorted(a)], [b[unit] for unit in sorted(b)], forked=forked
        )
        kept.append(
            Alarm(
                check=check,
                of=contrast.id,
                estimate=of.difference,
                low=of.low,
                high=of.high,
                p=of.p,
                method=of.method,
            )
        )
    return tuple(kept)


def drift(outcome: str, grouped: Grouped) -> Alarm | None:
    """Return whether an outcome changes with the run blocks, within arms.

    Each history counts once, by its mean block and its mean distance from its arms' means.

    Args:
        outcome: The measure.
        grouped: All trials.

    Returns:
        None with fewer than ten histories, or all in one block.
    """
    points: dict[Unit, list[tuple[float, float]]] = {}
    for arm in grouped.arms:
        rows = [(row, row.values.get(outcome)) for row in grouped.rows(arm) if row.valid]
        seen = [(row, value) for row, value in rows if value is not None]
        if seen:
            centre = fsum(value for _, value in seen) / len(seen)
            for row, value in seen:
                points.setdefault(unit_of(row), []).append((row.block, value - centre))
    when = [fsum(block for block, _ in of) / len(of) for of in points.values()]
    what = [fsum(value for _, value in of) / len(of) for of in points.values()]
    if len(points) < 10 or not varies(when):
        return None
    found = slope_between([block / 100 for block in when], what)
    return Alarm(
        check="drift",
        of=outcome,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        p=found.p,
        method=f"{found.method}, on run blocks within arms",
    )


def _lost(
    arms: Sequence[Arm], grouped: Grouped, lost: Callable[[TrialRow], bool]
) -> dict[Unit, Counts]:
    found: dict[Unit, Counts] = {}
    for arm in arms:
        for row in grouped.rows(arm):
            events, trials = found.get(unit_of(row), (0, 0))
            found[unit_of(row)] = (events + lost(row), trials + 1)
    return found


_LOSSES: dict[str, Callable[[TrialRow], bool]] = {
    "invalid": lambda row: not row.valid,
    "incomplete": lambda row: row.values.get("incomplete") == 1,
}
