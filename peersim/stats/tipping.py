"""How the missing trials would have to be for a difference to lose its significance."""

from collections.abc import Callable, Sequence
from typing import cast

from scipy.optimize import brentq

from peersim.frozen import Frozen
from peersim.stats.attrition import between_rates
from peersim.stats.bounds import Tally
from peersim.stats.intervals import Counts

ALPHA = 0.05
Shares = Sequence[tuple[float, float]]
"""Events and trials of each history; with missing trials filled in, events need not be whole."""


class TippingPoint(Frozen):
    """How the missing trials would have to be for a difference to lose its significance.

    Attributes:
        p: Of the observed trials alone.
        first: The rate among the first arm's missing trials at which p reaches alpha, those of
            the other arm being as their observed ones; None if no rate does that.
        second: The same of the second arm.
        worst: p with the missing trials of both arms set against the difference.
        robust: Whether even that is at most alpha.
        alpha: The level.
        method: The name of the method.
        notes: What a reader of the number must know.
    """

    p: float
    first: float | None
    second: float | None
    worst: float
    robust: bool
    alpha: float
    method: str
    notes: tuple[str, ...] = ()


def tipping_point(
    a: Sequence[Tally],
    b: Sequence[Tally],
    alpha: float = ALPHA,
    p_of: Callable[[Shares, Shares], float] | None = None,
) -> TippingPoint:
    """The rate among the missing trials of an arm that removes significance.

    Missing trials are filled in with their expected events at each rate tried.

    Args:
        a: Events, valid and missing trials of each history of the first arm.
        b: The same of the second.
        alpha: The level of significance.
        p_of: The p of two arms' histories; by default that of ``shares_p``.

    Raises:
        ValueError: If an arm has no valid trial.
    """
    if any(not sum(valid for _, valid, _ in arm) for arm in (a, b)):
        raise ValueError("a tipping point needs a valid trial in each arm")
    test = p_of or shares_p
    own = [sum(c for c, _, _ in arm) / sum(v for _, v, _ in arm) for arm in (a, b)]
    seen = test(*([(float(c), float(v)) for c, v, _ in arm if v] for arm in (a, b)))
    sign = 1.0 if own[0] >= own[1] else -1.0
    against = (0.0, 1.0) if sign > 0 else (1.0, 0.0)

    def p_at(first: float, second: float) -> float:
        filled = _filled(a, first), _filled(b, second)
        gap = sign * (_rate(filled[0]) - _rate(filled[1]))
        return test(*filled) if gap > 0 else 1.0

    worst = p_at(*against)
    return TippingPoint(
        p=seen,
        first=_crossing(lambda q: p_at(q, own[1]) - alpha, own[0], against[0]),
        second=_crossing(lambda q: p_at(own[0], q) - alpha, own[1], against[1]),
        worst=worst,
        robust=worst <= alpha,
        alpha=alpha,
        method="tipping point by expected events",
        notes=("not significant before any is filled in",) if seen > alpha else (),
    )


def shares_p(a: Shares, b: Shares) -> float:
    """Two-sided p of two arms' rates, by the method that their events allow between histories.

    Args:
        a: Events and trials of each history of the first arm.
        b: The same of the second.
    """
    # The formulas take shares of events as well as whole ones.
    return between_rates(cast(Sequence[Counts], a), cast(Sequence[Counts], b)).p


def _filled(arm: Sequence[Tally], rate: float) -> list[tuple[float, float]]:
    kept = [(c + rate * lost, float(valid + lost)) for c, valid, lost in arm]
    return [(c, m) for c, m in kept if m]


def _rate(arm: Shares) -> float:
    return sum(c for c, _ in arm) / sum(m for _, m in arm)


def _crossing(excess: Callable[[float], float], start: float, end: float) -> float | None:
    """Where p passes alpha on the way from the observed rate to the extreme one, to 0.001."""
    if excess(start) > 0 or excess(end) <= 0:
        return None
    return float(brentq(excess, min(start, end), max(start, end), xtol=1e-3))
