"""Kappa: agreement beyond chance, of two raters (Cohen 1960) or of more (Fleiss 1971)."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from peersim.frozen import Frozen

Ratings = Sequence[Sequence[str | None]]
"""The ratings of each unit, one a rater in the same order; None where a rater gave none."""


class Kappa(Frozen):
    """How far raters agree beyond chance; answers are taken as names, whatever their order.

    Attributes:
        name: Cohen's or Fleiss'.
        value: 1 is perfect agreement, 0 what chance would give; None where it is not defined:
            no unit, or all ratings are the same.
        units: Units that every rater rated: the others are left out.
    """

    name: str
    value: float | None
    units: int


def kappa(ratings: Ratings, values: Sequence[str]) -> Kappa | None:
    """Cohen's kappa of two raters, Fleiss' of more; None of a single one.

    Args:
        ratings: The ratings.
        values: All values that a rating can have.

    Raises:
        ValueError: If units differ in their number of raters, or a rating is none of the values.
    """
    raters = {len(unit) for unit in ratings}
    if len(raters) > 1:
        raise ValueError("each unit needs a place for each rater")
    if not raters or max(raters) < 2:
        return None
    whole = [[r for r in unit if r is not None] for unit in ratings if None not in unit]
    if strays := {rating for unit in whole for rating in unit} - set(values):
        raise ValueError(f"{sorted(strays)[0]!r} is none of the values {', '.join(values)}")
    two = raters == {2}
    name = "Cohen's kappa" if two else "Fleiss' kappa"
    if not whole:
        return Kappa(name=name, value=None, units=0)
    found = _cohen(whole, values) if two else _fleiss(whole, values)
    return Kappa(name=name, value=found if isfinite(found) else None, units=len(whole))


def _cohen(units: Sequence[Sequence[str]], values: Sequence[str]) -> float:
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.zeros((len(values), len(values)))
    for one, other in units:
        table[values.index(one), values.index(other)] += 1
    with np.errstate(all="ignore"):
        return float(cohens_kappa(table, return_results=False))


def _fleiss(units: Sequence[Sequence[str]], values: Sequence[str]) -> float:
    from statsmodels.stats.inter_rater import fleiss_kappa

    table = np.array([[list(unit).count(value) for value in values] for unit in units])
    with np.errstate(all="ignore"):
        return float(fleiss_kappa(table, method="fleiss"))
