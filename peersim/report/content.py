"""Everything that stands in a report, gathered from a run, in the order in which it is read."""

from collections import Counter
from collections.abc import Sequence

from peersim.analysis.arms import Arm, by_arm
from peersim.analysis.looks import NotYet
from peersim.analysis.studied import Studied, studied
from peersim.analysis.trials import trials_of
from peersim.readings.judging.human import kept_labels
from peersim.readings.rows import TrialRow
from peersim.report.asked import asked, each
from peersim.report.attrition import attrition
from peersim.report.checks import (
    belief_table,
    fidelity_table,
    lived_table,
    persona_table,
    ties_table,
)
from peersim.report.cost import cost
from peersim.report.dose import dose_pictures
from peersim.report.first_stage import first_stage_table
from peersim.report.graphs import graphs
from peersim.report.instrument import instrument
from peersim.report.judged import judged_tables
from peersim.report.opened import Sample, samples
from peersim.report.outcomes import by_arms, compared
from peersim.report.page import Content, Section
from peersim.report.relations import relations_table
from peersim.report.tables import lost, measured
from peersim.report.transcripts import excerpts
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, held_studies, planned_arms
from peersim.study.frozen_plan import check_plan, held_plan

LIMITS = (
    "Limits: contrasts are exploratory unless declared before the run; refusals in words alone"
    " count as incomplete; figures of simulated models certify delivery, scoring and inference,"
    " never what a real model would do."
)


def gather(run: RunView, early: bool = False) -> Content:
    """Gather a report's content.

    Where contrasts were declared and no look is due there is nothing by arm in it.

    Args:
        run: The run or sweep; it may be unfinished.
        early: Look now, whatever the plan says.

    Raises:
        AnalysisRefusal: If no trial is finished.
    """
    finished = trials_of(finished_rows(run))
    held = studied(run, finished, early=early)
    waits = held is not None and isinstance(held.look, NotYet)
    first = asked(run, finished, held)
    found = held.rows if held and not waits else finished
    more = _waiting(run, held, finished) if held and waits else _seen(run, held, found)
    return Content(
        title=each(study.name for study in held_studies(run)),
        simulated=any(row.simulated for row in finished),
        warnings=(*check_plan(run.directory), *more.warnings),
        sections=(first, *more.sections),
        excerpts=more.excerpts,
        left_out=len(finished) - len(more.excerpts),
        last=more.last,
    )


def _seen(run: RunView, held: Studied | None, found: Sequence[TrialRow]) -> Content:
    """Return what may be shown at a look."""
    arms, grouped = planned_arms(run), by_arm(found)
    rated = measured(found)
    judgements = run.judgements()
    opened = samples(run, grouped, judgements)
    plan = held_plan(run)
    scopes = plan.protocol.factors if plan else {}
    declared = plan.contrasts if plan else ()
    checks = (
        persona_table(opened),
        first_stage_table(opened),
        fidelity_table(opened),
        lived_table(opened),
        ties_table(opened),
        relations_table(opened),
        belief_table(opened),
        *judged_tables(found, judgements, kept_labels(run.directory), declared),
    )
    sections = (
        compared(held, found, arms),
        by_arms(found, rated),
        _doses(held, found, arms),
        graphs(run, grouped),
        Section(
            slug="checks",
            title="Manipulation checks",
            notes=(_opened(opened),),
            parts=tuple(table for table in checks if table),
        ),
        attrition(held, found, arms, rated["protected"], rated["incomplete"], scopes),
        cost(run),
        instrument(run, found),
    )
    return Content(
        title="",
        simulated=False,
        sections=tuple(one for one in sections if one.parts or one.notes),
        excerpts=tuple(excerpts(run, grouped)),
        last=(_provenance(opened),),
    )


def _waiting(run: RunView, held: Studied, found: Sequence[TrialRow]) -> Content:
    """Return what may be shown before a look: nothing that tells arms apart."""
    assert isinstance(held.look, NotYet)
    counts = Counter(row.invalid for row in found if row.invalid)
    health = Section(
        slug="health",
        title="Health, all arms together",
        facts=(("finished", f"{len(found):,} trials"), ("invalid", lost(dict(counts)))),
    )
    said = (
        f"NOT YET: {held.look.text}. Until then this page shows nothing by arm. To look all the"
        " same: peersim report --early; it is charged for, and a departure from the plan."
    )
    return Content(
        title="",
        simulated=False,
        warnings=(said,),
        sections=(health, cost(run), instrument(run)),
    )


def _doses(held: Studied | None, found: Sequence[TrialRow], arms: Sequence[Arm]) -> Section:
    declared = {one.id: one for one in held.plan.contrasts} if held else {}
    pictures = dose_pictures(found, arms, declared, held.findings if held else ())
    apart = "Curves are drawn a little apart, so that no bar hides another."
    return Section(
        slug="dose",
        title="Dose-response",
        notes=(apart,) if pictures else (),
        parts=tuple(pictures),
    )


def _opened(opened: Sequence[Sample]) -> str:
    seen, of = sum(len(one.trials) for one in opened), sum(one.of for one in opened)
    which = "all" if seen == of else "at even distances, however they ended"
    return f"Ties, memory and personas: of {seen:,} of {of:,} trials ({which})."


def _provenance(opened: Sequence[Sample]) -> Section:
    marks = [one.provenance for sample in opened for one in sample.trials]
    return Section(
        slug="provenance",
        title="Provenance",
        notes=(LIMITS,),
        facts=(
            ("peersim", each(mark.peersim for mark in marks)),
            ("prompts", each(mark.prompts for mark in marks)),
            ("models served", each(name for mark in marks for name in mark.served)),
            ("LiteLLM", each(mark.litellm for mark in marks if mark.litellm) or "not used"),
            ("trials opened for this page", f"{len(marks):,}"),
        ),
    )
