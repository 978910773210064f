"""What was lost, in numbers: how arms differ in it, and how far it could move contrasts."""

from collections.abc import Sequence

from peersim.analysis.alarms import Alarm
from peersim.analysis.declared import Finding
from peersim.report.declared import Answer
from peersim.report.tables import Table, between, number, p_value


def alarms_table(alarms: Sequence[Alarm]) -> Table:
    """Return the checks of a study's conduct."""
    return Table(
        slug="alarms",
        title="Do arms differ in what was lost, and does time matter?",
        columns=("check", "of", "estimate", "95 % interval", "p", "alarm", "method"),
        rows=tuple(
            (
                alarm.check,
                alarm.of,
                f"{alarm.estimate:+.3f}",
                between(alarm.low, alarm.high),
                p_value(alarm.p) or "nothing varies",
                "RAISED" if alarm.raised else "no",
                alarm.method,
            )
            for alarm in alarms
        ),
        note="Invalid, incomplete and without a value: the share on side a less that on side b."
        " Drift: the change"
        " of the outcome per 100 run blocks, within arms. Not adjusted: an alarm should rather be"
        " raised once too often. An alarm that is silent proves nothing.",
    )


def lost_table(found: Sequence[Answer]) -> Table:
    """Return how far lost trials could move each declared contrast, and from where undo it."""
    given = [one for one in found if isinstance(one, Finding)]
    lossy = [one for one in given if any(side.invalid or side.absent for side in one.sides)]
    rows = [
        (
            one.id,
            " v ".join(f"{sum(side.invalid.values())} of {side.assigned}" for side in one.sides),
            " v ".join(str(side.absent) for side in one.sides),
            between(*one.bounds, 4) if one.bounds else "",
            number(one.tipping, 2) or "none",
            ", ".join(f"{side} {number(at, 2) or 'none'}" for side, at in one.alone.items()),
        )
        for one in lossy
    ]
    return Table(
        slug="lost",
        title="How far lost trials could move the contrasts",
        columns=(
            *("contrast", "invalid", "valid without a value", "worst to best", "tipping point"),
            "of one side alone",
        ),
        rows=tuple(rows),
        note="Worst to best: the estimate over all ways in which the invalid trials could have"
        " ended. Tipping point: the rate among the lost of the higher sides, against its mirror"
        " image on the others, from which nothing would be found. Of one side alone: that rate"
        " among its own lost, those of the other side being as its observed ones.",
    )
