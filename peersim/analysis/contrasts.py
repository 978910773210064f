"""The dispatcher: two arms in, the one estimate that their design allows out, or a refusal."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from peersim.analysis.arms import (
    Arm,
    Kind,
    Unit,
    arm_key,
    arm_label,
    invalid_by_origin,
    kind_of,
    observed,
    unit_counts,
    unit_means,
    units,
)
from peersim.analysis.refusals import (
    Level,
    derived_level,
    refuse_empty,
    refuse_mixed_models,
    refuse_single_units,
)
from peersim.analysis.rows import TrialRow
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.stats.bounds import Bounds, contrast_bounds
from peersim.stats.intervals import LEVEL, clustered_difference, few_events, newcombe
from peersim.stats.tests import Comparison, boschloo, interval_p, paired, welch

FEWEST = 16
"""Histories per arm below which a comparison between histories only explores."""
Values = Mapping[Unit, Sequence[float]]


class ContrastEstimate(Frozen):
    """The difference between two arms, a minus b, and all that a reader needs to judge it.

    Attributes:
        a: The first arm.
        b: The second arm.
        measure: What was compared.
        kind: "event" (the difference is one of rates) or "score" (of means).
        difference: a minus b, histories weighing equally (trials do in the MOVER method).
        low: Lower limit at `confidence`; None where the histories show no spread to draw one from.
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
        bounds: For events, the difference of the rates over all trials when a's invalid ones are
            0 and b's are 1, and the other way about; None for scores, which have no extremes.
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


def estimate(
    a: Arm, b: Arm, rows: Sequence[TrialRow], measure: str, *, kind: Kind | None = None
) -> ContrastEstimate:
    """Compare two arms by the method that their histories and trials call for.

    Forked arms: paired t on history differences with sign-flip p. Unforked with one trial per
    history: Boschloo and Newcombe. Unforked with several: Welch on history means with
    permutation p, or where events are few, MOVER on two Korn-Graubard intervals, with the p that
    it implies. Scores: paired t or Welch.

    Args:
        a: The first arm.
        b: The second arm, which is subtracted.
        rows: All finished trials; those of other arms are ignored.
        measure: What to compare.
        kind: Say "score" for one that happens to be only 0 or 1 in these rows.

    Raises:
        AnalysisRefusal: If an arm is missing, without a valid trial or a value, or rests on one
            history; if the arms share only some histories, mix trials with and without one, or
            differ in models that no factor declares.
    """
    rows_a, rows_b = _chosen(a, b, rows)
    for arm, of in ((a, rows_a), (b, rows_b)):
        refuse_empty(arm, of, measure)
    refuse_mixed_models(a, b, rows_a, rows_b)
    level = derived_level(rows_a, rows_b)
    refuse_single_units(a, b, rows_a, rows_b, measure)
    kind = kind or kind_of([*rows_a, *rows_b], measure)
    values_a, values_b = units(rows_a, measure), units(rows_b, measure)
    lost = len(values_a.keys() ^ values_b.keys()) if level == "within" else 0
    if level == "within":
        values_a, values_b = _paired_units(values_a, values_b)
    found = _compared(values_a, values_b, level, kind)
    invalid = invalid_by_origin(rows_a), invalid_by_origin(rows_b)
    return ContrastEstimate(
        a=a,
        b=b,
        measure=measure,
        kind=kind,
        difference=found.difference,
        low=_kept(found.low, kind),
        high=_kept(found.high, kind),
        confidence=LEVEL,
        p=found.p,
        method=found.method,
        df=found.df,
        level=level,
        unit=_unit(values_a),
        histories=(len(values_a), len(values_b)),
        trials=(_trials(values_a), _trials(values_b)),
        invalid=invalid,
        bounds=_bounds(rows_a, rows_b, measure) if kind == "event" else None,
        simulated=any(row.simulated for row in (*rows_a, *rows_b)),
        notes=(
            *found.notes,
            *_notes(values_a, values_b, level, lost),
            *_losses(rows_a, rows_b, measure),
        ),
    )
