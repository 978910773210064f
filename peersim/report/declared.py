"""The declared contrasts as a forest plot and as tables; refused ones keep their place."""

from collections.abc import Iterator, Sequence

from peersim.analysis.alarms import Alarm
from peersim.analysis.arms import arm_label
from peersim.analysis.declared import Finding, Refused
from peersim.analysis.pairs import ContrastLine
from peersim.analysis.pooled import verdict_of
from peersim.readings.outcomes import SCORES
from peersim.report.figures import as_json
from peersim.report.forest import Row, forest_figure
from peersim.report.page import Part, Picture
from peersim.report.tables import Table, between, number, p_value
from peersim.study.contrast import Contrast

Answer = Finding | Refused
# What the estimates of a plot are; estimates in different units have plots of their own.
AXES = {
    "rd": "difference of rates",
    "mean_diff": "difference of means",
    "trend": "change per unit of dose",
}
COLUMNS = (
    *("contrast", "role", "outcome", "estimate", "interval", "p", "adjusted p"),
    *("interval at the level tested", "interval for the whole family", "verdict"),
)
# More rows make a plot that nobody reads.
DRAWN = 40


def forests(found: Sequence[Answer], contrasts: Sequence[Contrast]) -> list[Part]:
    """Return a forest plot for each unit in which contrasts are estimated, with its table.

    Args:
        found: What came of the contrasts, in the order of the plan.
        contrasts: The contrasts.
    """
    declared = {contrast.id: contrast for contrast in contrasts}
    parts: list[Part] = []
    for axis, title in AXES.items():
        of_axis = [one for one in found if _axis(declared[one.id]) == axis]
        # A score's points would press all rates against zero.
        for unit in dict.fromkeys(map(_unit, of_axis)):
            own = [one for one in of_axis if _unit(one) == unit]
            slug = "-".join(part for part in (axis, unit) if part).replace("_", "-")
            whose = f"{title} of {unit}" if unit else title
            parts.append(_forest(slug, whose, own, declared))
    return parts


def detail_tables(found: Sequence[Answer]) -> list[Part]:
    """Return what stands behind the plots: sides, and the same by other ways."""
    given = [one for one in found if isinstance(one, Finding)]
    tables = (_more(given), _ways(given), _sides(given))
    return [table for table in tables if table.rows]


def explored_forest(lines: Sequence[ContrastLine]) -> Picture | None:
    """Return neighbouring arms of a study that declared nothing; None if they are too many."""
    if not lines or len(lines) > DRAWN:
        return None
    rows = []
    for line in lines:
        found = line.estimate
        name = f"{arm_label(line.a)} v {arm_label(line.b)}"
        if found is None:
            rows.append(Row(name, line.role, f"refused: {line.refusal}", None, None, None))
            continue
        said = f"{found.difference:+.3f}, p (Holm) {p_value(line.p_holm)}"
        rows.append(Row(name, line.role, said, found.difference, found.low, found.high))
    title = "difference of rates of protection, 95 % interval"
    return Picture(
        slug="forest-explored",
        title="Neighbouring arms, none of them declared",
        figure=as_json(forest_figure(rows, title)),
        table=Table(
            slug="forest-explored-table",
            title="The same in numbers",
            columns=("arms", "estimate", "95 % interval", "said"),
            rows=tuple(
                (row.name, number(row.estimate), between(row.low, row.high), row.said)
                for row in rows
            ),
        ),
        note="Exploratory: they support no claim.",
    )


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


def _unit(one: Answer) -> str:
    """Return what an estimate's unit goes by: nothing for rates, else the score it is of."""
    return one.outcome if one.outcome in SCORES else ""


def _axis(contrast: Contrast) -> str:
    return "trend" if contrast.shape == "trend" else contrast.scale


def _forest(slug: str, title: str, own: Sequence[Answer], declared: dict[str, Contrast]) -> Picture:
    levels = dict.fromkeys(f"{one.confidence:.4g}" for one in own if isinstance(one, Finding))
    level = " and ".join(f"{100 * float(of):.4g} %" for of in levels)
    rows = [_row(one, declared[one.id]) for one in own]
    interval = f", {level} interval" if level else ""
    return Picture(
        slug=f"forest-{slug}",
        title=f"Declared contrasts: {title}",
        figure=as_json(forest_figure(rows, title + interval)),
        table=_table(slug, own),
    )


