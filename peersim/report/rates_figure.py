"""The rates of arms as a figure: points with their intervals, refusals and losses beside them."""

from collections.abc import Sequence
from typing import Any

from peersim.analysis.arms import arm_label
from peersim.analysis.rates import ArmRate
from peersim.report.figures import ACCENT, INK, SOFT, errors, in_rows, label


def rates_figure(arms: Sequence[ArmRate], refused: Sequence[ArmRate] = ()) -> Any:
    """Return rates with their intervals, one row an arm, counts beside them.

    Args:
        arms: The rate of each arm; those without a valid trial are left out.
        refused: The rate of refusals in the same arms, to be drawn beside, with the share of
            trials that are invalid.
    """
    from plotly import graph_objects as go

    shown = [arm for arm in arms if arm.rate is not None]
    mean = [arm.rate or 0.0 for arm in shown]
    bars = errors(mean, [arm.low for arm in shown], [arm.high for arm in shown])
    points = go.Scatter(
        x=mean,
        y=list(range(len(shown))),
        mode="markers",
        legendrank=1,  # drawn last, so that no other mark lies on it
        name=shown[0].measure if shown else "",
        error_x={**bars, "color": INK, "thickness": 1.5},
        marker={"size": 11, "color": ACCENT},
        customdata=[arm_label(arm.arm) for arm in shown],
        hovertemplate="%{customdata}<br>%{x:.3f}<extra></extra>",
    )
    figure = go.Figure()
    if refused:
        others = {arm_label(arm.arm): arm for arm in refused}
        _beside(figure, "refused", [others[arm_label(arm.arm)].rate for arm in shown], "diamond")
        lost = [sum(arm.invalid.values()) / arm.n for arm in shown]
        _beside(figure, "invalid, of all", lost, "x-thin")
    figure.add_trace(points)
    turned = {arm_label(arm.arm): arm.count for arm in refused}
    labels = [
        label(name, _counts(arm, turned.get(name)))
        for arm, name in ((arm, arm_label(arm.arm)) for arm in shown)
    ]
    axis = {"range": [-0.02, 1.02], "title": "rate, 95 % interval"}
    figure = in_rows(figure, labels, axis)
    figure.update_layout(showlegend=bool(refused))
    return figure


def _beside(figure: Any, name: str, values: Sequence[float | None], symbol: str) -> None:
    from plotly import graph_objects as go

    marker = {"size": 9, "symbol": f"{symbol}-open", "color": SOFT, "line": {"width": 1.5}}
    figure.add_trace(
        go.Scatter(
            x=list(values),
            y=list(range(len(values))),
            mode="markers",
            name=name,
            marker=marker,
            hovertemplate=f"{name} %{{x:.3f}}<extra></extra>",
        )
    )


def _counts(arm: ArmRate, refused: int | None) -> str:
    """Write the counts, zeros too: marks at zero lie on one another and cannot be told apart."""
    lost = f", {sum(arm.invalid.values())} invalid"
    return (
        f"{arm.count} of {arm.valid}" + ("" if refused is None else f"; {refused} refused") + lost
    )
