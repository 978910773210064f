"""The relationship graph as a moving picture: arrows on a ring, and the same as a table of colours.

A ring of more than a few agents has too many arrows for numbers beside them; the matrix below it
has room for all.
"""

from collections.abc import Mapping, Sequence
from math import atan2, degrees, hypot
from typing import Any

from peersim.report.figures import FONT, INK
from peersim.report.graph import Film, Frame, places

Spot = tuple[float, float]
Tie = tuple[str, str]
# Weak ties are blue, strong ones dark red, as on a map of temperature.
SCALE = ((0.0, "#2c5f8a"), (0.5, "#b8bec5"), (1.0, "#9b2c2c"))
FEW = 3  # up to so many agents the numbers stand beside the arrows, and no matrix is needed
RIM = 0.13  # from the middle of an agent to where its arrows begin, in units of the ring
POINTS = 11


def graph_figure(film: Film) -> Any:
    """Return the relationship graph with a slider over rounds; width and colour are the weight."""
    from plotly import graph_objects as go

    spots = places(film.agents)
    last = film.frames[-1] if film.frames else Frame(rounds=0, weights={})
    ties = list(last.weights)
    crowded = len(film.agents) > FEW
    drawn = [_tie(tie, last, spots, crowded) for tie in ties]
    figure = go.Figure(data=[*drawn, _agents(spots), *([_matrix(film, last)] if crowded else [])])
    figure.frames = [_still(film, frame, ties, crowded) for frame in film.frames]
    figure.update_layout(**_layout(film, crowded))
    return figure


def _still(film: Film, frame: Frame, ties: Sequence[Tie], crowded: bool) -> Any:
    """Return what changes for one frame; what stays in its place is not said again."""
    from plotly import graph_objects as go

    changes = [go.Scatter(**_look(tie, frame, crowded)) for tie in ties]
    order = list(range(len(ties)))
    if crowded:
        changes.append(go.Heatmap(z=_weights(film, frame), text=_texts(film, frame)))
        order.append(len(ties) + 1)  # the agents stand between
    return go.Frame(name=str(frame.rounds), data=changes, traces=order)


def _layout(film: Film, crowded: bool) -> dict[str, Any]:
    hidden = {"visible": False, "range": [-1.3, 1.3], "fixedrange": True}
    flat = len(film.agents) <= 2  # two agents stand side by side and need no height
    tall = {**hidden, "range": [-0.7, 0.7]} if flat else hidden
    axes: dict[str, Any] = {"xaxis": hidden, "yaxis": {**tall, "scaleanchor": "x"}}
    if crowded:
        axes["yaxis"]["domain"] = [0.45, 1.0]
        axes["xaxis2"] = {"anchor": "y2", "fixedrange": True, "tickangle": -45}
        axes["yaxis2"] = {
            "anchor": "x2",
            "fixedrange": True,
            "domain": [0.05, 0.4],
            "autorange": "reversed",
        }
    return {
        "font": FONT,
        "height": 940 if crowded else 360 if flat else 540,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "plot_bgcolor": "white",
        "showlegend": False,
        "sliders": [_slider(film)],
        "updatemenus": [_buttons()],
        **axes,
    }


def _slider(film: Film) -> dict[str, Any]:
    options = {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}
    return {
        "active": max(len(film.frames) - 1, 0),
        "currentvalue": {"prefix": "rounds played: "},
        "pad": {"t": 85},
        "steps": [
            {"label": str(f.rounds), "method": "animate", "args": [[str(f.rounds)], options]}
            for f in film.frames
        ],
    }


def _buttons() -> dict[str, Any]:
    """Return the buttons that play the rounds from the beginning and stop."""
    run = {"mode": "immediate", "frame": {"duration": 700}, "transition": {"duration": 0}}
    stop = {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}
    return {
        "type": "buttons",
        "direction": "left",
        "x": 0.0,
        "y": 0.0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 45},
        "showactive": False,
        "buttons": [
            {"label": "Play", "method": "animate", "args": [None, run]},
            {"label": "Stop", "method": "animate", "args": [[None], stop]},
        ],
    }


