"""Claims of no relevant difference: two one-sided tests against a margin declared beforehand."""

from collections.abc import Callable

from scipy.optimize import brentq

from peersim.stats.intervals import Interval
from peersim.stats.tests import SMALLEST_P


def inside_p(interval_at: Callable[[float], Interval], margin: float) -> float:
    """The smallest alpha at which the interval of level 1 - 2 alpha lies inside the margin.

    Of an interval by t this is the larger p of the two one-sided t tests (Schuirmann 1987); of any
    other, such as MOVER's for rare events, it is the same claim by that interval.

    Args:
        interval_at: The interval at a given level; its limits move outwards as that grows.
        margin: Above 0.

    Returns:
        A p of at least 1e-9, and 0.5 at most where the estimate lies inside; 1 where even the
        narrowest interval does not fit.
    """

    def room(alpha: float) -> float:
        found = interval_at(1 - 2 * alpha)
        return margin - max(abs(found.low), abs(found.high))

    largest = 0.4995
    if room(largest) <= 0:
        return 1.0
    if room(SMALLEST_P) > 0:
        return SMALLEST_P
    return float(brentq(room, SMALLEST_P, largest, xtol=1e-10))
