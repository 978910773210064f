"""What stands behind the plots of declared contrasts: sides, methods, and other ways."""

from collections.abc import Iterator, Sequence

from peersim.analysis.arms import arm_label
from peersim.analysis.declared import Finding
from peersim.report.declared import Answer
from peersim.report.page import Part
from peersim.report.tables import Table, between, number, p_value


def detail_tables(found: Sequence[Answer]) -> list[Part]:
    """Return what stands behind the plots: sides, and the same by other ways."""
    given = [one for one in found if isinstance(one, Finding)]
    tables = (_more(given), _ways(given), _sides(given))
    return [table for table in tables if table.rows]


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
        columns=("contrast", "what", "which", "estimate", "interval", "level", "p", "method"),
        rows=tuple(row for one in found for row in _again(one)),
        note="Parts and other methods look both ways, whatever their contrast claims: their"
        " intervals stand at 1 - alpha, and their p is of two sides, but for a trend's.",
    )


def _again(one: Finding) -> Iterator[tuple[str, ...]]:
    for what, parts in (("part", one.parts), ("other method", one.sensitivity)):
        for part in parts:
            level = "" if part.low is None else f"{100 * (1 - one.alpha):.4g} %"
            numbers = (number(part.estimate, 4), between(part.low, part.high, 4), level)
            yield (one.id, what, part.name, *numbers, p_value(part.p), part.method)
    if inner := one.equivalence:
        level, name = f"{100 * inner.confidence:.4g} %", f"within {inner.margin:g}"
        numbers = (number(one.estimate, 4), between(inner.low, inner.high, 4), level)
        yield (one.id, "margin", name, *numbers, p_value(inner.p), "two one-sided tests")
    if spread := one.surfaces:
        said = (
            f"SD of the effect {number(spread.sd) or 'not estimable'},"
            f" {spread.modal_share:.0%} have its most common sign"
        )
        name = f"{spread.count} surfaces, one left out"
        yield (one.id, "surfaces", name, "", between(*spread.left_out, 4), "", "", said)
