"""Figures as plotly's own data, made from analysis values; the page draws them."""

import json
from collections.abc import Sequence
from typing import Any

from peersim.analysis.arms import arm_label
from peersim.analysis.rates import ArmRate

INK, ACCENT, GRID = "#1f2933", "#9b2c2c", "#d9dee3"
FONT = {"family": "system-ui, sans-serif", "size": 13, "color": INK}


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
