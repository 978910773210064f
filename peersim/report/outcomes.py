"""Outcomes on the page: declared contrasts with their neighbours, and rates by arm."""

from collections.abc import Sequence

from peersim.analysis.arms import Arm, Kind, arm_key
from peersim.analysis.declared import Finding
from peersim.analysis.pairs import ContrastLine, contrasts, too_many
from peersim.analysis.studied import Studied
from peersim.readings.rows import TrialRow
from peersim.report.declared import forest_key, forests
from peersim.report.declared_details import detail_tables
from peersim.report.explored import explored_forest
from peersim.report.figures import as_json
from peersim.report.page import Part, Picture, Section
from peersim.report.rates_figure import rates_figure
from peersim.report.tables import (
    SCORE_TITLES,
    Measured,
    Table,
    composition_table,
    contrasts_table,
    headline_table,
    means_table,
    rates_table,
    scores_in,
    with_score,
)


def compared(held: Studied | None, found: Sequence[TrialRow], arms: Sequence[Arm]) -> Section:
    """Return the declared contrasts, and below them neighbouring arms that only explore.

    Args:
        held: What came of the declared contrasts; None if there are none.
        found: The trials that may be seen.
        arms: The planned arms.
    """
    parts: list[Part] = []
    notes = ["Effects are first less second; histories weigh equally."]
    if held:
        notes.append(forest_key(held.findings, held.plan.contrasts))
        parts += forests(held.findings, held.plan.contrasts)
        parts += detail_tables(held.findings)
    lines = _neighbours(held, found, arms, "protected")
    if pairs := too_many(arms):
        notes.append(f"{pairs} pairs of neighbouring arms are too many to explore them all.")
    if not held and (picture := explored_forest(lines)):
        parts.append(picture)
    explored = (
        [contrasts_table(lines, "contrasts", "Neighbouring arms: protected")] if lines else []
    )
    explored += [_scores(held, found, arms, one) for one in (() if pairs else scores_in(found))]
    # Beside what was declared, or drawn, they are for looking up.
    parts += [table.model_copy(update={"folded": bool(parts)}) for table in explored]
    return Section(slug="contrasts", title="Contrasts", notes=tuple(notes), parts=tuple(parts))


def by_arms(found: Sequence[TrialRow], of: Measured) -> Section:
    """Return the rates of each arm with what is invalid and refused beside them.

    Args:
        found: The trials that may be seen.
        of: The rates of the headline events.
    """
    picture = Picture(
        slug="rates-figure",
        title="Protected, by arm",
        figure=as_json(rates_figure(of["protected"], of["refused"])),
        table=headline_table(of),
    )
    means = (means_table(found, score) for score in scores_in(found))
    parts = (picture, composition_table(found), rates_table(of), *means)
    return Section(slug="rates", title="Outcomes by arm", parts=parts)


def _neighbours(
    held: Studied | None, found: Sequence[TrialRow], arms: Sequence[Arm], measure: str
) -> list[ContrastLine]:
    """Return neighbouring arms compared, without those that a declared contrast compares."""
    taken = [
        {arm_key(arm) for side in one.sides for arm in side.arms}
        for one in (held.findings if held else ())
        if isinstance(one, Finding) and one.outcome == measure and one.shape == "difference"
    ]
    kind: Kind = "score" if measure in SCORE_TITLES else "event"
    lines = contrasts(found, measure, arms=arms, kind=kind)
    return [line for line in lines if {arm_key(line.a), arm_key(line.b)} not in taken]


def _scores(
    held: Studied | None, found: Sequence[TrialRow], arms: Sequence[Arm], score: str
) -> Table:
    rows = with_score(found, score)
    known = {arm_key(arm) for arm in {id(row.arm): row.arm for row in rows}.values()}
    own = [arm for arm in arms if arm_key(arm) in known]
    lines = _neighbours(held, rows, own, score)
    title = f"Neighbouring arms: {SCORE_TITLES[score].lower()}"
    return contrasts_table(lines, f"contrasts-{score.replace('_', '-')}", title)
