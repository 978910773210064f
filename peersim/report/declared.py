"""The declared contrasts as forest plots, each with its table; refused ones keep their place."""

from collections.abc import Sequence

from peersim.analysis.declared import Finding, Refused
from peersim.analysis.pooled import verdict_of
from peersim.readings.outcomes import SCORES
from peersim.report.figures import as_json
from peersim.report.forest import Row, forest_figure
from peersim.report.page import Part, Picture
from peersim.report.tables import Table, between, p_value
from peersim.study.contrast import Contrast

Answer = Finding | Refused
# What the estimates of a plot are; estimates in different units have plots of their own.
AXES = {
    "rd": "difference of rates",
    "mean_diff": "difference of means",
    "trend": "change per unit of dose",
}
COLUMNS = (
    *("contrast", "role", "outcome", "estimate", "interval", "p", "adjusted p"),
    *("interval at the level tested", "interval for the whole family", "verdict"),
)


def forests(found: Sequence[Answer], contrasts: Sequence[Contrast]) -> list[Part]:
    """Return a forest plot for each unit in which contrasts are estimated, with its table.

    Args:
        found: What came of the contrasts, in the order of the plan.
        contrasts: The contrasts.
    """
    declared = {contrast.id: contrast for contrast in contrasts}
    parts: list[Part] = []
    for axis, title in AXES.items():
        of_axis = [one for one in found if _axis(declared[one.id]) == axis]
        # A score's points would press all rates against zero.
        for unit in dict.fromkeys(map(_unit, of_axis)):
            own = [one for one in of_axis if _unit(one) == unit]
            slug = "-".join(part for part in (axis, unit) if part).replace("_", "-")
            whose = f"{title} of {unit}" if unit else title
            parts.append(_forest(slug, whose, own, declared))
    return parts


def forest_key(found: Sequence[Answer], contrasts: Sequence[Contrast]) -> str:
    """Return how the plots are read: what is drawn in any of them, each once.

    Args:
        found: What came of the contrasts.
        contrasts: The contrasts.
    """
    said = ["Bars: the interval of each contrast alone."]
    if any(isinstance(one, Finding) and one.simultaneous for one in found):
        said.append("Thin lines: the interval at the level that the adjusted test held it to.")
    if any(contrast.margin is not None for contrast in contrasts):
        said.append("Dotted: the margin within which a difference counts as none.")
    if any(isinstance(one, Refused) for one in found):
        said.append("A grey band: refused, there is no number.")
    return " ".join(said)


def _unit(one: Answer) -> str:
    """Return what an estimate's unit goes by: nothing for rates, else the score it is of."""
    return one.outcome if one.outcome in SCORES else ""


def _axis(contrast: Contrast) -> str:
    return "trend" if contrast.shape == "trend" else contrast.scale


def _forest(slug: str, title: str, own: Sequence[Answer], declared: dict[str, Contrast]) -> Picture:
    levels = dict.fromkeys(f"{one.confidence:.4g}" for one in own if isinstance(one, Finding))
    level = " and ".join(f"{100 * float(of):.4g} %" for of in levels)
    rows = [_row(one, declared[one.id]) for one in own]
    interval = f", {level} interval" if level else ""
    return Picture(
        slug=f"forest-{slug}",
        title=f"Declared contrasts: {title}",
        figure=as_json(forest_figure(rows, title + interval)),
        table=_table(slug, own),
    )


def _row(one: Answer, contrast: Contrast) -> Row:
    if isinstance(one, Refused):
        return Row(one.id, one.role, f"refused: {one.why}", None, None, None, None, contrast.margin)
    adjusted = "" if one.p_adjusted is None else f", adjusted p {p_value(one.p_adjusted)}"
    said = f"{one.estimate:+.3f}{adjusted}: {verdict_of(one)}"
    limits = one.simultaneous
    return Row(one.id, one.role, said, one.estimate, one.low, one.high, limits, contrast.margin)


def _table(slug: str, own: Sequence[Answer]) -> Table:
    return Table(
        slug=f"declared-{slug}",
        title="The same in numbers",
        columns=COLUMNS,
        rows=tuple(_cells(one) for one in own),
        note="Adjusted: for the number of contrasts, their order and the looks. A refused contrast"
        " counts in its family with p = 1. At the level tested: it leaves 0 out just where the"
        " contrast is found. For the whole family: these hold for all its contrasts together,"
        " whatever is found.",
    )


def _cells(one: Answer) -> tuple[str, ...]:
    if isinstance(one, Refused):
        return (one.id, one.role, one.outcome, "refused", "", "", "", "", "", one.why)
    return (
        one.id,
        one.role,
        one.outcome,
        f"{one.estimate:+.4f}",
        between(one.low, one.high, 4),
        p_value(one.p),
        p_value(one.p_adjusted),
        between(*one.simultaneous, 4) if one.simultaneous else "",
        between(*one.joint, 4) if one.joint else "",
        verdict_of(one),
    )
