"""The trials of a study or an arm, with what is worked out of them once for all who ask."""

from collections.abc import Callable, Iterable
from functools import cached_property
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow

Arm = dict[str, str]
"""The level of each factor, by the factor's name."""
Unit = tuple[Literal["history", "trial"], str]
"""What is independent of its like: ("history", its id), or ("trial", its id) without one."""
Column = list[float | None]
"""A value of each trial; None for the invalid, and for those that have none."""
EVENT = frozenset({0, 1, None})
"""All that the column of an event may hold."""


def unit_of(row: TrialRow) -> Unit:
    """The independent unit that a trial belongs to."""
    return ("trial", row.trial_id) if row.history_id is None else ("history", row.history_id)


class Trials(list[TrialRow]):
    """Rows that nobody changes any more; each of its columns is read once."""

    def __init__(self, rows: Iterable[TrialRow] = ()) -> None:
        """Hold rows, in their order."""
        super().__init__(rows)
        self._columns: dict[str, Column] = {}
        self._strays: dict[str, float | None] = {}

    @cached_property
    def arms(self) -> "list[tuple[Arm, Trials]]":
        """The rows of each arm, arms in the order in which they first appear."""
        found: dict[frozenset[tuple[str, str]], tuple[Arm, Trials]] = {}
        # Rows read from a store share their arm's dictionary, so most are known by that alone.
        known: dict[int, Trials] = {}
        for row in self:
            own = known.get(id(row.arm))
            if own is None:
                key = frozenset(row.arm.items())
                own = known[id(row.arm)] = found.setdefault(key, (row.arm, Trials()))[1]
            own.append(row)
        return list(found.values())

    @cached_property
    def units(self) -> list[Unit]:
        """The independent unit of each row."""
        return [unit_of(row) for row in self]

    @cached_property
    def places(self) -> dict[Unit, list[int]]:
        """Where the rows of each independent unit are, units sorted."""
        found: dict[Unit, list[int]] = {}
        for place, unit in enumerate(self.units):
            if unit in found:
                found[unit].append(place)
            else:
                found[unit] = [place]
        return {unit: found[unit] for unit in sorted(found)}

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """The number of the unit of each row, units sorted."""
        found = np.empty(len(self), dtype=np.intp)
        for number, places in enumerate(self.places.values()):
            found[places] = number
        return found

    @cached_property
    def lost(self) -> list[TrialRow]:
        """The rows that infrastructure failed."""
        return [row for row in self if row.invalid is not None]

    @cached_property
    def gone(self) -> NDArray[np.bool_]:
        """Whether infrastructure failed it, for each row."""
        return np.fromiter((row.invalid is not None for row in self), dtype=bool, count=len(self))

    @cached_property
    def lived(self) -> frozenset[str]:
        """The histories that its trials grew from, whatever became of them."""
        return frozenset(row.history_id for row in self if row.history_id is not None)

    @cached_property
    def grown(self) -> frozenset[bool]:
        """Whether its valid trials grew from a history: yes, no, or some of them."""
        return frozenset(row.history_id is not None for row in self if row.invalid is None)

    @cached_property
    def asked(self) -> frozenset[tuple[str, ...]]:
        """The sets of models that its valid trials asked."""
        # A trial that failed early may not have met all its models, so only valid ones count.
        # Rows of a store share their tuples, so that few have to be looked at.
        shared = {id(row.models): row.models for row in self if row.invalid is None}
        return frozenset(tuple(sorted(set(models))) for models in shared.values())

    @cached_property
    def served(self) -> frozenset[tuple[str, str]]:
        """By which name each reference was answered in its valid trials."""
        shared = {id(row.served): row.served for row in self if row.invalid is None}
        return frozenset(pair for served in shared.values() for pair in served)

    @cached_property
    def simulated(self) -> frozenset[bool]:
        """Whether its trials had a simulated model: yes, no, or some of them."""
        return frozenset(row.simulated for row in self)

    @cached_property
    def sessions(self) -> frozenset[int | None]:
        """In whose work on the run its trials finished."""
        return frozenset(row.session for row in self)

    @cached_property
    def measures(self) -> frozenset[str]:
        """All that any of its trials knows."""
        # Rows of outcomes that are the same share their values.
        shared = {id(row.values): row.values for row in self}
        return frozenset(name for values in shared.values() for name in values)

    def knows(self, measure: str) -> bool:
        """Whether any valid trial has heard of a measure."""
        return any(measure in row.values for row in self if row.invalid is None)

    def column(self, measure: str) -> Column:
        """Return the value of each row; None for the invalid ones and those without.

        Raises:
            AnalysisRefusal: If a value is NaN or infinite.
        """
        if measure not in self._columns:
            found = [None if row.invalid is not None else row.values.get(measure) for row in self]
            self._refuse_infinite(measure, found)
            self._columns[measure] = found
        return self._columns[measure]

    def stray(self, measure: str) -> float | None:
        """Return the first value that no event has; None if there is none."""
        if measure not in self._strays:
            found = self.column(measure)
            strange = set(found) - EVENT
            self._strays[measure] = next((v for v in found if v in strange), None)
        return self._strays[measure]

    def by_unit(self, flag: Callable[[TrialRow], bool]) -> dict[Unit, tuple[int, int]]:
        """Return how many rows of each unit have something, and how many rows it has."""
        flags = [flag(row) for row in self]
        if True not in flags:
            return {unit: (0, len(of)) for unit, of in self.places.items()}
        return {u: (sum(flags[i] for i in of), len(of)) for u, of in self.places.items()}

    def _refuse_infinite(self, measure: str, found: Column) -> None:
        if all(value is None or isfinite(value) for value in set(found)):
            return
        for row, value in zip(self, found, strict=True):
            if value is not None and not isfinite(value):
                raise AnalysisRefusal(
                    f"trial {row.trial_id} has {value} for {measure}",
                    "a value that could not be had is None; mend what wrote it",
                )


def trials_of(rows: Iterable[TrialRow]) -> Trials:
    """Return rows with their columns; the very same if they have them already."""
    return rows if isinstance(rows, Trials) else Trials(rows)
