"""Rates and contrasts on the terminal, or as JSON."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from peersim.analysis.arms import arm_label
from peersim.analysis.pairs import contrasts
from peersim.analysis.rates import as_json, rates
from peersim.analysis.rows import TrialRow
from peersim.errors import AnalysisRefusal
from peersim.store.tables import rows
from peersim.store.view import RunView


def load(directory: Path, measure: str) -> list[TrialRow]:
    """Return a run's rows, checking that they know the measure.

    Raises:
        AnalysisRefusal: If no trial is finished, or none has ever heard of the measure.
    """
    found = rows(RunView(directory))
    if not found:
        raise AnalysisRefusal(f"{directory} has no finished trial", "see: peersim status")
    known = {name for row in found for name in row.values}
    if known and measure not in known:
        names = ", ".join(sorted(known))
        raise AnalysisRefusal(f"no measure {measure!r}", f"choose one of {names}")
    return found


def print_json(directory: Path, measure: str) -> None:
    """Print a JSON list, one object an arm."""
    found = load(directory, measure)
    print(json.dumps(as_json(rates(found, measure)), indent=2))  # noqa: T201


def print_rates(directory: Path, measure: str, console: Console) -> None:
    """Print the rate of a measure by arm, and the contrasts between neighbouring arms."""
    found = load(directory, measure)
    simulated = any(row.simulated for row in found)
    mark = " [yellow](simulated models)[/]" if simulated else ""
    console.print(f"\n[bold]{measure}[/] by arm{mark}")
    console.print(_rates(found, measure))
    _contrasts(found, measure, console)


def _rates(found: list[TrialRow], measure: str) -> Table:
    table = Table("arm", "trials", "valid", "invalid", "count", "rate", "95 % interval", "method")
    for arm in rates(found, measure):
        invalid = ", ".join(f"{count} {origin}" for origin, count in arm.invalid.items())
        between = "" if arm.low is None or arm.high is None else f"{arm.low:.3f} to {arm.high:.3f}"
        table.add_row(
            arm_label(arm.arm),
            str(arm.n),
            str(arm.valid),
            invalid or "0",
            str(arm.count),
            "" if arm.rate is None else f"{arm.rate:.3f}",
            between,
            arm.method,
        )
    return table


def _contrasts(found: list[TrialRow], measure: str, console: Console) -> None:
    pairs = contrasts(found, measure)
    if not pairs:
        return
    console.print(pairs)
