"""What a regression estimates, with its limits and its p."""

from peersim.frozen import Frozen
from peersim.stats.tests import NO_SPREAD


class Effect(Frozen):
    """An estimate from a regression, with its limits and its p.

    Attributes:
        estimate: In the unit that the function says.
        low: Lower limit; None where the data show no spread to draw one from.
        high: Upper limit, or None.
        level: Confidence level of the limits.
        p: Two-sided p-value; None where there is none.
        error: Standard error; None where there is none.
        df: Degrees of freedom of the limits; None where there are none.
        method: How the limits and p were got.
        units: What was taken as independent, and how many of it.
        notes: What a reader of the number must know.
    """

    estimate: float
    low: float | None
    high: float | None
    level: float
    p: float | None
    error: float | None
    df: float | None
    method: str
    units: dict[str, int]
    notes: tuple[str, ...] = ()


def bare(
    estimate: float,
    level: float,
    method: str,
    units: dict[str, int],
    p: float | None = None,
    note: str = NO_SPREAD,
) -> Effect:
    """An estimate without limits, where nothing varies that an interval could rest on."""
    return Effect(
        estimate=estimate,
        low=None,
        high=None,
        level=level,
        p=p,
        error=None,
        df=None,
        method=method,
        units=units,
        notes=(note,),
    )
