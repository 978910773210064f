"""Figures as plotly's own data: colours, labels, and the layout that all of them share."""

import json
from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

INK, ACCENT, GRID, SOFT = "#1f2933", "#9b2c2c", "#d9dee3", "#5b6770"
FONT = {"family": "system-ui, sans-serif", "size": 13, "color": INK}
# So many characters of a label fit above a line on a phone.
WIDE = 44
LINE = 17
# What a height of 1 is in pixels, for marks beside a point.
ROW = 60
# So many of an axis's title do.
NARROW = 46
# How far from a point, in pixels, the lines of the axis can be seen.
STRIP = 10


def as_json(figure: Any) -> str:
    """Return a figure as JSON that cannot end the script element it stands in."""
    return json.dumps(json.loads(figure.to_json()), sort_keys=True).replace("</", "<\\/")


def label(*lines: str) -> str:
    """Return lines as plotly's text, broken so that a phone has room for them, the first bold."""
    first, *rest = ("<br>".join(escape(part) for part in wrap(line, WIDE)) for line in lines)
    return "<br>".join([f"<b>{first}</b>", *(line for line in rest if line)])


def in_rows(figure: Any, labels: Sequence[str], axis: dict[str, Any]) -> Any:
    """Lay out a figure that has a row for each label, the label above what it names.

    Labels beside the rows would leave no room for the rows on a phone.

    Args:
        figure: Its points stand at the heights 0, 1, 2 and so on; they are moved, so that a row
            has as much room as its own label takes.
        labels: As plotly's text.
        axis: What is particular to the horizontal axis, with its range and title.
    """
    rows = [LINE * (text.count("<br>") + 1) + 26 for text in labels]
    at = [sum(rows[1 : place + 1]) for place in range(len(rows))]
    _move(figure, at)
    # All at once: one by one, each would be checked again with every next.
    notes = [_above(*one) for one in zip(at, labels, strict=True)]
    bands = [_band(*one, axis["range"]) for one in zip(at, rows, strict=True)]
    title = {"text": "<br>".join(wrap(axis["title"], NARROW)), "font": {"size": 13}}
    figure.layout.shapes = (*bands, *figure.layout.shapes)  # an update would join them in pairs
    figure.update_layout(
        annotations=notes,
        font=FONT,
        height=sum(rows) + 130,
        margin={"l": 8, "r": 12, "t": 8, "b": 100},
        plot_bgcolor="white",
        xaxis={
            **{"gridcolor": GRID, "zerolinecolor": INK, "fixedrange": True},
            **{**axis, "title": title},
        },
        yaxis={"visible": False, "range": _reach(rows), "fixedrange": True},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "yref": "container"},
    )
    return figure


def _move(figure: Any, at: Sequence[int]) -> None:
    """Move all that stands at the heights 0, 1, 2 and so on to heights in pixels."""

    def moved(y: float) -> float:
        place = round(y)
        return at[place] + ROW * (y - place)

    for trace in figure.data:
        trace.y = [moved(y) for y in trace.y]
    figure.layout.shapes = [
        {**shape.to_plotly_json(), "y0": moved(shape.y0), "y1": moved(shape.y1)}
        for shape in figure.layout.shapes
    ]


def _reach(rows: Sequence[int]) -> list[float]:
    """Return the ends of the vertical axis: a row is drawn at the foot of its label."""
    return [sum(rows[1:]) + 18, -4 - sum(rows[:1])]


def _above(place: int, text: str) -> dict[str, Any]:
    at = {"x": 0, "xref": "paper", "xanchor": "left", "y": place, "yanchor": "bottom"}
    look = {"align": "left", "showarrow": False, "font": {"size": 12}, "yshift": 9}
    return {**at, **look, "text": text}


def _band(place: int, row: int, ends: Sequence[float]) -> dict[str, Any]:
    """Return what keeps the lines of the axis out of a label: they are seen beside points alone.

    Args:
        place: The height of the point below the label.
        row: How many pixels a row has.
        ends: Of the axis; a shape between its lines and the points cannot refer to its domain.
    """
    across = {"x0": ends[0], "x1": ends[1]}
    up: dict[str, Any] = {"ysizemode": "pixel", "yanchor": place, "y0": STRIP}
    up["y1"] = row - STRIP if place else 2 * row  # above the first there is nothing
    look: dict[str, Any] = {"fillcolor": "white", "line": {"width": 0}, "layer": "between"}
    return {"type": "rect", **across, **up, **look}


def errors(
    middle: Sequence[float], low: Sequence[float | None], high: Sequence[float | None]
) -> dict[str, Any]:
    """Return intervals as plotly's bars; one that has no limits has no bar."""
    parts = list(zip(middle, low, high, strict=True))
    return {
        "array": [0.0 if above is None else above - at for at, _, above in parts],
        "arrayminus": [0.0 if below is None else at - below for at, below, _ in parts],
    }
