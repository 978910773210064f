"""Whether the sides of a contrast lose different shares of their trials."""

from collections.abc import Callable, Collection, Mapping, Sequence

from peersim.analysis.alarm import Alarm
from peersim.analysis.arms import Arm, Unit, arm_key
from peersim.analysis.grouped import Grouped
from peersim.analysis.refusals import Level
from peersim.analysis.sides import differing_in
from peersim.analysis.trends import Doses, sides_by_dose, slope
from peersim.analysis.trials import Trials
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.attrition import loss_by_arm
from peersim.stats.did import did_between, did_events, did_mixed, did_within
from peersim.stats.intervals import LEVEL, Counts
from peersim.stats.tests import Comparison
from peersim.study.contrast import Contrast
from peersim.study.protocol import Scope

Lost = dict[Unit, Counts]
"""Lost and assigned trials of each history."""
Compared = Sequence[tuple[str, Comparison]]
"""What was compared, as a mark behind the contrast's name, and how it came out."""
VALUELESS = "without a value"
"""The check of valid trials that have no value of the outcome, as who refuses has no score."""


def losses(
    contrast: Contrast,
    scopes: Mapping[str, Scope],
    grouped: Grouped,
    only: Collection[str] = ("invalid", "incomplete", VALUELESS),
) -> tuple[Alarm, ...]:
    """Return whether the sides lose different shares of their trials, or leave them undone.

    Valid trials without a value of the outcome are lost to it too, and by what the overseer did:
    that is looked at wherever there are any. By the methods of an outcome, over all trials as they
    were assigned, so that a side that lost everything is compared too. Of a difference of
    differences a - b, c - d and the whole; of a dose the slope of the share. Nothing where a side
    has fewer than two histories.

    Args:
        contrast: The contrast.
        scopes: The scope of each factor.
        grouped: All trials.
        only: The checks wanted.
    """
    return tuple(
        Alarm(
            check=check,
            of=contrast.id + part,
            estimate=found.difference,
            low=found.low,
            high=found.high,
            p=found.p,
            method=found.method,
        )
        for check, lost in _checks(contrast, grouped).items()
        if check in only
        for part, found in _compared(contrast, scopes, grouped, lost)
    )


def _compared(
    contrast: Contrast,
    scopes: Mapping[str, Scope],
    grouped: Grouped,
    lost: Callable[[TrialRow], bool],
) -> Compared:
    if contrast.shape == "trend":
        return _by_dose(contrast, grouped, lost)
    cells = [cell for cell in (contrast.a, contrast.b, contrast.c, contrast.d) if cell is not None]
    arms = [grouped.matching(cell) for cell in cells]
    if any(not of for of in arms) or _shared(arms):
        return ()
    sides = [_lost(of, grouped, lost) for of in arms]
    if min(map(len, sides)) < 2:
        return ()
    found = []
    for name, place in (("a - b", 0), ("c - d", 2))[: len(sides) // 2]:
        pair = {"one": arms[place], "other": arms[place + 1]}
        apart = any(scopes.get(factor) == "history" for factor in differing_in(pair))
        part = f" ({name})" if len(sides) > 2 else ""
        found.append((part, _pair(sides[place], sides[place + 1], apart)))
    if len(sides) > 2:
        found.append((" ((a - b) - (c - d))", _of_four(sides)))
    return found


def _pair(a: Lost, b: Lost, apart: bool) -> Comparison:
    return loss_by_arm(_counts(a), _counts(b), forked=_forked(a, b) and not apart)


def _of_four(sides: Sequence[Lost]) -> Comparison:
    """The difference of differences of lost shares, by whichever sides share their histories."""
    a, b, c, d = sides
    counts = (_counts(a), _counts(b), _counts(c), _counts(d))
    if len({frozenset(side) for side in sides}) == 1:
        gaps = [_share(a[u]) - _share(b[u]) - _share(c[u]) + _share(d[u]) for u in sorted(a)]
        return did_within(gaps, counts)
    # (a - b) - (c - d) is (a - c) - (b - d) too: either may be the one within histories.
    if _forked(a, b) and _forked(c, d) and not a.keys() & c.keys():
        return did_mixed(_gaps(a, b), _gaps(c, d), counts)
    if _forked(a, c) and _forked(b, d) and not a.keys() & b.keys():
        own = (counts[0], counts[2], counts[1], counts[3])
        return did_mixed(_gaps(a, c), _gaps(b, d), own)
    units = [unit for side in sides for unit in side]
    if len({*units}) == len(units):
        return did_between([[_share(pair) for pair in of] for of in counts], counts)
    return did_events(counts)


def _by_dose(contrast: Contrast, grouped: Grouped, lost: Callable[[TrialRow], bool]) -> Compared:
    try:
        sides = sides_by_dose(contrast.dose or "", grouped.matching(contrast.a))
    except AnalysisRefusal:
        return ()
    tables = {dose: _lost(of, grouped, lost) for dose, of in sides.items()}
    if min(map(len, tables.values())) < 2:
        return ()
    forked = len({frozenset(table) for table in tables.values()}) == 1
    means = {dose: {u: _share(of[u]) for u in sorted(of)} for dose, of in tables.items()}
    counts = {dose: _counts(of) for dose, of in tables.items()}
    level: Level = "within" if forked else "between"
    chosen = slope(Doses(sides, means, level, 0, (), counts), 1 - LEVEL, 2)
    low, high, df = chosen.limits(LEVEL)
    return [
        (
            "",
            Comparison(
                difference=chosen.estimate,
                low=low,
                high=high,
                p=chosen.p(),
                method=f"{chosen.method}, of the share per unit of dose",
                df=df,
            ),
        )
    ]


def _lost(arms: Sequence[Arm], grouped: Grouped, lost: Callable[[TrialRow], bool]) -> Lost:
    found: Lost = {}
    for arm in arms:
        for unit, (many, of) in grouped.rows(arm).by_unit(lost).items():
            events, trials = found.get(unit, (0, 0))
            found[unit] = (events + many, trials + of)
    return found


def _shared(sides: Sequence[Sequence[Arm]]) -> bool:
    keys = [arm_key(arm) for of in sides for arm in of]
    return len({*keys}) < len(keys)


def _forked(one: Lost, other: Lost) -> bool:
    return one.keys() == other.keys()


def _counts(side: Lost) -> list[Counts]:
    return [side[unit] for unit in sorted(side)]


def _gaps(one: Lost, other: Lost) -> list[float]:
    return [_share(one[unit]) - _share(other[unit]) for unit in sorted(one)]


def _share(pair: Counts) -> float:
    return pair[0] / pair[1]


def _checks(contrast: Contrast, grouped: Grouped) -> dict[str, Callable[[TrialRow], bool]]:
    """What counts as lost, by the name of the check."""

    def valueless(row: TrialRow) -> bool:
        return row.valid and row.values.get(contrast.outcome) is None

    cells = (contrast.a, contrast.b, contrast.c, contrast.d)
    arms = [arm for cell in cells if cell is not None for arm in grouped.matching(cell)]
    found = dict(_LOSSES)
    if any(_without(grouped.rows(arm), contrast.outcome) for arm in arms):
        found[VALUELESS] = valueless
    return found


def _without(rows: Trials, outcome: str) -> bool:
    """Whether any valid trial lacks a value."""
    return sum(value is not None for value in rows.column(outcome)) < len(rows) - len(rows.lost)


_LOSSES: dict[str, Callable[[TrialRow], bool]] = {
    "invalid": lambda row: not row.valid,
    "incomplete": lambda row: row.values.get("incomplete") == 1,
}