def forest_key(found: Sequence[Answer], contrasts: Sequence[Contrast]) -> str:
    """Return how the plots are read: what is drawn in any of them, each once.

    Args:
        found: What came of the contrasts.
        contrasts: The contrasts.
    """
    said = ["Bars: the interval of each contrast alone."]
    if any(isinstance(one, Finding) and one.simultaneous for one in found):
        said.append("Thin lines: the interval at the level that the adjusted test held it to.")
    if any(contrast.margin is not None for contrast in contrasts):
        said.append("Dotted: the margin within which a difference counts as none.")
    if any(isinstance(one, Refused) for one in found):
        said.append("A grey band: refused, there is no number.")
    return " ".join(said)


def _row(one: Answer, contrast: Contrast) -> Row:
    if isinstance(one, Refused):
        return Row(one.id, one.role, f"refused: {one.why}", None, None, None, None, contrast.margin)
    adjusted = "" if one.p_adjusted is None else f", adjusted p {p_value(one.p_adjusted)}"
    said = f"{one.estimate:+.3f}{adjusted}: {verdict_of(one)}"
    limits = one.simultaneous
    return Row(one.id, one.role, said, one.estimate, one.low, one.high, limits, contrast.margin)


def _table(slug: str, own: Sequence[Answer]) -> Table:
    return Table(
        slug=f"declared-{slug}",
        title="The same in numbers",
        columns=COLUMNS,
        rows=tuple(_cells(one) for one in own),
        note="Adjusted: for the number of contrasts, their order and the looks. A refused contrast"
        " counts in its family with p = 1. At the level tested: it leaves 0 out just where the"
        " contrast is found. For the whole family: these hold for all its contrasts together,"
        " whatever is found.",
    )


def _cells(one: Answer) -> tuple[str, ...]:
    if isinstance(one, Refused):
        return (one.id, one.role, one.outcome, "refused", "", "", "", "", "", one.why)
    return (
        one.id,
        one.role,
        one.outcome,
        f"{one.estimate:+.4f}",
        between(one.low, one.high, 4),
        p_value(one.p),
        p_value(one.p_adjusted),
        between(*one.simultaneous, 4) if one.simultaneous else "",
        between(*one.joint, 4) if one.joint else "",
        verdict_of(one),
    )


def _ways(found: Sequence[Finding]) -> Table:
    return Table(
        slug="methods",
        title="How each was estimated",
        columns=("contrast", "level of interval", "df", "adjusted by", "method", "notes"),
        rows=tuple(
            (
                one.id,
                f"{100 * one.confidence:.4g} %",
                number(one.df, 1),
                one.adjustment,
                f"{one.method}; {one.level} histories",
                "; ".join(one.notes),
            )
            for one in found
        ),
    )


def _sides(found: Sequence[Finding]) -> Table:
    return Table(
        slug="sides",
        title="What each side rests on",
        columns=("contrast", "side", "rate or mean", "histories", "trials", "arms"),
        rows=tuple(
            (
                one.id,
                side.name,
                f"{side.mean:.4f}",
                str(side.histories),
                str(side.trials),
                "; ".join(arm_label(arm) for arm in side.arms),
            )
            for one in found
            for side in one.sides
        ),
    )


def _more(found: Sequence[Finding]) -> Table:
    return Table(
        slug="more",
        title="The same once more: in parts, by other methods, against a margin",
        columns=("contrast", "what", "which", "estimate", "interval", "p", "method"),
        rows=tuple(row for one in found for row in _again(one)),
    )


def _again(one: Finding) -> Iterator[tuple[str, ...]]:
    for what, parts in (("part", one.parts), ("other method", one.sensitivity)):
        for part in parts:
            numbers = (number(part.estimate, 4), between(part.low, part.high, 4))
            yield (one.id, what, part.name, *numbers, p_value(part.p), part.method)
    if inner := one.equivalence:
        how = f"two one-sided tests, {100 * inner.confidence:.4g} % interval"
        numbers = (number(one.estimate, 4), between(inner.low, inner.high, 4))
        yield (one.id, "margin", f"within {inner.margin:g}", *numbers, p_value(inner.p), how)
    if spread := one.surfaces:
        said = (
            f"SD of the effect {number(spread.sd) or 'not estimable'},"
            f" {spread.modal_share:.0%} have its most common sign"
        )
        name = f"{spread.count} surfaces, one left out"
        yield (one.id, "surfaces", name, "", between(*spread.left_out, 4), "", said)


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
