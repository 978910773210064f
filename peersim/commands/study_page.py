"""What a tracker shows of a whole study: the report's numbers as values, tables and figures."""

from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from peersim.analysis.arms import arm_label, by_arm
from peersim.analysis.composition import DISPOSITIONS, composition
from peersim.analysis.looks import NotYet
from peersim.analysis.rates import rates
from peersim.analysis.studied import Studied, studied
from peersim.commands.study_contrasts import COLUMNS, Line, forest, lines_of
from peersim.commands.trackers import between_jobs
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.store.bills import Bill, bills
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, planned_arms
from peersim.study.design import Study
from peersim.study.frozen_plan import held_plan
from peersim.study.tables_out import write_tables
from peersim.tracking.page import Cell, Page, Picture, Sheet, Shown
from peersim.tracking.summary import summary

# The measures of the table of rates.
MEASURES = ("protected", "covert", "survived", "refused", "escalated", "incomplete")
# Pictures of the graph, and the histories that each is the mean of; opening one takes a
# millisecond or two.
GRAPHS, HISTORIES = 12, 30


WAITS = "the plan looks at outcomes by arm when all trials are finished"
# Where the tables lie that are kept with the study, below its directory; online they are read
# from there while they are sent.
TABLES = Path("wandb") / "tables"


def shown(run: RunView, studies: Sequence[Study]) -> Shown:
    """Return what may be seen of a run or sweep as it stands.

    Where nothing was declared the only look is that at the end. Before any look there are only
    values that say nothing about outcomes by arm.

    Args:
        run: The run or sweep; it may be unfinished.
        studies: Those that its stores hold.
    """
    blind = _blind(run, studies)
    found = rows(run, between_jobs(studies))
    held = studied(run) if found else None
    whole = len(found) >= blind["planned"]
    waits = held.look.text if held and isinstance(held.look, NotYet) else ""
    if not (held and held.plan.protocol.contrasts) and not whole:
        waits = WAITS
    if waits or not found:
        return Shown(rows=(), page=Page(summary={**blind, "blind": waits or "nothing finished"}))
    trials = {row.trial_id for row in held.rows} if held else {row.trial_id for row in found}
    page = study_page(run, trials, held)
    files = write_tables(run, run.directory / TABLES, force=True) if whole else ()
    seen = [row for row in found if row.trial_id in trials]
    return Shown(rows=seen, page=page._replace(summary=blind | page.summary), files=files)


def study_page(run: RunView, trials: Set[str], held: Studied | None) -> Page:
    """Return what is shown at a look: a part a question, refused ones by their reason.

    Args:
        run: The run or sweep.
        trials: The ids of the trials that the look rests on.
        held: What came of the declared contrasts; None if there are none.
    """
    found = [row for row in finished_rows(run) if row.trial_id in trials]
    lines = lines_of(held, found, planned_arms(run))
    parts: dict[str, Callable[[], Sheet]] = {
        "rates": lambda: _rates(found),
        "composition": lambda: _composition(found),
        "contrasts": lambda: Sheet("contrasts", COLUMNS, [line.cells for line in lines]),
        "calls": lambda: _bills(bills(run.stores)),
    }
    values: dict[str, Cell] = {"look": held.look.text if held else "", **summary(found)}
    values["alarms"] = sum(alarm.raised for alarm in held.alarms) if held else 0
    values["histories"] = len({row.history_id for row in found if row.history_id})
    for line in lines:
        values |= {f"contrast/{line.name}/{key}": value for key, value in line.values.items()}
    sheets = []
    for name, part in parts.items():
        try:
            sheets.append(part())
        except AnalysisRefusal as refused:
            values[f"refused/{name}"] = str(refused)
    return Page(summary=values, sheets=tuple(sheets), pictures=tuple(_pictures(run, found, lines)))


