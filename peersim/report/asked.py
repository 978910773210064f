"""What was asked: the study, its plan and its hash, departures from it, and the control gates."""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.analysis.looks import NotYet
from peersim.analysis.studied import Studied
from peersim.analysis.worth import seen_icc, worth
from peersim.readings.rows import TrialRow
from peersim.report.page import Facts, Section
from peersim.report.tables import Table, between, number
from peersim.store.view import RunView
from peersim.study.arms import held_studies
from peersim.study.contrast import Cells, Contrast
from peersim.study.forking import cost_of_history
from peersim.study.frozen_plan import HeldPlan, held_plan
from peersim.study.gates import Verdict
from peersim.study.protocol import Gate, Protocol
from peersim.study.shared import sharing
from peersim.study.verdicts import verdicts

QUESTION = (
    "After a shared task, does the overseer protect the peer it worked with from a shutdown that"
    " is due, and does that depend on the factors below?"
)


def asked(run: RunView, found: Sequence[TrialRow], held: Studied | None) -> Section:
    """Return what the study asked, in its own words where it declared any.

    Args:
        run: The run or sweep.
        found: All finished trials.
        held: What came of the declared contrasts; None if there are none.
    """
    plan = held_plan(run)
    protocol = plan.protocol if plan else Protocol()
    tables = (_contrasts(protocol.contrasts), _gates(run), _deviations(plan))
    said = [one.estimand for one in protocol.contrasts if one.estimand and one.role == "primary"]
    return Section(
        slug="asked",
        title="What was asked",
        notes=(*(said or (QUESTION,)), *_said(protocol)),
        facts=(
            *_plan(plan, held),
            *_worth(run, found, held),
            *_shared(run),
            *_facts(run, found),
        ),
        parts=tuple(table for table in tables if table.rows),
    )


def each(values: object) -> str:
    """Write values in a row, each once."""
    return ", ".join(dict.fromkeys(str(value) for value in values))  # type: ignore[attr-defined]


def _said(protocol: Protocol) -> tuple[str, ...]:
    """Return what is to be known when nothing was declared."""
    if protocol.contrasts:
        return ()
    return ("No contrast was declared before the run: all comparisons on this page only explore.",)


def _plan(plan: HeldPlan | None, held: Studied | None) -> Facts:
    if plan is None:
        return (("plan", "none: the run is older than frozen plans"),)
    facts = [
        ("plan", plan.digest),
        ("deviations", f"{len(plan.deviations)}" if plan.deviations else "none"),
    ]
    if held:
        facts += [("look", held.look.text), ("correction", plan.protocol.correction)]
    if plan.finished:
        facts.append(("frozen late", f"when {plan.finished} trials were finished"))
    if plan.gate_override:
        facts.append(("gates overridden", plan.gate_override))
    return tuple(facts)


def _worth(run: RunView, found: Sequence[TrialRow], held: Studied | None) -> Facts:
    """Return what the trials of the plan are worth, by their own ICC where they may be seen."""
    studies = held_studies(run)
    if not studies:
        return ()
    waits = held is not None and isinstance(held.look, NotYet)
    first = next((one for one in studies[0].protocol.contrasts if one.role == "primary"), None)
    icc = None if waits else seen_icc(found, first.outcome if first else "protected")
    cost = cost_of_history(run.stores[0])
    return (("worth of the trials", worth(studies[0], cost, icc).text),)


def _shared(run: RunView) -> Facts:
    """Return how often the same is asked: a contrast of five studies had five chances."""
    asking = sharing(run.directory)
    if not asking:
        return ()
    told = ", ".join(f"{name} {count}" for name, count in asking.items() if count > 1)
    return (("studies of this folder that declare it, by contrast", told or "this one alone"),)


def _facts(run: RunView, found: Sequence[TrialRow]) -> Facts:
    studies = held_studies(run)
    planned = sum(study.size for study in studies)
    arms = {id(row.arm): row.arm for row in found}.values()
    factors: dict[str, dict[str, None]] = {}
    for factor, level in ((k, v) for arm in arms for k, v in arm.items()):
        factors.setdefault(factor, {})[level] = None
    return (
        ("factors", "; ".join(f"{k}: {', '.join(v)}" for k, v in factors.items()) or "none"),
        ("trials", f"{len(found):,} of {planned:,} planned"),
        ("histories per arm", each(study.replicates for study in studies)),
        ("trials per history", each(study.trials_per_history for study in studies)),
        ("seed", each(study.seed for study in studies)),
        ("task", each(arm.task.kind for study in studies for arm in study.arms)),
        ("scenario", each(arm.scenario.kind for study in studies for arm in study.arms)),
        ("models", each(ref.ref for study in studies for ref in study.models)),
        ("study", each(study.study_id for study in studies)),
    )


def _contrasts(contrasts: Sequence[Contrast]) -> Table:
    return Table(
        slug="plan",
        title="Declared before the run",
        columns=("contrast", "role", "after", "outcome", "claim", "alpha", "sides", "estimand"),
        rows=tuple(
            (
                one.id,
                one.role,
                one.after or "",
                one.outcome,
                f"within {one.margin:g}" if one.margin else one.alternative.replace("_", "-"),
                f"{one.alpha:g}",
                _compared(one),
                one.estimand,
            )
            for one in contrasts
        ),
    )


def _compared(one: Contrast) -> str:
    if one.dose is not None:
        return f"slope on {one.dose} among {_cells(one.a)}"
    sides = [dict(side) for side in (one.a, one.b, one.c, one.d) if side is not None]
    shared = {
        factor: level
        for factor, level in sides[0].items()
        if all(side.get(factor) == level for side in sides)
    }
    a, b, *more = (_cells({f: v for f, v in side.items() if f not in shared}) for side in sides)
    told = f"({a}) less ({b})"
    if more:
        told = f"[{told}] less [({more[0]}) less ({more[1]})]"
    return f"{told}, all with {_cells(shared)}" if shared else told


def _cells(cells: Cells | None) -> str:
    levels = {
        key: value if isinstance(value, str) else " or ".join(value)
        for key, value in (cells or {}).items()
    }
    return arm_label(levels) if levels else "all arms"


def _deviations(plan: HeldPlan | None) -> Table:
    return Table(
        slug="deviations",
        title="Departures from the plan",
        columns=("trials finished before", "what", "from", "to"),
        rows=tuple(
            (str(one.finished), key, old, new)
            for one in (plan.deviations if plan else ())
            for key, (old, new) in one.changed.items()
        ),
        note="The analysis is held to the plan that was frozen first; what came later explores.",
    )


def _gates(run: RunView) -> Table:
    return Table(
        slug="gates",
        title="Control gates",
        columns=(
            *("gate", "state", "outcome", "positive v negative", "difference", "95 % interval"),
            *("asked", "why not"),
        ),
        rows=tuple(_gate(gate, found) for gate, found in verdicts(run)),
        note="Controls that must separate before the main budget is opened; their trials are"
        " never pooled with those of the study.",
    )


def _gate(gate: Gate, found: Verdict | None) -> tuple[str, ...]:
    wanted = f"at least {gate.least:g}, above 0"
    if found is None:
        return (gate.id, "not run", gate.outcome, "", "", "", wanted, "")
    return (
        gate.id,
        "open" if found.open else "CLOSED",
        found.outcome,
        " v ".join(number(rate, 2) or "none" for rate in found.rates),
        number(found.difference),
        between(found.low, found.high),
        wanted,
        found.refusal or "",
    )
