"""The declared contrasts of a run as its frozen plan holds them, at the look that is due."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import SkipValidation

from peersim.analysis.alarms import Alarm, alarms
from peersim.analysis.declared import Finding, Refused
from peersim.analysis.family import findings
from peersim.analysis.grouped import Grouped
from peersim.analysis.looks import Look, NotYet, may_look, rows_at, unplanned
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, held_studies, planned_arms
from peersim.study.early import early_looks, note_early
from peersim.study.frozen_plan import HeldPlan, held_plan
from peersim.study.protocol import Protocol


class Studied(Frozen):
    """What a study's plan asked for, and what came of it.

    Attributes:
        plan: The plan that the run is held to.
        look: The look that is due, or what it waits for; then there is nothing by arm.
        findings: One for each declared contrast, in the order of the plan; then one for each that
            a deviation added, which only explores.
        alarms: What could make arms differ besides what was varied.
        rows: The trials that the look rests on.
    """

    plan: HeldPlan
    look: Look | NotYet
    findings: tuple[Finding | Refused, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    rows: Annotated[Sequence[TrialRow], SkipValidation] = ()


def studied(
    view: RunView, rows: Sequence[TrialRow] | None = None, *, early: bool = False
) -> Studied | None:
    """Answer the declared contrasts of a run; None if it declared none.

    Args:
        view: The run or sweep.
        rows: Its finished trials, if they are at hand.
        early: Look now, whatever the plan says. It is kept beside the run, and charged for by
            this look and by all that come after it.

    Raises:
        AnalysisRefusal: If no trial is finished.
    """
    plan = held_plan(view)
    if plan is None or not plan.contrasts:
        return None
    complete, planned = finished_blocks(view)
    look = look_at(view, plan.protocol, len(complete), planned, early)
    if isinstance(look, NotYet):
        return Studied(plan=plan, look=look)
    own = rows_at(look, finished_rows(view) if rows is None else rows, complete, planned)
    grouped = Grouped(own, planned_arms(view))
    asked = plan.protocol.model_copy(update={"contrasts": plan.contrasts})
    return Studied(
        plan=plan,
        look=look,
        findings=tuple(findings(asked, grouped, look=look)),
        alarms=tuple(alarms(plan.protocol, grouped)),
        rows=own,
    )


def look_at(
    view: RunView, protocol: Protocol, done: int, planned: int, early: bool
) -> Look | NotYet:
    """Return the look that is due or taken early, or what has to be waited for.

    Args:
        view: The run or sweep; an early look is kept beside it.
        protocol: What was declared.
        done: Histories finished.
        planned: Histories planned.
        early: Look now, whatever the plan says.
    """
    look: Look | NotYet = may_look(protocol, done, planned)
    if isinstance(look, NotYet):
        if not early:
            return look
        look = unplanned(protocol, done, planned)
        note_early(view.directory, look.share)
    return look.after(early_looks(view.directory))


def refuse_unseen(view: RunView, early: bool) -> None:
    """Refuse outcomes by arm before a look is due.

    Args:
        view: The run or sweep.
        early: Look now, whatever the plan says.

    Raises:
        AnalysisRefusal: If contrasts are declared and no look is due.
    """
    if waits := unseen(view, early):
        raise AnalysisRefusal(
            waits.text, "wait, or look all the same with --early: it is noted and charged for"
        )


def unseen(view: RunView, early: bool) -> NotYet | None:
    """Return what outcomes by arm wait for; None if they may be seen.

    Args:
        view: The run or sweep.
        early: Look now, whatever the plan says. It is kept beside the run, and charged for.
    """
    plan = held_plan(view)
    if plan is None or not plan.protocol.contrasts:
        return None
    complete, planned = finished_blocks(view)
    look = look_at(view, plan.protocol, len(complete), planned, early)
    return look if isinstance(look, NotYet) else None


def finished_blocks(view: RunView) -> tuple[list[frozenset[int]], int]:
    """Return the run blocks of each history that all arms have finished, and how many are planned.

    The histories of one replicate, of all arms, count as one: they are finished together.

    Args:
        view: The run or sweep.
    """
    studies = held_studies(view)
    counts: dict[int, int] = {}
    for store in view.stores:
        for block, many in store.query("SELECT block, COUNT(*) FROM trials GROUP BY block"):
            number = int(str(block))
            counts[number] = counts.get(number, 0) + int(str(many))
    planned = max((study.replicates for study in studies), default=0)
    forks = max((study.trials_per_history for study in studies), default=1)
    complete = []
    for replicate in range(planned):
        blocks = range(replicate * forks, (replicate + 1) * forks)
        wanted = sum(len(study.arms) for study in studies if replicate < study.replicates)
        if all(counts.get(block, 0) >= wanted for block in blocks):
            complete.append(frozenset(blocks))
    return complete, planned
