"""Rates and contrasts on the terminal, or as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from peersim.analysis.arms import Kind, arm_key, arm_label
from peersim.analysis.contrasts import ContrastEstimate
from peersim.analysis.declared import Finding
from peersim.analysis.looks import NotYet
from peersim.analysis.pairs import ContrastLine, contrasts, too_many
from peersim.analysis.rates import as_json, mean_table, rates
from peersim.analysis.studied import Studied, studied
from peersim.analysis.trials import Trials, trials_of
from peersim.commands.findings import print_studied, print_waiting
from peersim.commands.standing import print_gates, print_trouble
from peersim.commands.strangers import print_strangers, strangers
from peersim.errors import AnalysisRefusal
from peersim.readings.outcomes import SCORES
from peersim.readings.rows import TrialRow
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, planned_arms
from peersim.study.frozen_plan import check_plan, held_plan
from peersim.study.verdicts import verdicts

# How many pairs of arms a note is shown with.
SHOWN = 3


def load(directory: Path, measure: str) -> Trials:
    """Return a run's rows, arms in the planned order, checking that they know the measure.

    Raises:
        AnalysisRefusal: If no trial is finished, or none has ever heard of the measure.
    """
    found = trials_of(finished_rows(RunView(directory)))
    known = found.measures
    if known and measure not in known:
        names = ", ".join(sorted(known))
        raise AnalysisRefusal(f"no measure {measure!r}", f"choose one of {names}")
    return found


def print_json(directory: Path, measure: str, early: bool = False) -> None:
    """Print a JSON list, one object an arm; of a study that declares anything, an object.

    It then holds the ``plan``: its hash, deviations, the ``trouble`` with its files and the
    ``gate_override``; the ``gates``; the ``strangers`` that served in the place of the models asked
    for; and the list as ``arms``. With declared contrasts there are
    the ``look``, the ``findings`` and ``alarms``, and no arms before the first look.

    Args:
        directory: The run or sweep.
        measure: What to show by arm.
        early: Look now, whatever the plan says.
    """
    view, found = RunView(directory), load(directory, measure)
    held = studied(view, found, early=early)
    head, plain = {**_head(view), "strangers": strangers(found)}, {}
    if held is None:
        arms = _arms(found, measure)
        told = (head["gates"], head["strangers"])
        if not (any(told) or head["plan"]["gate_override"] or head["plan"]["trouble"]):
            print(json.dumps(arms, indent=2))
            return
    else:
        plain = held.model_dump(mode="json", include={"look", "findings", "alarms"})
        arms = [] if isinstance(held.look, NotYet) else _arms(held.rows, measure)
    print(json.dumps({**head, **plain, "measure": measure, "arms": arms}, indent=2))


def _head(view: RunView) -> dict[str, Any]:
    """Return what is said of a run before any result."""
    plan = held_plan(view)
    return {
        "plan": {
            "digest": plan.digest if plan else None,
            "deviations": [one.model_dump(mode="json") for one in plan.deviations] if plan else [],
            "trouble": check_plan(view.directory),
            "gate_override": plan.gate_override if plan else None,
        },
        "gates": [
            {"id": gate.id, "open": found.open if found else None}
            | {"verdict": found.model_dump(mode="json") if found else None}
            for gate, found in verdicts(view)
        ],
    }


def _arms(found: Sequence[TrialRow], measure: str) -> list[dict[str, object]]:
    table = mean_table(found, measure, kind="score") if measure in SCORES else rates(found, measure)
    return as_json(table)


def print_rates(directory: Path, measure: str, console: Console, early: bool = False) -> None:
    """Print declared contrasts, then a measure by arm and the contrasts of neighbouring arms.

    Args:
        directory: The run or sweep.
        measure: What to show by arm.
        console: Where to print.
        early: Look now, whatever the plan says.
    """
    found = load(directory, measure)
    print_trouble(directory, console)
    print_gates(RunView(directory), console)
    print_strangers(found, console)
    held = studied(RunView(directory), found, early=early)
    if held is not None and isinstance(held.look, NotYet):
        print_waiting(held.look, found, console)
        return
    if held is not None:
        print_studied(held, console)
        found = trials_of(held.rows)
    mark = " [yellow](simulated models)[/]" if any(row.simulated for row in found) else ""
    console.print(f"\n[bold]{measure}[/] by arm{mark}")
    console.print(_means(found, measure) if measure in SCORES else _rates(found, measure))
    console.print()
    arms = planned_arms(RunView(directory))
    kind: Kind = "score" if measure in SCORES else "event"
    if pairs := too_many(arms):
        console.print(
            f"{pairs} pairs of neighbouring arms are too many to compare them all", style="dim"
        )
    taken = _declared_pairs(held, measure) if held else []
    lines = contrasts(found, measure, arms=arms, kind=kind)
    _print_contrasts(
        [line for line in lines if {arm_key(line.a), arm_key(line.b)} not in taken], console
    )


def _declared_pairs(held: Studied, measure: str) -> list[set[object]]:
    """Return the pairs of arms that a declared contrast has compared already."""
    return [
        {arm_key(arm) for side in one.sides for arm in side.arms}
        for one in held.findings
        if isinstance(one, Finding) and one.outcome == measure and one.shape == "difference"
    ]


def _rates(found: Sequence[TrialRow], measure: str) -> Table:
    arms = rates(found, measure)
    table = _table("arm", "valid", "invalid", "count", "rate", "95 % interval")
    for arm in arms:
        rate = "" if arm.rate is None else f"{arm.rate:.3f}"
        cells = (f"{arm.valid}/{arm.n}", _invalid(arm.invalid), str(arm.count), rate)
        table.add_row(_stacked(arm.arm), *cells, _between(arm.low, arm.high))
    table.caption = "intervals: " + "; ".join(dict.fromkeys(arm.method for arm in arms))
    return table


def _means(found: Sequence[TrialRow], measure: str) -> Table:
    arms = mean_table(found, measure, kind="score")
    table = _table("arm", "valid", "invalid", "mean", "95 % interval")
    for arm in arms:
        mean = "" if arm.mean is None else f"{arm.mean:.3f}"
        cells = (f"{arm.valid}/{arm.n}", _invalid(arm.invalid), mean)
        table.add_row(_stacked(arm.arm), *cells, _between(arm.low, arm.high))
    table.caption = "intervals: " + "; ".join(dict.fromkeys(arm.method for arm in arms))
    return table


def _table(*names: str) -> Table:
    """Return a table whose cells are never broken."""
    table = Table(box=None, caption_justify="left", pad_edge=False, padding=(0, 2, 0, 0))
    for position, name in enumerate(names):
        table.add_column(name, no_wrap=True, justify="right" if position else "left")
    return table


def _stacked(arm: dict[str, str]) -> str:
    """Return an arm with one factor a line, which fits any terminal."""
    return "\n".join(f"{factor}={level}" for factor, level in arm.items()) or arm_label(arm)


def _invalid(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {origin}" for origin, count in counts.items()) or "0"


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _print_contrasts(lines: list[ContrastLine], console: Console) -> None:
    """Print the contrasts; one that is refused is printed as the reason."""
    found = [(line, line.estimate) for line in lines if line.estimate]
    if found:
        table = _table("contrast", "difference", "95 % interval", "p", "p (Holm)")
        for line, estimate in found:
            table.add_row(*_contrast(line, estimate))
        methods = "; ".join(dict.fromkeys(_method(estimate) for _, estimate in found))
        table.caption = f"exploratory: none of these was declared before the run. {methods}"
        console.print(table)
    for note, pairs in _notes(lines).items():
        more = f", and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
        console.print(f"  {note}: {'; '.join(pairs[:SHOWN])}{more}", style="dim")


def _notes(lines: list[ContrastLine]) -> dict[str, list[str]]:
    """Return what there is to say of contrasts, each with the pairs that it is said of."""
    found: dict[str, list[str]] = {}
    for line in lines:
        for note in line.estimate.notes if line.estimate else (line.refusal or "",):
            found.setdefault(note, []).append(f"{arm_label(line.a)} v {arm_label(line.b)}")
    return found


def _contrast(line: ContrastLine, found: ContrastEstimate) -> tuple[str, ...]:
    levels = (", ".join(arm.get(name, "-") for name in line.factors) for arm in (line.a, line.b))
    rest = [f"  {key}={level}" for key, level in line.a.items() if key not in line.factors]
    title = [f"{', '.join(line.factors)}:", f"  {' v '.join(levels)}"]
    return (
        "\n".join([*title, *rest]),
        f"{found.difference:+.3f}",
        _between(found.low, found.high),
        _p(found.p),
        "" if line.p_holm is None else _p(line.p_holm),
    )


def _method(found: ContrastEstimate) -> str:
    where = f"{found.level} histories" if found.unit == "history" else "between trials"
    a, b = found.histories
    return f"{found.method}, {where}, n = {a} v {b}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
