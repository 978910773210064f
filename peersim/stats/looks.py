"""Looks at a running study: O'Brien-Fleming spending of alpha over information fractions."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from peersim.frozen import Frozen
from peersim.stats.permute import Array

ALPHA = 0.05
NODES = 65
"""Of the integration over the boundaries of a look; more changes nothing in five digits."""
FARTHEST = 8.5
"""No boundary lies beyond this: a normal variable is there with a chance of 2e-17."""
LEAST_ALPHA, MOST_ALPHA = 1e-8, 0.999


class Looks(Frozen):
    """When a study is looked at, and how strong a result must be to stop it there.

    Attributes:
        fractions: Share of all histories that each look rests on, rising to at most 1.
        alpha: Two-sided, over all looks together.
        spent: Alpha spent up to each look.
        z: Boundary of abs(z) at each look.
        p: The same boundary as a two-sided p: stop if the p of the look is at most this.
    """

    fractions: tuple[float, ...]
    alpha: float
    spent: tuple[float, ...]
    z: tuple[float, ...]
    p: tuple[float, ...]

    def level(self, look: int) -> float:
        """The confidence level of the repeated interval at a look, counted from 0.

        Intervals of this level, whatever their method, cover together over all looks, so that
        the one at which the study stopped needs no further adjustment (Jennison and Turnbull
        1989).
        """
        return 1 - self.p[look]


def spending(fraction: float, alpha: float = ALPHA) -> float:
    """Two-sided alpha spent by an information fraction (Lan and DeMets 1983, O'Brien-Fleming).

    Args:
        fraction: Above 0, at most 1.
        alpha: Two-sided, of the whole study.
    """
    each = alpha / 2
    return float(4 * stats.norm.sf(stats.norm.isf(each / 2) / sqrt(fraction)))


def boundaries(fractions: Sequence[float], alpha: float = ALPHA) -> Looks:
    """The boundaries of two-sided looks, by integrating over what was not stopped before.

    The recursion is Armitage, McPherson and Rowe's (1969).

    Args:
        fractions: Rising, above 0 and at most 1; histories so far over histories planned.
        alpha: Two-sided, over all looks.

    Raises:
        ValueError: If the fractions do not rise within 0 to 1.
    """
    steps = [0.0, *fractions]
    if len(steps) < 2 or any(a >= b for a, b in pairwise(steps)):
        raise ValueError("information fractions rise from above 0")
    if steps[-1] > 1 + 1e-9:
        raise ValueError("information fractions are at most 1")
    spent = tuple(spending(min(1.0, t), alpha) for t in fractions)
    z = _boundaries(tuple(fractions), spent)
    p = tuple(float(2 * stats.norm.sf(value)) for value in z)
    return Looks(fractions=tuple(fractions), alpha=alpha, spent=spent, z=z, p=p)


def adjusted_p(ps: Sequence[float], fractions: Sequence[float]) -> float:
    """The p of a study after its looks so far: the smallest alpha that had stopped it by now.

    With a single look at everything it is the p itself (a sequential p, Liu and Anderson 2008).

    Args:
        ps: Two-sided p of each look so far; one that is 0 counts as the smallest float.
        fractions: Their information fractions.

    Raises:
        ValueError: If there are more p-values than fractions, or none.
    """
    if not 0 < len(ps) <= len(fractions):
        raise ValueError("each look has one p and one information fraction")
    z = [float(stats.norm.isf(max(p, 1e-300) / 2)) for p in ps]
    used = tuple(fractions[: len(ps)])

    def margin(alpha: float) -> float:
        bounds = boundaries(used, alpha).z
        return max(seen - bound for seen, bound in zip(z, bounds, strict=True))

    if margin(MOST_ALPHA) <= 0:
        return 1.0
    if margin(LEAST_ALPHA) >= 0:
        return LEAST_ALPHA
    return float(brentq(margin, LEAST_ALPHA, MOST_ALPHA, xtol=1e-8))


@lru_cache(maxsize=512)
def _boundaries(fractions: tuple[float, ...], spent: tuple[float, ...]) -> tuple[float, ...]:
    z = [min(FARTHEST, float(stats.norm.isf(spent[0] / 2)))]
    # Where the score process can be without having been stopped, and how densely it is there.
    points, weights = _grid(z[0] * sqrt(fractions[0]))
    mass = weights * stats.norm.pdf(points, scale=sqrt(fractions[0]))
    for before, t, step in zip(fractions, fractions[1:], np.diff(spent), strict=False):
        found = _next_boundary(points, mass, sqrt(t - before), sqrt(t), float(step))
        z.append(found)
        onto, weights = _grid(found * sqrt(t))
        moved = stats.norm.pdf(onto[:, None] - points[None, :], scale=sqrt(t - before))
        points, mass = onto, weights * (moved @ mass)
    return tuple(z)


def _next_boundary(points: Array, mass: Array, sd: float, root: float, step: float) -> float:
    def excess(z: float) -> float:
        up = stats.norm.sf((z * root - points) / sd)
        down = stats.norm.sf((z * root + points) / sd)
        return float(((up + down) * mass).sum()) - step

    return float(brentq(excess, 0.0, FARTHEST, xtol=1e-10)) if excess(FARTHEST) < 0 else FARTHEST


def _grid(edge: float) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes * edge, weights * edge
