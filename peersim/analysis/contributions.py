"""What each history says of a contrast: its sides' means, weighed and signed."""

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from types import MappingProxyType
from typing import NamedTuple, TypeGuard

import numpy as np

from peersim.analysis.arms import Arm, Unit, arm_key
from peersim.analysis.grouped import Even, Grouped, Units
from peersim.analysis.procedures import Group
from peersim.analysis.sides import SIGNS, Layout, Stratum
from peersim.stats.intervals import Shares


class Side(NamedTuple):
    """What one side rests on.

    Attributes:
        mean: Histories weigh equally, and so do arms within them.
        counts: Events and trials of each history; of several arms, so weighed that the arms count
            alike.
        trials: Trials in all.
    """

    mean: float
    counts: tuple[Shares, ...]
    trials: int


Pull = tuple[float, float]
"""The weight of a unit in an estimate, and its mean."""


class Contributions(NamedTuple):
    """The values that an estimate is made of.

    Attributes:
        groups: The sets of independent units.
        units: The units of each group, in the order of its values.
        sides: What each side rests on.
        lost: Units left out because they lack a value in one of their arms.
        by_unit: The contribution of each unit, where each serves all sides; else empty.
        sizes: All numbers of trials that a unit has in an arm.
        cells: The weight and the counts of each side in each group: the estimate is the sum of
            the weights times the means of the rates.
        pulls: Where each unit serves one side: its weight in the estimate, and its mean; the
            estimate is the sum of their products. Else empty.
    """

    groups: tuple[Group, ...]
    units: tuple[tuple[Unit, ...], ...]
    sides: dict[str, Side]
    lost: int
    by_unit: dict[Unit, float]
    sizes: frozenset[int]
    cells: tuple[tuple[float, tuple[Shares, ...]], ...] = ()
    pulls: Mapping[Unit, Pull] = MappingProxyType({})

    @property
    def estimate(self) -> float:
        """The weighted sum of the groups' means."""
        return sum(group.weight * fsum(group.values) / len(group.values) for group in self.groups)


class _Share(NamedTuple):
    """What a stratum has of a side: its weight, and the means and counts of its units."""

    weight: float
    means: dict[Unit, float]
    counts: list[Shares]
    trials: int


class _Read(NamedTuple):
    """A stratum with its values: the contribution of each unit, and each side's means."""

    key: tuple[object, ...]
    weight: int
    values: dict[Unit, float]
    sides: dict[str, _Share]
    sizes: frozenset[int]


_Set = tuple[Group, tuple[Unit, ...], list[tuple[float, tuple[Shares, ...]]]]
"""A set of units, who they are, and the weight and the counts of each of its cells."""


def contributions(
    found: Layout, outcome: str, grouped: Grouped, surface: Callable[[str], bool] | None = None
) -> Contributions:
    """Return what each history contributes; one that lacks a value in an arm contributes nothing.

    Args:
        found: The sides and their histories.
        outcome: The measure.
        grouped: All trials.
        surface: Which surfaces to keep; by default all.
    """
    return made_of(
        found, {arm_key(arm): grouped.values(arm, outcome, surface) for arm in found.arms}
    )


def made_of(design: Layout, values: Mapping[object, Units]) -> Contributions:
    """Return what each history contributes by given values.

    Args:
        design: The sides and their histories.
        values: The values of each unit, by the arm's key.
    """
    read = [_read(stratum, design.sides, values) for stratum in design.strata]
    kept = sum(len(one.values) for one in read)
    within = all(len(one.sides) == len(design.sides) for one in read)
    found = _groups(read)
    return Contributions(
        groups=tuple(group for group, _, _ in found),
        units=tuple(units for _, units, _ in found),
        sides={name: _side(name, read) for name in design.sides},
        lost=sum(len(stratum.units) for stratum in design.strata) - kept,
        by_unit={unit: of for one in read for unit, of in one.values.items()} if within else {},
        sizes=frozenset().union(*(one.sizes for one in read)),
        cells=tuple(cell for _, _, cells in found for cell in cells),
        pulls=_pulls(read, found) if all(group.sides == 1 for group, _, _ in found) else {},
    )


def _pulls(read: Sequence[_Read], found: Sequence[_Set]) -> dict[Unit, Pull]:
    """The weight and the mean of each unit that serves a single side."""
    means = {
        unit: mean
        for one in read
        for share in one.sides.values()
        for unit, mean in share.means.items()
    }
    return {
        unit: (weight / len(units), means[unit])
        for _, units, ((weight, _),) in found
        for unit in units
    }


