"""What could make arms differ besides what was varied: losses, and time."""

from collections.abc import Sequence
from math import fsum

import numpy as np

from peersim.analysis.alarm import Alarm
from peersim.analysis.arms import Unit, arm_label, observed, unit_of
from peersim.analysis.grouped import Grouped
from peersim.analysis.losses import losses
from peersim.readings.rows import TrialRow
from peersim.stats.did import between_contrast
from peersim.stats.intervals import varies
from peersim.stats.slopes import slope_between
from peersim.study.protocol import Protocol

__all__ = ["Alarm", "alarms", "drift", "losses", "resumed"]


def alarms(protocol: Protocol, grouped: Grouped) -> list[Alarm]:
    """Return all checks that the trials allow.

    Args:
        protocol: What was declared.
        grouped: All trials.
    """
    found: list[Alarm] = []
    for contrast in protocol.contrasts:
        found += losses(contrast, protocol.factors, grouped)
    for outcome in dict.fromkeys(contrast.outcome for contrast in protocol.contrasts):
        found += [one for one in (drift(outcome, grouped), resumed(outcome, grouped)) if one]
    return found


def drift(outcome: str, grouped: Grouped) -> Alarm | None:
    """Return whether an outcome changes with the run blocks, within arms.

    Each history counts once, by its mean block and its mean distance from its arms' means.

    Args:
        outcome: The measure.
        grouped: All trials.

    Returns:
        None with fewer than ten histories, or all in one block.
    """
    when, what = _by_history(outcome, grouped)
    if len(when) < 10 or not varies(when):
        return None
    found = slope_between([block / 100 for block in when], what)
    return Alarm(
        check="drift",
        of=outcome,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        p=found.p,
        method=f"{found.method}, on run blocks within arms",
    )


def _by_history(outcome: str, grouped: Grouped) -> tuple[list[float], list[float]]:
    """Return the mean block of each history, and its mean distance from its arms' means."""
    known: dict[Unit, int] = {}
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for arm in grouped.arms:
        rows = grouped.rows(arm)
        column = np.array(rows.column(outcome), dtype=float)  # None becomes NaN
        seen = ~np.isnan(column)
        if seen.any():
            own = np.array([known.setdefault(unit, len(known)) for unit in rows.places])
            off = column[seen] - fsum(column[seen]) / int(seen.sum())
            blocks = np.array([row.block for row in rows], dtype=float)
            parts.append((own[rows.numbers[seen]], blocks[seen], off))
    if not parts:
        return [], []
    units, when, what = (np.concatenate(column) for column in zip(*parts, strict=True))
    many = np.bincount(units)
    means = (np.bincount(units, of)[many > 0] / many[many > 0] for of in (when, what))
    first, second = (of.tolist() for of in means)
    return first, second


def resumed(outcome: str, grouped: Grouped) -> Alarm | None:
    """Return whether arms differ in how an outcome changed when the study was resumed.

    Each arm's change from the trials of the first session to those of later ones, by history,
    against that of the others; the largest difference, with p for the number of arms. Each arm's
    change includes the time that passed, which is the same for all of them.

    Args:
        outcome: The measure.
        grouped: All trials.

    Returns:
        None with fewer than two arms that have two histories in both, or where nobody knows in
        which session a trial ran.
    """
    sessions = {of for arm in grouped.arms for of in grouped.rows(arm).sessions if of is not None}
    if len(sessions) < 2:
        return None
    first = min(sessions)
    parts: list[tuple[str, list[list[float]]]] = []
    for arm in grouped.arms:
        own = _before_and_after(grouped.rows(arm), outcome, first)
        if min(map(len, own)) >= 2:
            parts.append((arm_label(arm), own))
    if len(parts) < 2:
        return None
    cells = [cell for _, own in parts for cell in own]
    found = []
    for place, (name, _) in enumerate(parts):
        lead = [1.0 if one == place else -1 / (len(parts) - 1) for one in range(len(parts))]
        found.append((name, between_contrast(cells, [w for of in lead for w in (-of, of)])))
    name, largest = min(found, key=lambda one: (one[1].p, -abs(one[1].difference)))
    # Of two arms each is the mirror of the other.
    tests = len(found) if len(found) > 2 else 1
    return Alarm(
        check="resumed",
        of=f"{outcome}, {name}",
        estimate=largest.difference,
        low=largest.low,
        high=largest.high,
        p=min(1.0, tests * largest.p),
        method=f"{largest.method}, the clearest of {len(found)} arms by Bonferroni",
    )


def _before_and_after(
    rows: Sequence[TrialRow], outcome: str, first: int | None
) -> list[list[float]]:
    """The means of the histories of the first session and of later ones, about the arm's mean."""
    parts: tuple[dict[Unit, list[float]], dict[Unit, list[float]]] = ({}, {})
    for row, value in observed(rows, outcome):
        if row.session is not None:
            parts[row.session != first].setdefault(unit_of(row), []).append(value)
    means = [[fsum(of) / len(of) for of in part.values()] for part in parts]
    both = [value for part in means for value in part]
    centre = fsum(both) / len(both) if both else 0.0
    return [[value - centre for value in part] for part in means]
