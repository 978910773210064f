"""One row per arm: the rate of an event, or the mean of a score, with what is missing."""

from collections.abc import Sequence

from peersim.analysis.arms import (
    Arm,
    Kind,
    by_arm,
    counts,
    invalid_by_origin,
    kind_of,
    unit_means,
    units,
)
from peersim.analysis.trials import Trials, trials_of
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.bounds import Bounds, rate_bounds
from peersim.stats.intervals import Counts, Interval, korn_graubard, mean_t, proportion

NOTHING = "no valid trial has a value"
NO_SPREAD = "no interval: one history, or histories that do not vary"


class ArmRate(Frozen):
    """How often an event happened in one arm.

    Attributes:
        arm: The level of each factor.
        measure: The event.
        n: Trials assigned to the arm, whatever became of them.
        valid: Valid trials that have a value for the measure: the denominator of the rate. A
            value of None is not a zero, so such a trial is neither here nor among the invalid.
        absent: Valid trials whose value is None; n = valid + absent + all invalid.
        invalid: Trials lost to infrastructure, by origin.
        count: Trials with the event.
        rate: count / valid; None when valid is 0, as are low and high.
        low: Lower 95 % limit.
        high: Upper 95 % limit.
        method: How the limits were got.
        units: Independent units: histories, or trials that have none.
        bounds: The rate if all invalid trials were 0, and if all were 1; None without trials.
        simulated: Whether any trial of the arm had a simulated model.
    """

    arm: Arm
    measure: str
    n: int
    valid: int
    absent: int
    invalid: dict[str, int]
    count: int
    rate: float | None
    low: float | None
    high: float | None
    method: str
    units: int
    bounds: Bounds | None
    simulated: bool


class ArmMean(Frozen):
    """The mean of a score in one arm, histories weighing equally.

    Attributes:
        arm: The level of each factor.
        measure: The score, in its own unit.
        n: Trials assigned to the arm.
        valid: Valid trials that have a value.
        absent: Valid trials whose value is None.
        invalid: Trials lost to infrastructure, by origin.
        mean: Mean of the history means; None when valid is 0.
        low: Lower 95 % limit; None where the histories show no spread to draw one from.
        high: Upper 95 % limit, or None.
        df: Degrees of freedom of the limits.
        method: How the limits were got.
        units: Independent units: histories, or trials that have none.
        simulated: Whether any trial of the arm had a simulated model.
    """

    arm: Arm
    measure: str
    n: int
    valid: int
    absent: int
    invalid: dict[str, int]
    mean: float | None
    low: float | None
    high: float | None
    df: float | None
    method: str
    units: int
    simulated: bool


def rates(rows: Sequence[TrialRow], measure: str) -> list[ArmRate]:
    """The rate of an event in each arm, arms in the order in which they first appear.

    Trials weigh equally. Limits are Wilson's (exact for none or all) where each history served
    one trial of the arm, and Korn and Graubard's where histories served several.

    Raises:
        AnalysisRefusal: If the measure is a score, or no trial knows it.
    """
    rows = trials_of(rows)
    if kind_of(rows, measure) != "event":
        raise AnalysisRefusal(f"{measure} is a score, not an event", "ask for its mean_table")
    return [_arm_rate(arm, of, measure) for arm, of in by_arm(rows)]


def mean_table(
    rows: Sequence[TrialRow], measure: str, *, kind: Kind | None = None
) -> list[ArmMean]:
    """The mean of a score in each arm, with Student's limits on the history means.

    Args:
        rows: Finished trials.
        measure: The score.
        kind: Say "score" for one that happens to be only 0 or 1 in these rows; otherwise that
            is taken for an event and refused.

    Raises:
        AnalysisRefusal: If the measure is an event, or no trial knows it.
    """
    rows = trials_of(rows)
    if kind_of(rows, measure, kind) == "event":
        raise AnalysisRefusal(
            f"{measure} is only ever 0 or 1, so it is an event", "ask for its rates"
        )
    return [_arm_mean(arm, of, measure) for arm, of in by_arm(rows)]


def as_json(table: Sequence[Frozen]) -> list[dict[str, object]]:
    """The table as plain objects, ready for JSON: None for what is not known, never NaN."""
    return [row.model_dump(mode="json") for row in table]


def rate_interval(clusters: Sequence[Counts]) -> Interval:
    """The limits that fit the clusters: binomial if each has one trial, else clustered.

    Args:
        clusters: Events and trials of each unit; at least one trial in all.
    """
    if all(trials == 1 for _, trials in clusters):
        return proportion(sum(count for count, _ in clusters), len(clusters))
    return korn_graubard(clusters)


def _arm_rate(arm: Arm, rows: Trials, measure: str) -> ArmRate:
    clusters, invalid = counts(rows, measure), invalid_by_origin(rows)
    count, valid = sum(c for c, _ in clusters), sum(m for _, m in clusters)
    lost = sum(invalid.values())
    limits = rate_interval(clusters) if valid else None
    return ArmRate(
        arm=arm,
        measure=measure,
        n=len(rows),
        valid=valid,
        absent=len(rows) - valid - lost,
        invalid=invalid,
        count=count,
        rate=count / valid if valid else None,
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        method=limits.method if limits else NOTHING,
        units=len(clusters),
        bounds=rate_bounds((count, valid, lost)),
        simulated=any(rows.simulated),
    )


def _arm_mean(arm: Arm, rows: Trials, measure: str) -> ArmMean:
    values, invalid = units(rows, measure), invalid_by_origin(rows)
    means = list(unit_means(values).values())
    valid, limits = sum(len(of) for of in values.values()), mean_t(means)
    return ArmMean(
        arm=arm,
        measure=measure,
        n=len(rows),
        valid=valid,
        absent=len(rows) - valid - sum(invalid.values()),
        invalid=invalid,
        mean=sum(means) / len(means) if means else None,
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        df=limits.df if limits else None,
        method=limits.method if limits else (NO_SPREAD if means else NOTHING),
        units=len(means),
        simulated=any(rows.simulated),
    )
