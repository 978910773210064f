"""Dose-response: an outcome over a factor whose levels are numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from peersim.analysis.arms import Arm, arm_label, by_arm
from peersim.analysis.declared import Finding
from peersim.analysis.rates import ArmMean, ArmRate, mean_table, rates
from peersim.readings.outcomes import SCORES
from peersim.readings.rows import TrialRow
from peersim.report.figures import ACCENT, FONT, GRID, INK, LINE, SOFT, as_json, errors
from peersim.report.page import Picture
from peersim.report.tables import Table, between, number, with_score
from peersim.study.contrast import Contrast, matches

FEWEST_DOSES = 3
# More curves than that cannot be told apart.
CURVES = 8
# How far curves are drawn from one another, as a share of the axis.
APART = 0.008
COLOURS = (ACCENT, "#2c5f8a", "#3f7d4e", "#b7791f", "#6b46a3", "#0f766e", "#a8547d", INK)


class Point(NamedTuple):
    """The outcome at one dose in one curve."""

    dose: float
    arm: ArmRate | ArmMean

    @property
    def value(self) -> float | None:
        """The rate or mean."""
        return self.arm.rate if isinstance(self.arm, ArmRate) else self.arm.mean


Curves = dict[str, list[Point]]


def dose_pictures(
    found: Sequence[TrialRow], arms: Sequence[Arm], declared: Mapping[str, Contrast], answers: Any
) -> list[Picture]:
    """Return a figure for each declared trend, and for each other factor of numbers.

    Args:
        found: The trials that may be seen.
        arms: The planned arms.
        declared: The declared contrasts, by id.
        answers: What came of them, in the order of the plan.
    """
    pictures, taken = [], set()
    given = {one.id: one for one in answers if isinstance(one, Finding)}
    for name, contrast in declared.items():
        if contrast.dose is not None:
            own = [row for row in found if matches(row.arm, contrast.a)]
            shape = given.get(name)
            taken.add((contrast.dose, contrast.outcome))
            pictures.append(_picture(name, contrast.dose, contrast.outcome, own, shape))
    for factor in numeric_factors(arms):
        if (factor, "protected") not in taken:
            pictures.append(_picture("", factor, "protected", found, None))
    return [picture for picture in pictures if picture]


def numeric_factors(arms: Sequence[Arm]) -> list[str]:
    """Return the factors that have at least three levels, all of them numbers."""
    levels: dict[str, set[str]] = {}
    for arm in arms:
        for factor, level in arm.items():
            levels.setdefault(factor, set()).add(level)
    return [
        factor
        for factor, of in levels.items()
        if len(of) >= FEWEST_DOSES and all(_number(level) is not None for level in of)
    ]


def curves(rows: Sequence[TrialRow], factor: str, outcome: str) -> Curves:
    """Return the outcome at each dose, a curve for each combination of the other factors."""
    own = [row for row in rows if _number(row.arm.get(factor, "")) is not None]
    if outcome in SCORES:
        own = with_score(own, outcome)
        table: Sequence[ArmRate | ArmMean] = mean_table(own, outcome, kind="score") if own else ()
    else:
        table = rates(own, outcome) if any(row.valid for row in own) else ()
    found: Curves = {}
    for line in table:
        rest = {name: level for name, level in line.arm.items() if name != factor}
        name = arm_label(rest) if rest else "all trials"
        found.setdefault(name, []).append(Point(float(line.arm[factor]), line))
    return {name: sorted(of, key=lambda point: point.dose) for name, of in found.items()}


def dose_figure(found: Curves, factor: str, outcome: str, shape: Finding | None) -> Any:
    """Return the curves with their intervals, and the monotone fit of a declared trend."""
    from plotly import graph_objects as go

    figure = go.Figure()
    doses = [point.dose for points in found.values() for point in points]
    apart, middle_one = APART * (max(doses) - min(doses)), (len(found) - 1) / 2
    for number_, (name, points) in enumerate(found.items()):
        shown = [(point, point.value) for point in points if point.value is not None]
        middle = [value for _, value in shown]
        low, high = ([getattr(point.arm, end) for point, _ in shown] for end in ("low", "high"))
        colour = COLOURS[number_ % len(COLOURS)]
        figure.add_trace(
            go.Scatter(
                x=[point.dose + apart * (number_ - middle_one) for point, _ in shown],
                y=middle,
                mode="lines+markers",
                name="<br>".join(name.split(", ")),
                error_y={**errors(middle, low, high), "thickness": 1.5},
                line={"color": colour, "width": 1.5},
                marker={"size": 9},
            )
        )
    if shape and shape.doses:
        figure.add_trace(
            go.Scatter(
                x=[point.dose for point in shape.doses],
                y=[point.monotone for point in shape.doses],
                mode="lines",
                name="monotone fit",
                line={"color": SOFT, "dash": "dash", "width": 2},
            )
        )
    fixed = {"gridcolor": GRID, "fixedrange": True, "zerolinecolor": GRID}
    scale = {} if outcome in SCORES else {"range": [-0.02, 1.02]}
    below = LINE * (sum(name.count(", ") + 1 for name in found) + 1) + 10 * len(found) + 30
    figure.update_layout(
        font=FONT,
        height=330 + below,
        margin={"l": 50, "r": 12, "t": 12, "b": below + 30},
        plot_bgcolor="white",
        xaxis={"title": factor, **fixed},
        yaxis={"title": f"{outcome}, 95 % interval", **fixed, **scale},
        legend={"x": 0, "y": 0, "yanchor": "bottom", "yref": "container"},
        showlegend=len(figure.data) > 1,
    )
    return figure


def _picture(
    name: str, factor: str, outcome: str, rows: Sequence[TrialRow], shape: Finding | None
) -> Picture | None:
    """Return the figure of one factor; None where there is nothing, or too much, to draw."""
    if not numeric_factors([arm for arm, _ in by_arm(rows)]).count(factor):
        return None
    found = curves(rows, factor, outcome)
    if not 0 < len(found) <= CURVES:
        return None
    slug = f"dose-{name or factor}-{outcome}".replace("_", "-").replace(".", "-")
    kind = f"{name}: declared" if name else "exploratory"
    return Picture(
        slug=slug,
        title=f"{outcome.replace('_', ' ')} over {factor} ({kind})",
        figure=as_json(dose_figure(found, factor, outcome, shape)),
        table=_table(slug, factor, outcome, found, shape),
        note="" if name else "No contrast on this dose was declared: the figure claims nothing.",
    )


def _table(slug: str, factor: str, outcome: str, found: Curves, shape: Finding | None) -> Table:
    fitted = {point.dose: point.monotone for point in shape.doses} if shape else {}
    return Table(
        slug=f"{slug}-table",
        title=f"{outcome} by {factor}",
        columns=("curve", factor, "valid", outcome, "95 % interval", "monotone fit", "method"),
        rows=tuple(
            (
                name,
                f"{point.dose:g}",
                f"{point.arm.valid} of {point.arm.n}",
                number(point.value),
                between(point.arm.low, point.arm.high),
                number(fitted.get(point.dose)),
                f"{point.arm.method}, {point.arm.units} units",
            )
            for name, points in found.items()
            for point in points
        ),
        note="The monotone fit is over all curves together." if fitted else "",
    )


def _number(level: str) -> float | None:
    try:
        return float(level)
    except ValueError:
        return None
