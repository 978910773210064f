"""The dispatcher: two arms in, the one estimate that their design allows out, or a refusal."""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from peersim.analysis.arms import (
    Arm,
    Kind,
    arm_key,
    arm_label,
    invalid_by_origin,
    kind_in,
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
from peersim.analysis.trials import trials_of
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.bounds import Bounds, Tally, contrast_bounds
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


class Side:
    """One arm of a contrast: all its rows, and what each comparison of it needs, worked out once.

    Attributes:
        arm: The arm.
        rows: All its rows.
        values: The values that an estimate rests on, by unit.
    """

    def __init__(self, arm: Arm, rows: Sequence[TrialRow], measure: str) -> None:
        """Take the rows of an arm.

        Raises:
            AnalysisRefusal: If there are none, or none with a value.
        """
        rows = trials_of(rows)
        refuse_empty(arm, rows, measure)
        self.arm, self.rows, self.measure = arm, rows, measure
        self.values: Values = units(self.rows, measure)

    @cached_property
    def tallies(self) -> tuple[Tally, ...]:
        """The events and losses of its histories, for the bounds."""
        return tuple(tallies(self.rows, self.measure))

    @cached_property
    def invalid(self) -> int:
        """How many of its trials the infrastructure failed."""
        return len(self.rows.lost)

    @cached_property
    def absent(self) -> int:
        """How many of its valid trials have no value."""
        return len(self.rows) - self.invalid - _trials(self.values)


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
    first, second = ([row for row in rows if row.arm == arm] for arm in (a, b))
    return compare_sides(Side(a, first, measure), Side(b, second, measure), kind, rows)


def compare_sides(
    a: Side, b: Side, kind: Kind | None = None, rows: Sequence[TrialRow] = ()
) -> ContrastEstimate:
    """Compare two arms whose rows are at hand; see ``estimate``.

    Args:
        a: The first arm.
        b: The second arm, which is subtracted.
        kind: Say "score" for one that happens to be only 0 or 1 in these rows.
        rows: All finished trials, to tell an event from a score; by default those of the arms.

    Raises:
        AnalysisRefusal: As ``estimate`` does.
    """
    if arm_key(a.arm) == arm_key(b.arm):
        raise AnalysisRefusal(f"arm ({arm_label(a.arm)}) is compared with itself", "name another")
    refuse_mixed_models(a.arm, b.arm, a.rows, b.rows)
    level = derived_level(a.rows, b.rows)
    first, second, lost = _paired(a, b) if level == "within" else (a.values, b.values, 0)
    used = (first, second)
    for side, values in zip((a, b), used, strict=True):
        refuse_single_unit(side.arm, values)
    known = kind_in([trials_of(rows)] if rows else [a.rows, b.rows], a.measure, kind)
    found = compare(first, second, level, known)
    notes = (*found.notes, *_design_notes(used, (a, b), level, lost), *_loss_notes((a, b)))
    return _written((a, b), used, known, level, found, notes)


def _paired(a: Side, b: Side) -> tuple[Values, Values, int]:
    """The values of the histories that have one in both arms, and how many have not."""
    both = sorted(a.values.keys() & b.values.keys())
    if not both:
        raise AnalysisRefusal(
            f"no history has a value in both ({arm_label(a.arm)}) and ({arm_label(b.arm)})",
            "mend what made their trials fail and resume the study",
        )
    lost = len(a.values.keys() ^ b.values.keys())
    first, second = ({unit: side.values[unit] for unit in both} for side in (a, b))
    return first, second, lost


def _written(
    sides: tuple[Side, Side],
    used: tuple[Values, Values],
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
        measure=a.measure,
        kind=kind,
        difference=found.difference,
        low=low,
        high=high,
        confidence=LEVEL,
        p=found.p,
        method=found.method,
        df=found.df,
        level=level,
        unit=_unit(used[0]),
        histories=(len(used[0]), len(used[1])),
        trials=(_trials(used[0]), _trials(used[1])),
        invalid=(invalid_by_origin(a.rows), invalid_by_origin(b.rows)),
        bounds=contrast_bounds(a.tallies, b.tallies) if kind == "event" else None,
        simulated=any(a.rows.simulated | b.rows.simulated),
        notes=notes,
    )


def _unit(values: Values) -> Literal["history", "trial"]:
    return next(iter(values))[0]


def _trials(values: Values) -> int:
    return sum(len(of) for of in values.values())


def _design_notes(
    used: tuple[Values, Values], sides: tuple[Side, Side], level: Level, lost: int
) -> list[str]:
    notes = []
    if level == "between" and min(map(len, used)) < FEWEST:
        plural = {"history": "histories", "trial": "trials"}[_unit(used[0])]
        notes.append(f"fewer than {FEWEST} {plural}: exploratory")
    if lost:
        notes.append(f"histories left out: {lost}, without a value in one of the arms")
    sizes = {len(of) for values in used for of in values.values()}
    if len(sizes) > 1:
        notes.append(f"{min(sizes)} to {max(sizes)} trials per history and arm")
    if len({any(side.rows.simulated) for side in sides}) > 1:
        notes.append("one arm is simulated and the other is not")
    return notes


def _loss_notes(sides: tuple[Side, Side]) -> list[str]:
    notes = []
    a, b = sides
    if a.invalid or b.invalid:
        notes.append(
            f"invalid: {a.invalid} of {len(a.rows)} and {b.invalid} of {len(b.rows)} trials"
        )
    if absent := a.absent + b.absent:
        notes.append(f"{absent} valid trials without a value for {a.measure} left out")
    return notes
