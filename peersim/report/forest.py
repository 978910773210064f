"""The forest plot: a row for each contrast, refused ones too."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from peersim.report.figures import ACCENT, INK, SOFT, errors, in_rows, label

# How a contrast of each role is marked: what the study stands or falls by is filled.
MARKS = {
    "primary": ("square", ACCENT),
    "secondary": ("square-open", ACCENT),
    "exploratory": ("circle-open", SOFT),
}
GAP = "#e4e7eb"


class Row(NamedTuple):
    """One row of the plot.

    Attributes:
        name: What stands above it, in bold.
        said: What stands below that: the numbers, or why there are none.
        estimate: None if it was refused.
        wide: The limits that hold for all contrasts of the family together, or None.
        margin: The largest difference that counts as none, or None.
    """

    name: str
    role: str
    said: str
    estimate: float | None
    low: float | None
    high: float | None
    wide: tuple[float, float] | None = None
    margin: float | None = None


def forest_figure(rows: Sequence[Row], axis: str) -> Any:
    """Return the rows as a plot around zero; a refused one is a gap that can be seen.

    Args:
        rows: In the order of the plan.
        axis: What the estimates are, with their unit.
    """
    from plotly import graph_objects as go

    figure = go.Figure()
    for role in MARKS:
        _points(figure, role, [(i, r) for i, r in enumerate(rows) if r.role == role])
    shapes = [shape for place, row in enumerate(rows) for shape in _shapes(place, row)]
    figure.update_layout(shapes=shapes)
    labels = [label(f"{row.name} ({row.role})", row.said) for row in rows]
    figure = in_rows(figure, labels, {"title": axis, "range": _range(rows), "zeroline": True})
    figure.update_layout(showlegend=len({row.role for row in rows}) > 1)
    return figure


def _points(figure: Any, role: str, own: Sequence[tuple[int, Row]]) -> None:
    from plotly import graph_objects as go

    shown = [(place, row) for place, row in own if row.estimate is not None]
    if not shown:
        return
    symbol, colour = MARKS[role]
    middle = [row.estimate or 0.0 for _, row in shown]
    bars = errors(middle, [row.low for _, row in shown], [row.high for _, row in shown])
    figure.add_trace(
        go.Scatter(
            x=middle,
            y=[place for place, _ in shown],
            mode="markers",
            name=role,
            error_x={**bars, "color": INK, "thickness": 2.5, "width": 5},
            marker={"size": 11, "symbol": symbol, "color": colour, "line": {"width": 2}},
            customdata=[row.name for _, row in shown],
            hovertemplate="%{customdata}<br>%{x:.3f}<extra></extra>",
        )
    )


def _shapes(place: int, row: Row) -> Iterator[dict[str, Any]]:
    """Yield what stands behind a row's point.

    The simultaneous interval is a thin line below the interval itself, the margin two dotted
    ticks, and a refused contrast a grey band.
    """
    line: dict[str, Any] = {"type": "line", "layer": "below"}
    if row.wide:
        look: dict[str, Any] = {"width": 1, "color": SOFT}
        yield {**line, "x0": row.wide[0], "x1": row.wide[1], "y0": place, "y1": place, "line": look}
    for at in (-row.margin, row.margin) if row.margin is not None else ():
        look = {"width": 1.5, "color": SOFT, "dash": "dot"}
        ends: dict[str, Any] = {"x0": at, "x1": at, "y0": place - 0.15, "y1": place + 0.15}
        yield {**line, **ends, "line": look}
    if row.estimate is None:
        ends = {"x0": 0, "x1": 1, "y0": place - 0.06, "y1": place + 0.06, "xref": "x domain"}
        yield {"type": "rect", "layer": "below", **ends, "fillcolor": GAP, "line": {"width": 0}}


def _range(rows: Sequence[Row]) -> list[float]:
    """Return a range that holds all there is, and zero."""
    found = [0.0]
    for row in rows:
        ends = (row.estimate, row.low, row.high, *(row.wide or ()))
        found += [end for end in ends if end is not None]
        found += [-row.margin, row.margin] if row.margin is not None else []
    low, high = min(found), max(found)
    room = 0.06 * (high - low) or 0.1
    return [low - room, high + room]
