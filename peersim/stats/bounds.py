"""How far trials without an outcome could move a rate or a difference (Manski 1990)."""

from collections.abc import Iterable, Sequence
from math import fsum

Bounds = tuple[float, float]
Tally = tuple[int, int, int]
"""Events, valid trials, and invalid trials."""


def rate_bounds(tally: Tally) -> Bounds | None:
    """The rate if every invalid trial had been 0, and if every one had been 1.

    Args:
        tally: Events, valid trials and invalid trials of one arm.

    Returns:
        Worst and best rate; None where there is no trial at all.
    """
    count, valid, invalid = tally
    total = valid + invalid
    return (count / total, (count + invalid) / total) if total else None


def history_bounds(tallies: Iterable[Tally]) -> Bounds | None:
    """The same for the mean of the rates of histories, which weigh alike whatever they lost.

    Args:
        tallies: Events, valid trials and invalid trials of each history of one arm; histories
            without any trial are left out.

    Returns:
        Worst and best mean; None where there is no trial at all.
    """
    each = [of for tally in tallies if (of := rate_bounds(tally)) is not None]
    if not each:
        return None
    return fsum(low for low, _ in each) / len(each), fsum(high for _, high in each) / len(each)


def contrast_bounds(a: Sequence[Tally], b: Sequence[Tally]) -> Bounds | None:
    """The difference a - b under both extreme pairings of the invalid trials.

    The low end takes a's invalid trials as 0 and b's as 1, the high end the other way about.

    Args:
        a: Events, valid trials and invalid trials of each history of the first arm.
        b: The same of the second.

    Returns:
        Lowest and highest difference; None where an arm has no trial at all.
    """
    first, second = history_bounds(a), history_bounds(b)
    if first is None or second is None:
        return None
    return first[0] - second[1], first[1] - second[0]
