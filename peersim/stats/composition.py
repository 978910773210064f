"""How trials divide over exclusive outcomes, with intervals that hold for all classes together."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from peersim.stats.draws import redrawn
from peersim.stats.intervals import LEVEL, RARE, Interval, exact, korn_graubard
from peersim.stats.permute import ROUNDING, Array

DRAWS = 1999
SCARCE = 10
"""Below this many trials in a class Sison and Glaz cover too little (.88 at 5 of 100), or nothing:
their lower limit for 10 of 10 is 1."""


def simultaneous(counts: Sequence[int], level: float = LEVEL) -> list[Interval]:
    """Sison and Glaz's simultaneous intervals (1995) for independent trials.

    Where a class has fewer than 10 trials: exact ones, with the error shared out (Bonferroni).

    Args:
        counts: Trials of each class.
        level: At which all intervals hold together.

    Raises:
        ValueError: If there is no trial.
    """
    total = sum(counts)
    if not total:
        raise ValueError("a composition needs at least one trial")
    if min(counts) < SCARCE or len(counts) < 2:
        return [_exact(count, total, len(counts), level) for count in counts]
    from statsmodels.stats.proportion import multinomial_proportions_confint

    found = multinomial_proportions_confint(
        np.asarray(counts), alpha=1 - level, method="sison-glaz"
    )
    return [
        Interval(
            low=max(0.0, float(low)),
            high=min(1.0, float(high)),
            level=level,
            method="Sison-Glaz, simultaneous",
            units=total,
        )
        for low, high in found
    ]


def _exact(count: int, total: int, classes: int, level: float) -> Interval:
    limits = exact(count, total, 1 - (1 - level) / classes)
    update = {"level": level, "method": f"{limits.method}, Bonferroni"}
    return limits.model_copy(update=update)


def clustered_composition(
    histories: Sequence[Sequence[int]], level: float = LEVEL
) -> list[Interval]:
    """Simultaneous intervals for shares of classes, by redrawing histories.

    The largest studentised deviation over the classes sets the width. Classes that fewer than 5
    histories show, or lack, have Korn and Graubard's interval at the level shared out over all
    classes instead: redrawing cannot show what hardly occurs.

    Args:
        histories: Of each history, its trials of each class.
        level: At which all intervals hold together.

    Raises:
        ValueError: If there is no trial.
    """
    table = np.array([row for row in histories if sum(row)], dtype=float)
    if not len(table):
        raise ValueError("a composition needs at least one trial")
    sizes, classes = table.sum(axis=1), table.shape[1]
    having, lacking = (table > 0).sum(axis=0), (table < sizes[:, None]).sum(axis=0)
    rare = np.minimum(having, lacking) < RARE
    shares, errors = _ratios(table[None])
    critical = _critical(table, shares[0], ~rare, level) if not rare.all() else 0.0
    shared = 1 - (1 - level) / classes
    found = []
    for k in range(classes):
        if rare[k]:
            pairs = [(int(row[k]), int(row.sum())) for row in table]
            limits = korn_graubard(pairs, shared)
            low, high, how = limits.low, limits.high, f"{limits.method}, Bonferroni"
        else:
            share, half = float(shares[0, k]), critical * float(errors[0, k])
            low, high = max(0.0, share - half), min(1.0, share + half)
            how = "bootstrap-t of histories, simultaneous"
        found.append(Interval(low=low, high=high, level=level, method=how, units=len(table)))
    return found


def _critical(table: Array, shares: Array, kept: np.ndarray, level: float) -> float:
    drawn, errors = _ratios(table[redrawn(len(table), DRAWS)])
    gaps = np.abs(drawn - shares)[:, kept]
    t = gaps / np.maximum(errors[:, kept], ROUNDING)
    # A draw in which a class does not vary has no t; its gap there says nothing of the width.
    t = np.where(errors[:, kept] > ROUNDING, t, 0.0)
    drawn_t = float(np.quantile(t.max(axis=1), level, method="higher"))
    # Redrawing knows little of tails; the t that holds for any correlation is the floor.
    tail = (1 - level) / (2 * table.shape[1])
    return max(drawn_t, float(stats.t.isf(tail, len(table) - 1)))


def _ratios(tables: Array) -> tuple[Array, Array]:
    """Shares of the classes and their errors over histories; shape (tables, classes)."""
    sizes = tables.sum(axis=2, keepdims=True)
    total, h = sizes.sum(axis=1), tables.shape[1]
    shares = tables.sum(axis=1) / total
    squares = ((tables - shares[:, None, :] * sizes) ** 2).sum(axis=1)
    return shares, np.sqrt(squares * h / max(1, h - 1)) / total
