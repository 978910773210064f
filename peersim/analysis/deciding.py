"""Whether an analysis finds what a contrast claims, without asking for p where its limits tell."""

from peersim.analysis.claims import one_sided
from peersim.analysis.procedures import Procedure, Range
from peersim.study.contrast import Contrast

NEAR = 3.0
"""How many times the p of t a permutation's may be, which is largest for few histories of single
trials; see its test."""
NEAR_FLIPPED = 4.0
"""The same for flipped signs, which are coarser where few histories differ, and quicker."""
FEW_FLIPS = 12
"""Degrees of freedom below which flipped signs allow so few p that only p itself tells."""


def decides(contrast: Contrast, chosen: Procedure, near: float = NEAR) -> bool:
    """Return whether an analysis finds what a contrast claims.

    p is asked for only where the interval leaves the answer open; the permutations behind it take
    most of the time.

    Args:
        contrast: With the level of its test.
        chosen: The analysis.
        near: The p of the interval decides if it is above the level, or so many times below it; 0
            to ask for p always.
    """
    if contrast.alternative == "equivalent":
        return _within_margin(contrast, chosen)
    alpha = contrast.alpha * (1 if contrast.alternative == "two_sided" else 2)
    sure = _sure(chosen, alpha, near) if near else None
    if sure is not None:
        return sure and _claimed(contrast, chosen)
    return one_sided(chosen, contrast.alternative) <= contrast.alpha


def _within_margin(contrast: Contrast, chosen: Procedure) -> bool:
    """Return whether p of equivalence is below the level: its interval then lies inside."""
    # Drawn out to 0 they would lie within the margin all the same.
    low, high, _ = _plain(chosen, 1 - 2 * contrast.alpha)
    margin = contrast.margin
    if margin is None or low is None or high is None:
        return False
    return -margin <= low and high <= margin


def _claimed(contrast: Contrast, chosen: Procedure) -> bool:
    """Return whether an estimate lies on the side that is claimed."""
    if contrast.alternative == "greater":
        return chosen.estimate > 0
    return chosen.estimate < 0 if contrast.alternative == "less" else True


def _sure(chosen: Procedure, alpha: float, near: float) -> bool | None:
    """Return whether p is below the level, as far as the interval tells; None if it does not."""
    if chosen.plain and not _excludes(chosen, 1 - alpha):
        return False  # p is no smaller than that of the limits
    exact = ("Boschloo", "Fisher", "cluster-flip")
    flips, drawn = "flip" in chosen.method, "permutation" in chosen.method
    few = flips and (_plain(chosen, 1 - alpha).df or FEW_FLIPS) < FEW_FLIPS
    few = few or (flips and "Korn-Graubard" in chosen.method)
    if few or any(name in chosen.method for name in exact):
        return None
    if "p of the same interval" in chosen.method and not drawn:
        return _excludes(chosen, 1 - alpha)
    if chosen.estimate == 0:
        return False
    near = max(near, NEAR_FLIPPED) if flips else near
    return True if _excludes(chosen, 1 - alpha / near) else None


def _excludes(chosen: Procedure, level: float) -> bool:
    low, high, _ = _plain(chosen, level)
    return low is not None and high is not None and (low > 0 or high < 0)


def _plain(chosen: Procedure, level: float) -> Range:
    """The limits without what p makes of them, as p is what they are to spare."""
    return (chosen.plain or chosen.limits)(level)
