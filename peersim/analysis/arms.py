"""Rows by arm, and the independent units within an arm."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import fsum, isfinite
from typing import Literal

from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.bounds import Tally

Arm = dict[str, str]
"""The level of each factor, by the factor's name."""
Kind = Literal["event", "score"]
Unit = tuple[Literal["history", "trial"], str]
"""What is independent of its like: ("history", its id), or ("trial", its id) without one."""


def arm_key(arm: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The arm as something that can be looked up; the order of its factors does not count."""
    return tuple(sorted(arm.items()))


def arm_label(arm: Mapping[str, str]) -> str:
    """The arm in one line, for a message or a caption."""
    return ", ".join(f"{factor}={level}" for factor, level in arm.items()) or "(no factors)"


def by_arm(rows: Iterable[TrialRow]) -> list[tuple[Arm, list[TrialRow]]]:
    """The rows of each arm, arms in the order in which they first appear."""
    found: dict[tuple[tuple[str, str], ...], tuple[Arm, list[TrialRow]]] = {}
    # Rows read from a store share their arm's dictionary, so most are known by that alone.
    known: dict[int, list[TrialRow]] = {}
    for row in rows:
        own = known.get(id(row.arm))
        if own is None:
            own = known[id(row.arm)] = found.setdefault(arm_key(row.arm), (row.arm, []))[1]
        own.append(row)
    return list(found.values())


def observed(rows: Iterable[TrialRow], measure: str) -> list[tuple[TrialRow, float]]:
    """The valid rows that have a value for the measure, each with that value.

    Raises:
        AnalysisRefusal: If a value is NaN or infinite.
    """
    found = []
    for row in rows:
        value = row.values.get(measure)
        if value is None or row.invalid is not None:
            continue
        if not isfinite(value):
            raise _infinite(row, value, measure)
        found.append((row, value))
    return found


def _infinite(row: TrialRow, value: float, measure: str) -> AnalysisRefusal:
    return AnalysisRefusal(
        f"trial {row.trial_id} has {value} for {measure}",
        "a value that could not be had is None; mend what wrote it",
    )


def units(rows: Iterable[TrialRow], measure: str) -> dict[Unit, list[float]]:
    """The observed values of each independent unit, units sorted.

    Trials of one history belong together; a trial without a history stands for itself.
    """
    found: dict[Unit, list[float]] = {}
    for row in rows:
        value = row.values.get(measure)
        if value is None or row.invalid is not None:
            continue
        if not isfinite(value):
            raise _infinite(row, value, measure)
        unit = unit_of(row)
        if unit in found:
            found[unit].append(value)
        else:
            found[unit] = [value]
    return {unit: found[unit] for unit in sorted(found)}


def unit_of(row: TrialRow) -> Unit:
    """The independent unit that a trial belongs to."""
    return ("trial", row.trial_id) if row.history_id is None else ("history", row.history_id)


def unit_means(values: Mapping[Unit, Sequence[float]]) -> dict[Unit, float]:
    """The mean of each unit; summed exactly, so that the order of its trials does not count."""
    return {unit: fsum(of) / len(of) for unit, of in values.items()}


def unit_counts(values: Mapping[Unit, Sequence[float]]) -> list[tuple[int, int]]:
    """Events and trials of each unit, for a measure that is an event."""
    return [(round(sum(of)), len(of)) for of in values.values()]


def tallies(rows: Iterable[TrialRow], measure: str) -> list[Tally]:
    """Events, observed trials and invalid trials of each unit, for a measure that is an event."""
    rows = list(rows)
    seen = units(rows, measure)
    lost = Counter(unit_of(row) for row in rows if row.invalid is not None)
    return [
        (round(sum(seen.get(unit, ()))), len(seen.get(unit, ())), lost[unit])
        for unit in sorted(seen.keys() | lost.keys())
    ]


def kind_of(rows: Iterable[TrialRow], measure: str, said: Kind | None = None) -> Kind:
    """Whether a measure is an event (only ever 0 or 1 in these rows) or a score.

    Args:
        rows: All trials of the study, so that every arm is read in the same way.
        measure: The measure.
        said: What the caller knows it to be: a score may happen to be 0 or 1 throughout.

    Raises:
        AnalysisRefusal: If there are valid trials and none of them knows the measure, or if what
            is said to be an event has another value than 0 or 1.
    """
    valid = [row for row in rows if row.invalid is None]
    if valid and not any(measure in row.values for row in valid):
        known = sorted({name for row in valid for name in row.values})
        raise AnalysisRefusal(
            f"no valid trial has a measure named {measure}",
            f"the measures are {', '.join(known) or 'none'}",
        )
    stray = _stray(valid, measure)
    if stray is not None and said == "event":
        raise AnalysisRefusal(
            f"{measure} is said to be an event, yet has the value {stray}", "call it a score"
        )
    return said or ("event" if stray is None else "score")


def _stray(valid: Iterable[TrialRow], measure: str) -> float | None:
    """The first value that no event has; None if there is none."""
    for row in valid:
        value = row.values.get(measure)
        if value is None or value in {0, 1}:
            continue
        if not isfinite(value):
            raise _infinite(row, value, measure)
        return value
    return None


def invalid_by_origin(rows: Iterable[TrialRow]) -> dict[str, int]:
    """How many trials failed, by the origin of the failure, origins sorted."""
    counts = Counter(row.invalid for row in rows if row.invalid is not None)
    return {origin: counts[origin] for origin in sorted(counts)}
