"""The dispatcher: two arms in, the one estimate that their design allows out, or a refusal."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from peersim.analysis.arms import (
    Arm,
    Kind,
    arm_key,
    arm_label,
    invalid_by_origin,
    kind_of,
    observed,
    tallies,
    units,
)
from peersim.analysis.methods import Values, compare
from peersim.analysis.refusals import (
    Level,
    derived_level,
    refuse_empty,
    refuse_mixed_models,
    refuse_single_unit,
)
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.bounds import Bounds, contrast_bounds
from peersim.stats.intervals import LEVEL
from peersim.stats.tests import Comparison
from peersim.study.scopes import FEWEST


class ContrastEstimate(Frozen):
    """The difference between two arms, a minus b, and all that a reader needs to judge it.

    Attributes:
        a: The first arm.
        b: The second arm.
        measure: What was compared.
        kind: "event" (the difference is one of rates) or "score" (of means).
        difference: a minus b, histories weighing equally.
        low: Lower limit; None where the histories show no spread to draw one from.
        high: Upper limit, or None.
        confidence: The level of the limits.
        p: Two-sided p-value, not adjusted for other contrasts.
        method: How the limits and p were got.
        df: Degrees of freedom of the limits; None where the method has none.
        level: "within" histories (forked arms) or "between" them; read from the rows.
        unit: What counts as independent: the history, or the trial where there are no histories.
        histories: Units that the estimate rests on, in a and in b.
        trials: Trials that the estimate rests on, in a and in b.
        invalid: Trials lost to infrastructure by origin, in a and in b.
        bounds: For events, the difference of the rates over all histories when a's invalid trials
            are 0 and b's are 1, and the other way about, those of histories that lost their pair
            too; None for scores, which have no extremes.
        simulated: Whether any trial had a simulated model.
        notes: What must be printed with the number.
    """

    a: Arm
    b: Arm
    measure: str
    kind: Kind
    difference: float
    low: float | None
    high: float | None
    confidence: float
    p: float
    method: str
    df: float | None
    level: Level
    unit: Literal["history", "trial"]
    histories: tuple[int, int]
    trials: tuple[int, int]
    invalid: tuple[dict[str, int], dict[str, int]]
    bounds: Bounds | None
    simulated: bool
    notes: tuple[str, ...]


class _Side(NamedTuple):
    """One arm of a contrast: all its rows, and the values that the estimate rests on."""

    arm: Arm
    rows: list[TrialRow]
    values: Values


def estimate(
    a: Arm, b: Arm, rows: Sequence[TrialRow], measure: str, *, kind: Kind | None = None
) -> ContrastEstimate:
    """Compare two arms by the method that their histories and trials call for.

    Forked arms: paired t on history differences with sign-flip p. Unforked with one trial per
    history: Boschloo and Newcombe. Unforked with several: Welch on history means with
    permutation p, or where events are few, MOVER on two Korn-Graubard intervals with the p that
    it implies. Scores: paired t or Welch.

    Args:
        a: The first arm.
        b: The second arm, which is subtracted.
        rows: All finished trials; those of other arms only tell an event from a score.
        measure: What to compare.
        kind: Say "score" for one that happens to be only 0 or 1 in these rows.

    Raises:
        AnalysisRefusal: If an arm is missing, without a valid trial or a value, or rests on one
            history; if the arms share only some histories, mix trials with and without one, or
            differ in models that no factor declares.
    """
    sides = _side(a, rows, measure), _side(b, rows, measure)
    if arm_key(a) == arm_key(b):
        raise AnalysisRefusal(f"arm ({arm_label(a)}) is compared with itself", "name another")
    refuse_mixed_models(a, b, sides[0].rows, sides[1].rows)
    level = derived_level(sides[0].rows, sides[1].rows)
    used, lost = _paired(*sides) if level == "within" else (sides, 0)
    for side in used:
        refuse_single_unit(side.arm, side.values)
    known = kind_of(rows, measure, kind)
    found = compare(used[0].values, used[1].values, level, known)
    notes = (*found.notes, *_design_notes(used, level, lost), *_loss_notes(used, measure))
    return _written(used, measure, known, level, found, notes)


def _side(arm: Arm, rows: Sequence[TrialRow], measure: str) -> _Side:
    own = [row for row in rows if row.arm == arm]
    refuse_empty(arm, own, measure)
    return _Side(arm, own, units(own, measure))


def _paired(a: _Side, b: _Side) -> tuple[tuple[_Side, _Side], int]:
    """The sides cut down to the histories that have a value in both, and how many do not."""
    both = sorted(a.values.keys() & b.values.keys())
    if not both:
        raise AnalysisRefusal(
            f"no history has a value in both ({arm_label(a.arm)}) and ({arm_label(b.arm)})",
            "mend what made their trials fail and resume the study",
        )
    lost = len(a.values.keys() ^ b.values.keys())
    first, second = (
        side._replace(values={unit: side.values[unit] for unit in both}) for side in (a, b)
    )
    return (first, second), lost


def _written(
    sides: tuple[_Side, _Side],
    measure: str,
    kind: Kind,
    level: Level,
    found: Comparison,
    notes: tuple[str, ...],
) -> ContrastEstimate:
    a, b = sides
    low, high = found.low, found.high
    if kind == "event" and low is not None and high is not None:
        low, high = max(-1.0, low), min(1.0, high)
    return ContrastEstimate(
        a=a.arm,
        b=b.arm,
        measure=measure,
        kind=kind,
        difference=found.difference,
        low=low,
        high=high,
        confidence=LEVEL,
        p=found.p,
        method=found.method,
        df=found.df,
        level=level,
        unit=_unit(a),
        histories=(len(a.values), len(b.values)),
        trials=(_trials(a), _trials(b)),
        invalid=(invalid_by_origin(a.rows), invalid_by_origin(b.rows)),
        bounds=contrast_bounds(tallies(a.rows, measure), tallies(b.rows, measure))
        if kind == "event"
        else None,
        simulated=any(row.simulated for row in (*a.rows, *b.rows)),
        notes=notes,
    )


def _unit(side: _Side) -> Literal["history", "trial"]:
    return next(iter(side.values))[0]


def _trials(side: _Side) -> int:
    return sum(len(of) for of in side.values.values())


def _design_notes(sides: tuple[_Side, _Side], level: Level, lost: int) -> list[str]:
    notes = []
    if level == "between" and min(len(side.values) for side in sides) < FEWEST:
        plural = {"history": "histories", "trial": "trials"}[_unit(sides[0])]
        notes.append(f"fewer than {FEWEST} {plural}: exploratory")
    if lost:
        notes.append(f"{lost} histories left out: no value in one of the arms")
    sizes = {len(of) for side in sides for of in side.values.values()}
    if len(sizes) > 1:
        notes.append(f"{min(sizes)} to {max(sizes)} trials per history and arm")
    if len({any(row.simulated for row in side.rows) for side in sides}) > 1:
        notes.append("one arm is simulated and the other is not")
    return notes


def _loss_notes(sides: tuple[_Side, _Side], measure: str) -> list[str]:
    notes = []
    invalid, assigned = (
        [sum(not row.valid for row in side.rows) for side in sides],
        [len(side.rows) for side in sides],
    )
    if any(invalid):
        notes.append(
            f"invalid: {invalid[0]} of {assigned[0]} and {invalid[1]} of {assigned[1]} trials"
        )
    valid = sum(row.valid for side in sides for row in side.rows)
    absent = valid - sum(len(observed(side.rows, measure)) for side in sides)
    if absent:
        notes.append(f"{absent} valid trials without a value for {measure} left out")
    return notes
