"""Trials grouped by arm once, so that many contrasts can be drawn from many trials."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from peersim.analysis.arms import Arm, Unit, arm_key, by_arm, observed, unit_of
from peersim.analysis.trials import Trials
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Cells, matches

Seen = dict[Unit, list[tuple[str, float]]]
"""The surface and the value of each observed trial, by independent unit, units sorted."""
Units = Mapping[Unit, Sequence[float]]
"""The observed values of each independent unit of one arm."""


class Even(Mapping[Unit, Sequence[float]]):
    """The values of units that all have as many: those of simulated studies, where time counts.

    Attributes:
        units: The units, sorted.
        table: Their values, a row of each.
    """

    def __init__(self, units: Sequence[Unit], table: NDArray[np.float64]) -> None:
        """Hold the values of units."""
        self.units, self.table = units, table

    @cached_property
    def _rows(self) -> dict[Unit, list[float]]:
        return dict(zip(self.units, self.table.tolist(), strict=True))

    def __getitem__(self, unit: Unit) -> Sequence[float]:
        return self._rows[unit]

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)


NOTHING = Trials()
"""The rows of an arm that has none."""


class Grouped:
    """Rows by arm.

    Attributes:
        arms: The planned arms in their order, then any that the rows have besides.
    """

    def __init__(self, rows: Sequence[TrialRow], arms: Sequence[Arm] | None = None) -> None:
        """Group rows.

        Args:
            rows: All finished trials.
            arms: The planned arms, so that one that never ran is missed; by default those that
                the rows show.
        """
        found = by_arm(rows)
        self._rows = {arm_key(arm): of for arm, of in found}
        planned = {arm_key(arm): arm for arm in arms or ()}
        self.arms = list((planned | {arm_key(arm): arm for arm, _ in found}).values())
        self._seen: dict[tuple[object, str], Seen] = {}
        self._values: dict[tuple[object, str], Units] = {}
        self._units: dict[object, frozenset[Unit]] = {}

    def matching(self, cells: Cells) -> list[Arm]:
        """Return the arms of a side."""
        return [arm for arm in self.arms if matches(arm, cells)]

    def rows(self, arm: Arm) -> Trials:
        """Return all rows of an arm, the invalid ones too."""
        return self._rows.get(arm_key(arm), NOTHING)

    def units(self, arm: Arm) -> frozenset[Unit]:
        """Return the independent units of an arm by its design, whatever became of them."""
        key = arm_key(arm)
        if key not in self._units:
            self._units[key] = frozenset(self.rows(arm).places)
        return self._units[key]

    def seen(self, arm: Arm, measure: str) -> Seen:
        """Return the observed values of a measure in an arm.

        Raises:
            AnalysisRefusal: If a value is NaN or infinite.
        """
        key = (arm_key(arm), measure)
        if key not in self._seen:
            found: Seen = {}
            for row, value in observed(self.rows(arm), measure):
                found.setdefault(unit_of(row), []).append((row.surface, value))
            self._seen[key] = {unit: found[unit] for unit in sorted(found)}
        return self._seen[key]

    def filled(self, seen: dict[tuple[object, str], Seen]) -> "Grouped":
        """Return the same trials with other values of some measures, by arm key and measure.

        Args:
            seen: What takes the place of what ``seen`` returns; units sorted.
        """
        other = copy(self)
        other._seen, other._values = self._seen | seen, {}
        return other

    def values(self, arm: Arm, measure: str, surface: Callable[[str], bool] | None = None) -> Units:
        """Return the observed values of each unit of an arm.

        Args:
            arm: The arm.
            measure: The measure.
            surface: Which surfaces to keep; by default all.
        """
        if surface is not None:
            found = {
                unit: [value for name, value in of if surface(name)]
                for unit, of in self.seen(arm, measure).items()
            }
            return {unit: of for unit, of in found.items() if of}
        key = (arm_key(arm), measure)
        if key not in self._values:
            self._values[key] = {
                unit: [value for _, value in of] for unit, of in self.seen(arm, measure).items()
            }
        return self._values[key]
