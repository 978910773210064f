"""Figures as plotly's own data, made from analysis values; the page draws them."""

import json
from collections.abc import Mapping, Sequence
from math import atan2, degrees
from typing import Any

from peersim.analysis.arms import arm_label
from peersim.analysis.rates import ArmRate
from peersim.report.graph import Film, Frame, places

INK, ACCENT, GRID = "#1f2933", "#9b2c2c", "#d9dee3"
FONT = {"family": "system-ui, sans-serif", "size": 13, "color": INK}
# Weak ties are pale blue, strong ones dark red, as on a map of temperature.
SCALE = ((0.0, "#2c5f8a"), (0.5, "#b8bec5"), (1.0, "#9b2c2c"))


def as_json(figure: Any) -> str:
    """Return a figure as JSON that cannot end the script element it stands in."""
    return json.dumps(json.loads(figure.to_json()), sort_keys=True).replace("</", "<\\/")


def rates_figure(arms: Sequence[ArmRate]) -> Any:
    """Return the rates with their intervals, one line an arm, counts beside them."""
    from plotly import graph_objects as go

    shown = [arm for arm in arms if arm.rate is not None]
    names = [arm_label(arm.arm).replace(", ", "<br>") for arm in shown]
    mean = [arm.rate or 0.0 for arm in shown]
    above = [(arm.high or 0.0) - rate for arm, rate in zip(shown, mean, strict=True)]
    below = [rate - (arm.low or 0.0) for arm, rate in zip(shown, mean, strict=True)]
    counts = [f" {arm.count}/{arm.valid}" for arm in shown]
    points = go.Scatter(
        x=mean,
        y=names,
        mode="markers+text",
        text=counts,
        textposition="top center",
        error_x={"array": above, "arrayminus": below, "color": INK, "thickness": 1.5},
        marker={"size": 11, "color": ACCENT},
        hovertemplate="%{y}<br>%{x:.3f}<extra></extra>",
    )
    figure = go.Figure(points)
    figure.update_layout(
        font=FONT,
        height=110 + 70 * len(shown),
        margin={"l": 10, "r": 20, "t": 20, "b": 45},
        plot_bgcolor="white",
        xaxis={"range": [-0.02, 1.02], "title": "rate, 95 % interval", "gridcolor": GRID},
        yaxis={"autorange": "reversed", "automargin": True},
        showlegend=False,
    )
    return figure


def graph_figure(film: Film) -> Any:
    """Return the relationship graph with a slider over rounds; width and colour are the weight."""
    from plotly import graph_objects as go

    spots = places(film.agents)
    last = film.frames[-1] if film.frames else Frame(rounds=0, weights={})
    ties = list(last.weights)
    figure = go.Figure(
        data=[*_edges(last, ties, spots), _nodes(spots)],
        frames=[
            go.Frame(name=str(frame.rounds), data=[*_edges(frame, ties, spots), _nodes(spots)])
            for frame in film.frames
        ],
    )
    hidden = {"visible": False, "range": [-1.45, 1.45], "fixedrange": True}
    flat = len(film.agents) <= 2  # two agents stand side by side and need no height
    tall = {**hidden, "range": [-0.7, 0.7]} if flat else hidden
    figure.update_layout(
        font=FONT,
        height=300 if flat else 480,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        plot_bgcolor="white",
        xaxis=hidden,
        yaxis={**tall, "scaleanchor": "x"},
        showlegend=False,
        sliders=[_slider(film)],
    )
    return figure


def _slider(film: Film) -> dict[str, Any]:
    options = {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}
    return {
        "active": max(len(film.frames) - 1, 0),
        "currentvalue": {"prefix": "rounds played: "},
        "pad": {"t": 10},
        "steps": [
            {"label": str(f.rounds), "method": "animate", "args": [[str(f.rounds)], options]}
            for f in film.frames
        ],
    }


def _nodes(spots: Mapping[str, tuple[float, float]]) -> Any:
    from plotly import graph_objects as go

    return go.Scatter(
        x=[x for x, _ in spots.values()],
        y=[y for _, y in spots.values()],
        mode="markers+text",
        text=list(spots),
        # Sine of a half turn is a little more than nothing, hence not "y > 0".
        textposition=["top center" if y > 0.01 else "bottom center" for _, y in spots.values()],
        marker={"size": 30, "color": "white", "line": {"width": 2, "color": INK}},
        hoverinfo="text",
    )


def _edges(
    frame: Frame, ties: Sequence[tuple[str, str]], spots: Mapping[str, tuple[float, float]]
) -> list[Any]:
    """Return a curve and an arrow head for each tie; a tie not there yet is not drawn."""
    from plotly import graph_objects as go

    drawn = []
    for source, target in ties:
        weight = frame.weights.get((source, target))
        curve = _curve(spots[source], spots[target])
        colour = _colour(weight or 0.0)
        text = "" if weight is None else f"{source} to {target}: {weight:.2f}"
        drawn.append(
            go.Scatter(
                x=[x for x, _ in curve],
                y=[y for _, y in curve],
                mode="lines+markers+text",
                line={"width": 1 + 9 * (weight or 0.0), "color": colour},
                marker={
                    "symbol": "triangle-up",
                    "size": [0] * 7 + [16] + [0] * 3,
                    "angle": _heading(curve[6], curve[8]),
                    "color": colour,
                    "opacity": 1,
                },
                text=[""] * 5 + ["" if weight is None else f"{weight:.2f}"] + [""] * 5,
                textposition="bottom center" if curve[5][1] < -0.01 else "top center",
                hovertext=text,
                hoverinfo="text",
                opacity=0 if weight is None else 1,
            )
        )
    return drawn


def _curve(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Return eleven points of a bow from one agent to another; the way back bends the other way."""
    (x0, y0), (x1, y1) = start, end
    bend = 0.22
    mid = ((x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0))
    points = []
    for step in range(11):
        t = step / 10
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append((a * x0 + b * mid[0] + c * x1, a * y0 + b * mid[1] + c * y1))
    return points


def _heading(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Return the clockwise turn from upwards that points along a curve."""
    return 90 - degrees(atan2(after[1] - before[1], after[0] - before[0]))


def _colour(weight: float) -> str:
    from plotly.colors import sample_colorscale

    return str(sample_colorscale([list(stop) for stop in SCALE], [min(max(weight, 0), 1)])[0])
