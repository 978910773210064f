"""The shape of an outcome over doses, beside its slope: the means, and whether they rise."""

from math import fsum

from peersim.analysis.declared import DosePoint, Part
from peersim.analysis.trends import Doses
from peersim.stats.dose import Alternative as Direction
from peersim.stats.dose import Trend, isotonic, jonckheere, page, williams
from peersim.study.contrast import Contrast

DIRECTIONS: dict[str, Direction] = {"greater": "increasing", "less": "decreasing"}


def shapes(found: Doses, contrast: Contrast) -> tuple[Part, ...]:
    """Return tests of a monotone trend, whatever its shape.

    Page's where doses are forked. Else Williams's, which looks for a step from the lowest dose, and
    Jonckheere's, which counts the pairs of histories that rise with the dose.

    Args:
        found: The doses.
        contrast: The contrast.
    """
    direction = DIRECTIONS.get(contrast.alternative, "two-sided")
    if found.level == "within":
        units = next(iter(found.means.values()))
        histories = [[of[unit] for of in found.means.values()] for unit in units]
        return (_shape("monotone trend", page(histories, direction)),)
    means = [list(of.values()) for of in found.means.values()]
    return (
        _shape("monotone trend", williams(means, direction)),
        _shape("rising or falling throughout", jonckheere(means, direction)),
    )


def _shape(name: str, test: Trend) -> Part:
    said = test.method + (f", p {test.alternative}" if test.alternative != "two-sided" else "")
    return Part(name=name, estimate=None, p=test.p, method=f"{said}; {test.units} histories")


def curve(found: Doses, estimate: float) -> tuple[DosePoint, ...]:
    """Return the mean at each dose, and the monotone fit in the direction of the slope."""
    means = [fsum(of.values()) / len(of) for of in found.means.values()]
    sizes = [len(of) for of in found.means.values()]
    fitted = isotonic(means, sizes, increasing=estimate >= 0)
    parts = zip(found.means, means, fitted, sizes, strict=True)
    return tuple(
        DosePoint(dose=dose, mean=mean, monotone=monotone, histories=size)
        for dose, mean, monotone, size in parts
    )