def _agents(spots: Mapping[str, Spot]) -> Any:
    from plotly import graph_objects as go

    return go.Scatter(
        x=[x for x, _ in spots.values()],
        y=[y for _, y in spots.values()],
        mode="markers+text",
        text=list(spots),
        # Sine of a half turn is a little more than nothing, hence not "y > 0".
        textposition=["top center" if y > 0.01 else "bottom center" for _, y in spots.values()],
        marker={"size": 26, "color": "white", "line": {"width": 2, "color": INK}},
        hoverinfo="text",
    )


def _tie(tie: Tie, frame: Frame, spots: Mapping[str, Spot], crowded: bool) -> Any:
    """Return a curve that ends in an arrow head."""
    from plotly import graph_objects as go

    curve = _curve(spots[tie[0]], spots[tie[1]])
    trace = go.Scatter(
        x=[x for x, _ in curve],
        y=[y for _, y in curve],
        mode="lines+markers+text",
        textposition="bottom center" if curve[POINTS // 2][1] < -0.01 else "top center",
        hoverinfo="text",
    )
    head = {"symbol": "triangle-up", "angle": _heading(curve[-3], curve[-1])}
    trace.update(_look(tie, frame, crowded))
    trace.marker.update(head)
    return trace


def _look(tie: Tie, frame: Frame, crowded: bool) -> dict[str, Any]:
    """Return what of a tie depends on its weight; a tie not there yet is not seen."""
    weight = frame.weights.get(tie)
    said = "" if weight is None else f"{weight:.2f}"
    middle = "" if crowded else said
    width = (0.5 + 3.5 * (weight or 0)) if crowded else (1 + 9 * (weight or 0))
    colour = _colour(weight or 0.0)
    return {
        "line": {"width": width, "color": colour},
        "marker": {"size": [0] * (POINTS - 1) + [10 if crowded else 16], "color": colour},
        "text": [middle if i == POINTS // 2 else "" for i in range(POINTS)],
        "hovertext": f"{tie[0]} to {tie[1]}: {said}" if said else "",
        "opacity": 0 if weight is None else 1,
    }


def _matrix(film: Film, frame: Frame) -> Any:
    """Return the weights as a table of colours: a row is who acted, a column to whom."""
    from plotly import graph_objects as go

    return go.Heatmap(
        x=list(film.agents),
        y=list(film.agents),
        z=_weights(film, frame),
        text=_texts(film, frame),
        texttemplate="%{text}",
        hovertemplate="%{y} to %{x}: %{text}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in SCALE],
        showscale=False,
        xgap=2,
        ygap=2,
        xaxis="x2",
        yaxis="y2",
    )


def _weights(film: Film, frame: Frame) -> list[list[float | None]]:
    return [[frame.weights.get((a, b)) for b in film.agents] for a in film.agents]


def _texts(film: Film, frame: Frame) -> list[list[str]]:
    return [
        ["" if weight is None else f"{weight:.2f}" for weight in row]
        for row in _weights(film, frame)
    ]


def _curve(start: Spot, end: Spot) -> list[Spot]:
    """Return the points of a bow between the rims of two agents; the way back bends otherwise."""
    (x0, y0), (x1, y1) = start, end
    bend = 0.22
    mid = ((x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0))
    rim = min(RIM / (hypot(x1 - x0, y1 - y0) or 1), 0.4)
    points = []
    for step in range(POINTS):
        t = rim + (1 - 2 * rim) * step / (POINTS - 1)
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append((a * x0 + b * mid[0] + c * x1, a * y0 + b * mid[1] + c * y1))
    return points


def _heading(before: Spot, after: Spot) -> float:
    """Return the clockwise turn from upwards that points along a curve."""
    return 90 - degrees(atan2(after[1] - before[1], after[0] - before[0]))


def _colour(weight: float) -> str:
    from plotly.colors import sample_colorscale

    return str(sample_colorscale([list(stop) for stop in SCALE], [min(max(weight, 0), 1)])[0])