def _read(
    stratum: Stratum, sides: Mapping[str, Sequence[Arm]], values: Mapping[object, Units]
) -> _Read:
    own = {name: arms for name, arms in stratum.arms.items() if arms}
    tables = {name: [values[arm_key(arm)] for arm in arms] for name, arms in own.items()}
    if _even(tables):
        return _read_evenly(stratum, sides, tables)
    complete = [
        unit
        for unit in sorted(stratum.units)
        if all(unit in table for of in tables.values() for table in of)
    ]
    weights = {name: len(arms) / len(sides[name]) for name, arms in own.items()}
    means = {
        name: {
            unit: fsum(fsum(table[unit]) / len(table[unit]) for table in of) / len(of)
            for unit in complete
        }
        for name, of in tables.items()
    }
    lead = SIGNS[next(iter(own))]
    found = {
        unit: fsum(lead * SIGNS[name] * weights[name] * means[name][unit] for name in own)
        for unit in complete
    }
    return _Read(
        key=(tuple(weights.items()), len(stratum.units)),
        weight=lead,
        values=found,
        sides={
            name: _Share(
                weights[name],
                means[name],
                [_count(of, unit, means[name][unit]) for unit in complete],
                sum(len(table[unit]) for table in of for unit in complete),
            )
            for name, of in tables.items()
        },
        sizes=frozenset(
            len(table[unit]) for of in tables.values() for table in of for unit in complete
        ),
    )


def _even(tables: Mapping[str, list[Units]]) -> TypeGuard[Mapping[str, list[Even]]]:
    """Whether all arms of a stratum have as many values of the same units."""
    every = [table for of in tables.values() for table in of]
    return all(
        isinstance(one, Even)
        and isinstance(every[0], Even)
        and one.units is every[0].units
        and one.table.shape == every[0].table.shape
        for one in every
    )


def _read_evenly(
    stratum: Stratum, sides: Mapping[str, Sequence[Arm]], tables: Mapping[str, list[Even]]
) -> _Read:
    """The same as ``_read`` of units that lack nothing, all of them at once."""
    units = next(iter(tables.values()))[0].units
    trials = next(iter(tables.values()))[0].table.shape[1]
    totals = {name: sum(table.table.sum(axis=1) for table in of) for name, of in tables.items()}
    weights = {name: len(of) / len(sides[name]) for name, of in tables.items()}
    means = {name: totals[name] / (len(of) * trials) for name, of in tables.items()}
    lead = SIGNS[next(iter(tables))]
    found = sum(lead * SIGNS[name] * weights[name] * of for name, of in means.items())
    return _Read(
        key=(tuple(weights.items()), len(stratum.units)),
        weight=lead,
        values=_by_unit(units, found),
        sides={
            name: _Share(
                weights[name],
                _by_unit(units, means[name]),
                [(count, len(of) * trials) for count in np.round(totals[name]).tolist()],
                len(of) * trials * len(units),
            )
            for name, of in tables.items()
        },
        sizes=frozenset((trials,)),
    )


def _by_unit(units: Sequence[Unit], values: np.ndarray) -> dict[Unit, float]:
    return dict(zip(units, values.tolist(), strict=True))


def _count(tables: Sequence[Units], unit: Unit, mean: float) -> Shares:
    """The events and trials of a unit in some arms, which count alike whatever their trials."""
    sizes = [len(table[unit]) for table in tables]
    if len({*sizes}) == 1:
        return round(fsum(value for table in tables for value in table[unit])), sum(sizes)
    trials = len(sizes) ** 2 / fsum(1 / size for size in sizes)
    return mean * trials, trials


def _groups(read: Sequence[_Read]) -> list[_Set]:
    """The sets of units, with the cells that they consist of.

    Strata of the same size and make are one set, whose units weigh alike.

    That strata are of a size is a matter of the design: losses do not change the method.
    """
    alike: dict[tuple[str, ...], list[_Read]] = {}
    for one in read:
        alike.setdefault(tuple(one.sides), []).append(one)
    found = []
    for sides, of in alike.items():
        merged = [of] if len({one.key for one in of}) == 1 else [[one] for one in of]
        for part in merged:
            units = tuple(unit for one in part for unit in one.values)
            values = tuple(len(part) * value for one in part for value in one.values.values())
            cells = [_cell(name, part) for name in sides]
            found.append((Group(of[0].weight, values, len(sides)), units, cells))
    return found


def _cell(name: str, part: Sequence[_Read]) -> tuple[float, tuple[Shares, ...]]:
    """A side in strata that are one set: its weight in the estimate, and its counts."""
    weight = SIGNS[name] * part[0].sides[name].weight * len(part)
    return weight, tuple(pair for one in part for pair in one.sides[name].counts)


def _side(name: str, read: Sequence[_Read]) -> Side:
    parts = [one.sides[name] for one in read if name in one.sides]
    means = [value for part in parts for value in part.means.values()]
    counts = tuple(pair for part in parts for pair in part.counts)
    if len({(part.weight, len(part.means)) for part in parts}) == 1:
        mean = fsum(means) / len(means) if means else float("nan")
    else:
        mean = fsum(
            part.weight * fsum(part.means.values()) / max(len(part.means), 1) for part in parts
        )
    return Side(mean, counts, sum(part.trials for part in parts))
