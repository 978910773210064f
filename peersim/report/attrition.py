"""What was lost, by arm: invalid and incomplete trials, whether arms differ in them, and when."""

from collections.abc import Sequence

from peersim.analysis.alarms import Alarm, drift, losses
from peersim.analysis.arms import Arm, arm_label
from peersim.analysis.grouped import Grouped
from peersim.analysis.pairs import neighbours
from peersim.analysis.rates import ArmRate
from peersim.analysis.studied import Studied
from peersim.readings.rows import TrialRow
from peersim.report.attrition_tables import alarms_table, lost_table
from peersim.report.page import Section
from peersim.report.tables import Table, between, lost, number
from peersim.study.contrast import Contrast
from peersim.study.protocol import Scope

# So many pairs of arms of a study that declared nothing are looked at for differing losses.
PAIRS = 24


def attrition(
    held: Studied | None,
    found: Sequence[TrialRow],
    arms: Sequence[Arm],
    protected: Sequence[ArmRate],
    incomplete: Sequence[ArmRate],
    scopes: dict[str, Scope],
) -> Section:
    """Return what was lost.

    Args:
        held: What came of the declared contrasts; None if there are none.
        found: The trials that may be seen.
        arms: The planned arms.
        protected: The rates of protection by arm.
        incomplete: The rates of incomplete trials, of the same arms.
        scopes: The scope of each factor.
    """
    alarms = held.alarms if held else tuple(_undeclared(found, arms, scopes))
    undone = lost_table(held.findings if held else ())
    tables = (_table(protected, incomplete), undone, alarms_table(alarms))
    return Section(
        slug="attrition",
        title="Attrition and alarms",
        notes=_said(alarms),
        parts=tuple(table for table in tables if table.rows),
    )


def _said(alarms: Sequence[Alarm]) -> tuple[str, ...]:
    raised = [f"{alarm.check} ({alarm.of})" for alarm in alarms if alarm.raised]
    if raised:
        return (f"ALARM: {'; '.join(raised)}.",)
    return ("No alarm was raised.",) if alarms else ("Too few trials for a check of drift.",)


def _undeclared(
    found: Sequence[TrialRow], arms: Sequence[Arm], scopes: dict[str, Scope]
) -> list[Alarm]:
    """Return the checks of a study that declared nothing, between neighbouring arms."""
    grouped = Grouped(found, arms)
    alarms = []
    pairs = neighbours(arms)
    for a, b, _ in pairs if len(pairs) <= PAIRS else ():
        pair = Contrast(id="pair", a=dict(a), b=dict(b))
        name = f"{arm_label(a)} v {arm_label(b)}"
        alarms += [
            one.model_copy(update={"of": name})
            for one in losses(pair, scopes, grouped)
            if one.estimate or one.raised
        ]
    moved = drift("protected", grouped)
    return [*alarms, moved] if moved else alarms


def _table(protected: Sequence[ArmRate], incomplete: Sequence[ArmRate]) -> Table:
    rows = [
        (
            arm_label(arm.arm),
            str(arm.n),
            lost(arm.invalid),
            _share(sum(arm.invalid.values()), arm.n),
            str(undone.count),
            _share(undone.count, undone.valid),
            number(arm.rate),
            between(*arm.bounds) if arm.bounds else "",
        )
        for arm, undone in zip(protected, incomplete, strict=True)
    ]
    return Table(
        slug="attrition-table",
        title="What was lost",
        columns=(
            *("arm", "trials", "invalid", "share", "incomplete", "share of valid"),
            *("protected", "if invalid were all 0, all 1"),
        ),
        rows=tuple(rows),
        note="Invalid: lost to infrastructure, in no denominator. Incomplete: the overseer ended"
        " without deciding; it is valid, and counts as not protected.",
    )


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else ""
