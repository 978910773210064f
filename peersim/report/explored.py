"""Neighbouring arms of a study that declared nothing, as a forest plot."""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.analysis.pairs import ContrastLine
from peersim.report.figures import as_json
from peersim.report.forest import Row, forest_figure
from peersim.report.page import Picture
from peersim.report.tables import Table, between, number, p_value

# More rows make a plot that nobody reads.
DRAWN = 40


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