def _blind(run: RunView, studies: Sequence[Study]) -> dict[str, Any]:
    """Return what says nothing about outcomes by arm."""
    plan = held_plan(run)
    values: dict[str, Cell] = {
        "planned": sum(study.size for study in studies),
        "arms": len(planned_arms(run)),
        "simulated": any(study.simulated for study in studies),
    }
    if plan:
        values |= {"plan": plan.digest, "plan/deviations": len(plan.deviations)}
        if plan.gate_override:
            values["plan/gate_override"] = plan.gate_override
    return values | _costs(bills(run.stores))


def _costs(found: Sequence[Bill]) -> dict[str, Cell]:
    """Return what the calls took; dollars are left out where any call's price is unknown."""
    values: dict[str, Cell] = {
        "calls": sum(bill.calls for bill in found if not bill.failed),
        "calls/failed": sum(bill.calls for bill in found if bill.failed),
        "calls/unpriced": sum(bill.unpriced for bill in found),
        "calls/unmeasured": sum(bill.unknown for bill in found),
    }
    for name, counts in (
        ("tokens/input", [bill.input_tokens for bill in found]),
        ("tokens/output", [bill.output_tokens for bill in found]),
    ):
        if known := [count for count in counts if count is not None]:
            values[name] = sum(known)
    if not values["calls/unpriced"]:
        values["cost_usd"] = sum(bill.usd for bill in found)
    return values


def _rates(found: Sequence[TrialRow]) -> Sheet:
    columns = ("measure", "arm", "n", "valid", "invalid", "count", "rate", "low", "high", "method")
    known = {name for row in found for name in row.values}
    lines = [
        (
            *(arm.measure, arm_label(arm.arm), arm.n, arm.valid, sum(arm.invalid.values())),
            *(arm.count, arm.rate, arm.low, arm.high, arm.method),
        )
        for measure in MEASURES
        if measure in known
        for arm in rates(found, measure)
    ]
    return Sheet("rates", columns, lines)


def _composition(found: Sequence[TrialRow]) -> Sheet:
    origins = sorted({row.invalid for row in found if row.invalid})
    columns = ("arm", "n", "valid", *DISPOSITIONS, *(f"invalid/{origin}" for origin in origins))
    lines: list[tuple[Cell, ...]] = []
    for arm in composition(found):
        became = (arm.counts[name] for name in DISPOSITIONS)
        lost = (arm.invalid.get(origin, 0) for origin in origins)
        lines.append((arm_label(arm.arm), arm.n, arm.valid, *became, *lost))
    return Sheet("composition", columns, lines)


def _bills(found: Sequence[Bill]) -> Sheet:
    columns = tuple(Bill.model_fields)
    return Sheet("calls", columns, [[getattr(bill, name) for name in columns] for bill in found])


def _pictures(run: RunView, found: Sequence[TrialRow], lines: Sequence[Line]) -> Iterator[Picture]:
    from peersim.report.rates_figure import rates_figure

    if any(row.valid for row in found):
        yield Picture("rates-figure", rates_figure(rates(found, "protected")))
    if any(line.estimate is not None for line in lines):
        yield Picture("forest", forest(lines))
    for number, figure in enumerate(_graphs(run, found)):
        yield Picture(f"graph-{number}", figure)


def _graphs(run: RunView, found: Sequence[TrialRow]) -> Iterator[Any]:
    """Draw the relationship graph of each arm that has histories of its own.

    Arms that are forked from the same histories share a picture.
    """
    from peersim.report.graph import film
    from peersim.report.graph_figure import graph_figure

    seen: list[set[str]] = []
    for arm, of in by_arm(found):
        lived = {row.history_id: row.trial_id for row in of if row.history_id}
        if lived.keys() in seen or len(seen) == GRAPHS:
            continue
        seen.append({*lived})
        events = [
            history.events
            for trial_id in list(lived.values())[:HISTORIES]
            if (history := _history(run, trial_id)) is not None and history.spec.task
        ]
        if events:
            figure = graph_figure(film(events))
            text = f"{arm_label(arm)} (mean of {len(events)} histories)"
            figure.update_layout(title={"text": text, "font": {"size": 13}}, margin={"t": 40})
            yield figure


def _history(run: RunView, trial_id: str) -> Any:
    record, store = run.at(trial_id)
    return store.history(record.history_id)
