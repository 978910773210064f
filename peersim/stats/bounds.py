"""How far trials without an outcome could move a rate or a difference (Manski 1990)."""

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


def contrast_bounds(a: Tally, b: Tally) -> Bounds | None:
    """The difference a - b under both extreme pairings of the invalid trials.

    The low end takes a's invalid trials as 0 and b's as 1, the high end the other way about.

    Args:
        a: Events, valid trials and invalid trials of the first arm.
        b: The same of the second.

    Returns:
        Lowest and highest difference; None where an arm has no trial at all.
    """
    first, second = rate_bounds(a), rate_bounds(b)
    if first is None or second is None:
        return None
    return first[0] - second[1], first[1] - second[0]
