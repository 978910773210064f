"""A study's contrasts as a tracker shows them: a line each, and the forest plot of all."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from peersim.analysis.arms import Arm, arm_label
from peersim.analysis.declared import Finding, Part, Refused
from peersim.analysis.pairs import ContrastLine, contrasts
from peersim.analysis.pooled import model_parts, verdict_of
from peersim.analysis.studied import Studied
from peersim.readings.rows import TrialRow
from peersim.tracking.page import Cell

COLUMNS = (
    *("contrast", "role", "outcome", "estimate", "low", "high", "p", "p_adjusted"),
    *("method", "verdict"),
)
# More lines make a plot that nobody reads.
DRAWN = 40


class Line(NamedTuple):
    """A contrast.

    Attributes:
        name: The id under which it was declared; empty if it was not.
        title: What is compared with what.
        verdict: What may be said of it, or why there is no number.
        models: The same for each model, if several are pooled.
    """

    name: str
    title: str
    role: str
    outcome: str
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    method: str
    verdict: str
    models: tuple[Part, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The line of the table, in the order of ``COLUMNS``."""
        return (self.name or self.title, *self[2:-1])

    @property
    def values(self) -> dict[str, Cell]:
        """What stands in the summary; an undeclared contrast has no place there."""
        if not self.name:
            return {}
        by_model = {f"{part.name}/{k}": v for part in self.models for k, v in _numbers(part)}
        own = {"p_adjusted": self.p_adjusted, "verdict": self.verdict}
        return {**dict(_numbers(self)), **own, **by_model}


def _numbers(of: Line | Part) -> tuple[tuple[str, Cell], ...]:
    return (("estimate", of.estimate), ("low", of.low), ("high", of.high), ("p", of.p))


def lines_of(held: Studied | None, found: Sequence[TrialRow], arms: Sequence[Arm]) -> list[Line]:
    """Return a line for each declared contrast, refused or not.

    Where none was declared, those between arms that differ in one factor are shown as what
    they are: exploratory, and nameless.

    Args:
        held: What came of the declared ones; None if there are none.
        found: The trials that may be seen.
        arms: The planned arms.
    """
    if held:
        return [_declared(one) for one in held.findings]
    return [_explored(line) for line in contrasts(found, "protected", arms=arms, kind="event")]


def _declared(found: Finding | Refused) -> Line:
    number = found if isinstance(found, Finding) else None
    return Line(
        name=found.id,
        title=found.estimand,
        role=found.role,
        outcome=found.outcome,
        estimate=number.estimate if number else None,
        low=number.low if number else None,
        high=number.high if number else None,
        p=number.p if number else None,
        p_adjusted=number.p_adjusted if number else None,
        method=number.method if number else "",
        verdict=verdict_of(found) if isinstance(found, Finding) else found.why,
        models=model_parts(found) if isinstance(found, Finding) else (),
    )


def _explored(line: ContrastLine) -> Line:
    found = line.estimate
    return Line(
        name="",
        title=f"{arm_label(line.a)} v {arm_label(line.b)}",
        role=line.role,
        outcome="protected",
        estimate=found.difference if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        p=found.p if found else None,
        p_adjusted=line.p_holm,
        method=found.method if found else "",
        verdict="exploratory: no claim" if found else line.refusal or "",
    )


def forest(lines: Sequence[Line]) -> Any:
    """Return the forest plot of the contrasts that have an estimate."""
    from plotly import graph_objects as go

    from peersim.report.figures import ACCENT, FONT, GRID, INK

    shown = [line for line in lines if line.estimate is not None][:DRAWN]
    middle = [line.estimate or 0.0 for line in shown]
    ends = [
        (at if line.low is None else line.low, at if line.high is None else line.high)
        for at, line in zip(middle, shown, strict=True)
    ]
    bars = {
        "array": [high - at for (_, high), at in zip(ends, middle, strict=True)],
        "arrayminus": [at - low for (low, _), at in zip(ends, middle, strict=True)],
    }
    points = go.Scatter(
        x=middle,
        y=[(line.name or line.title).replace(", ", "<br>") for line in shown],
        mode="markers",
        error_x={**bars, "color": INK, "thickness": 1.5},
        marker={"size": 10, "color": ACCENT},
        hovertemplate="%{y}<br>%{x:.3f}<extra></extra>",
    )
    figure = go.Figure(points)
    figure.update_layout(
        font=FONT,
        height=110 + 60 * len(shown),
        plot_bgcolor="white",
        xaxis={"title": "difference, 95 % interval", "gridcolor": GRID, "zerolinecolor": INK},
        yaxis={"autorange": "reversed", "automargin": True},
        showlegend=False,
    )
    return figure
