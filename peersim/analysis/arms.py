"""Rows by arm, and the independent units within an arm."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Literal

import numpy as np

from peersim.analysis.trials import Arm, Trials, Unit, trials_of, unit_of
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.bounds import Tally

__all__ = [
    "Arm",
    "Kind",
    "Unit",
    "arm_key",
    "arm_label",
    "by_arm",
    "counts",
    "invalid_by_origin",
    "kind_of",
    "observed",
    "tallies",
    "unit_means",
    "unit_of",
    "units",
]

Kind = Literal["event", "score"]


def arm_key(arm: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The arm as something that can be looked up; the order of its factors does not count."""
    return tuple(sorted(arm.items()))


def arm_label(arm: Mapping[str, str]) -> str:
    """The arm in one line, for a message or a caption."""
    return ", ".join(f"{factor}={level}" for factor, level in arm.items()) or "(no factors)"


def by_arm(rows: Iterable[TrialRow]) -> list[tuple[Arm, Trials]]:
    """The rows of each arm, arms in the order in which they first appear."""
    return trials_of(rows).arms


def observed(rows: Iterable[TrialRow], measure: str) -> list[tuple[TrialRow, float]]:
    """The valid rows that have a value for the measure, each with that value.

    Raises:
        AnalysisRefusal: If a value is NaN or infinite.
    """
    found = trials_of(rows)
    column = found.column(measure)
    return [(row, value) for row, value in zip(found, column, strict=True) if value is not None]


def units(rows: Iterable[TrialRow], measure: str) -> dict[Unit, list[float]]:
    """The observed values of each independent unit, units sorted.

    Trials of one history belong together; a trial without a history stands for itself.
    """
    found = trials_of(rows)
    column = found.column(measure)
    seen = (
        (unit, [value for place in of if (value := column[place]) is not None])
        for unit, of in found.places.items()
    )
    return {unit: values for unit, values in seen if values}


def unit_means(values: Mapping[Unit, Sequence[float]]) -> dict[Unit, float]:
    """The mean of each unit; summed exactly, so that the order of its trials does not count."""
    return {unit: fsum(of) / len(of) for unit, of in values.items()}


def counts(rows: Iterable[TrialRow], measure: str) -> list[tuple[int, int]]:
    """Events and trials of each unit that has a value, for a measure that is an event."""
    return [(events, seen) for events, seen, _ in tallies(rows, measure) if seen]


def tallies(rows: Iterable[TrialRow], measure: str) -> list[Tally]:
    """Events, observed trials and invalid trials of each unit, for a measure that is an event."""
    found = trials_of(rows)
    column = np.array(found.column(measure), dtype=float)  # None becomes NaN
    known, size = ~np.isnan(column), len(found.places)

    def by_unit(of: np.ndarray, weights: np.ndarray | None = None) -> list[int]:
        each = np.bincount(found.numbers[of], weights, minlength=size)
        return [round(value) for value in each.tolist()]

    each = zip(by_unit(known, column[known]), by_unit(known), by_unit(found.gone), strict=True)
    return [(events, seen, gone) for events, seen, gone in each if seen or gone]


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
    return kind_in([of for _, of in by_arm(rows)], measure, said)


def kind_in(parts: Sequence[Trials], measure: str, said: Kind | None = None) -> Kind:
    """Return the same of the trials of several arms.

    Args:
        parts: The trials of each.
        measure: As for ``kind_of``.
        said: As for ``kind_of``.

    Raises:
        AnalysisRefusal: As for ``kind_of``.
    """
    if any(len(of.lost) < len(of) for of in parts) and not any(of.knows(measure) for of in parts):
        known = sorted({name for of in parts for row in of if row.valid for name in row.values})
        raise AnalysisRefusal(
            f"no valid trial has a measure named {measure}",
            f"the measures are {', '.join(known) or 'none'}",
        )
    stray = next((v for of in parts if (v := of.stray(measure)) is not None), None)
    if stray is not None and said == "event":
        raise AnalysisRefusal(
            f"{measure} is said to be an event, yet has the value {stray}", "call it a score"
        )
    return said or ("event" if stray is None else "score")


def invalid_by_origin(rows: Iterable[TrialRow]) -> dict[str, int]:
    """How many trials failed, by the origin of the failure, origins sorted."""
    counts = Counter(row.invalid for row in trials_of(rows).lost if row.invalid is not None)
    return {origin: counts[origin] for origin in sorted(counts)}
