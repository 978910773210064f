"""Two arms by the method that fits them, for neighbours that nobody declared."""

from collections.abc import Mapping, Sequence

from peersim.analysis.arms import Kind, Unit, unit_means
from peersim.analysis.procedures import Group, procedure
from peersim.analysis.refusals import Level
from peersim.stats.intervals import LEVEL
from peersim.stats.tests import Comparison

Values = Mapping[Unit, Sequence[float]]
"""The values of each independent unit of one arm."""


def compare(a: Values, b: Values, level: Level, kind: Kind) -> Comparison:
    """Compare two arms by the method that fits them, which ``procedure`` picks.

    Args:
        a: The first arm; within histories, in the same units as b.
        b: The second arm, which is subtracted.
        level: "within" or "between" histories.
        kind: "event" or "score".
    """
    first, second = unit_means(a), unit_means(b)
    if level == "within":
        groups = [Group(1, tuple(first[unit] - second[unit] for unit in first), 2)]
    else:
        groups = [Group(1, tuple(first.values()), 1), Group(-1, tuple(second.values()), 1)]
    counts = [(1, _counts(a)), (-1, _counts(b))] if kind == "event" else []
    found = procedure(groups, counts)
    limits = found.limits(LEVEL)
    return Comparison(
        difference=found.estimate,
        low=limits.low,
        high=limits.high,
        p=found.p(),
        method=found.method,
        df=limits.df,
        notes=found.notes,
    )


def _counts(values: Values) -> list[tuple[int, int]]:
    """Events and trials of each unit."""
    return [(round(sum(of)), len(of)) for of in values.values()]
