"""Estimates whose test and interval say the same: what is found is left out, and nothing else."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from peersim.stats.permute import MANY, OR_T, drawn_out


class Range(NamedTuple):
    """Two limits, None where units show no spread to draw any from, and their freedom."""

    low: float | None
    high: float | None
    df: float | None


Around = Callable[[float], Range]
"""Limits at a level."""


class Own(NamedTuple):
    """A p, worked out when it is asked for, and its name."""

    p: Callable[[], float]
    name: str


class Procedure(NamedTuple):
    """An estimate, and how limits at any level and p are got for it.

    Attributes:
        estimate: The estimate.
        limits: Returns the limits at a level.
        p: Returns the two-sided p.
        method: As printed.
        notes: What must be printed with the number.
        plain: Returns the limits before p, which may take its time, draws them out; None where
            p never does.
    """

    estimate: float
    limits: Callable[[float], Range]
    p: Callable[[], float]
    method: str
    notes: tuple[str, ...] = ()
    plain: Callable[[float], Range] | None = None


def agreeing(
    estimate: float,
    limits: Callable[[float], Range],
    p: Callable[[], float],
    method: str,
    notes: tuple[str, ...] = (),
) -> Procedure:
    """A procedure whose limits hold 0 wherever its p does not exclude it.

    With a p no smaller than that of the limits the two then say the same at every level.

    Args:
        estimate: The estimate.
        limits: Returns the limits at a level.
        p: Returns the two-sided p.
        method: As printed.
        notes: What must be printed with the number.
    """
    once = lru_cache(maxsize=1)(p)

    def held(level: float) -> Range:
        low, high, df = limits(level)
        if low is None or high is None:
            return Range(low, high, df)
        if low <= 0 <= high:  # whatever p is; permutations are not drawn for nothing
            return Range(low, high, df)
        return Range(*drawn_out(low, high, once(), level), df)

    return Procedure(estimate, held, once, method, notes, limits)


def wider(one: Procedure, other: Procedure, method: str) -> Procedure:
    """The limits that hold those of both procedures, and the larger p.

    Each alone says the same by p and limits, so that both together do. Where the other one shows
    no spread to draw limits from, those of the first stand.

    Args:
        one: A procedure that has limits; its estimate and notes are kept.
        other: Another one for the same estimate.
        method: As printed.
    """

    def held(first: Callable[[float], Range], second: Callable[[float], Range]) -> Around:
        return lambda level: _around(first(level), second(level))

    return Procedure(
        one.estimate,
        held(one.limits, other.limits),
        lambda: max(one.p(), other.p()),
        method,
        one.notes,
        held(one.plain or one.limits, other.plain or other.limits),
    )


def _around(one: Range, other: Range) -> Range:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Range(one.low, one.high, None)
    return Range(min(one.low, other.low), max(one.high, other.high), None)


def settled(units: int, drawn: Callable[[], float], t: float, name: str) -> Own:
    """The p beside a t interval, which is worked out only when it is asked for.

    Args:
        units: Independent units; of very many p is that of t.
        drawn: Works out p by permutation, or by flips of signs; p is no smaller than that of t.
        t: The p of the interval; 0 without one.
        name: Of p by permutation.
    """
    if units > MANY and t > 0:
        return Own(lambda: t, "t p")
    return Own(lambda: max(drawn(), t), f"{name} p{OR_T}")
