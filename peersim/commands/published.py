"""Our figures beside the published ones, on the terminal or as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from peersim.analysis.published import Comparison, compare
from peersim.analysis.studied import refuse_unseen
from peersim.store.view import RunView
from peersim.study.arms import finished_rows


def print_published(directory: Path, console: Console, as_json: bool = False) -> None:
    """Print every published figure of the model beside ours, and which of them differ.

    Raises:
        AnalysisRefusal: If the run is none of the matrix, or of no model of the study, or no look
            at its outcomes is due.
    """
    view = RunView(directory)
    refuse_unseen(view, early=False)
    rows = finished_rows(view)
    found = compare(rows)
    if as_json:
        lines = [one.model_dump(mode="json") | {"agrees": one.agrees} for one in found]
        print(json.dumps(lines, indent=2))
        return
    if any(row.simulated for row in rows):
        console.print("[yellow]SIMULATED: a stand-in; this compares definitions, not models[/]")
    if any(one.ours for one in found):
        console.print(_table(found))
    _sum_up(found, console)


def _table(found: Sequence[Comparison]) -> Table:
    table = Table("behaviour", "cell", "published", "ours", "95 % interval", "n", "")
    for one in found:
        if one.ours is None:
            continue
        cell, ours = one.cell, one.ours
        unit = "pp" if cell.unit == "pp" else "%"
        table.add_row(
            cell.behaviour,
            f"{cell.subject} {cell.condition} ({one.figure})",
            f"{one.published:.1f} {unit}",
            f"{ours.value:.1f} {unit}",
            f"{ours.low:.1f} to {ours.high:.1f}",
            str(ours.n),
            "" if one.agrees else "[red]differs[/]",
        )
    return table


def _sum_up(found: Sequence[Comparison], console: Console) -> None:
    judged = [one.agrees for one in found if one.agrees is not None]
    missing = [one for one in found if one.ours is None]
    if judged:
        share = f"{sum(judged)} of {len(judged)} published figures lie within our intervals"
        console.print(f"{share} ({100 * sum(judged) / len(judged):.0f} %)")
    if missing:
        several = ", ".join(dict.fromkeys(one.cell.behaviour for one in missing))
        first = missing[0].missing
        console.print(f"{len(missing)} figures cannot be compared ({several}): not run is {first}")
    console.print(
        "[dim]max and avg are over the ways of delivering the past; intervals by MOVER from"
        " Wilson's limits, the trials of a cell taken as independent (one a history)[/]"
    )
