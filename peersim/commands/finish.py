"""What stands at the end of a run: the table, the report, and the exit code."""

from pathlib import Path

from rich.console import Console

from peersim.commands.rates import print_rates
from peersim.commands.run import OPTIONS_KEY, Options
from peersim.store.view import RunView
from peersim.study.arms import finished_rows

EXIT_INVALID = 3


def conclude(directory: Path, console: Console) -> int:
    """Print the table, write the report, and return the exit code.

    Returns:
        0, or 3 if more trials were invalid than the run allows.
    """
    print_rates(directory, "protected", console)
    console.print(f"report: {write_report(directory)}", soft_wrap=True)
    console.print(f"run:    {directory}", soft_wrap=True)
    found = finished_rows(RunView(directory))
    invalid = sum(not row.valid for row in found)
    if found and invalid / len(found) > _max_invalid(directory):
        console.print(
            f"{invalid} of {len(found)} trials are invalid, more than max_invalid allows;"
            " see: peersim status",
            style="bold red",
        )
        return EXIT_INVALID
    return 0


def _max_invalid(directory: Path) -> float:
    held = (store.meta(OPTIONS_KEY) for store in RunView(directory).stores)
    return min(Options.model_validate_json(text).max_invalid for text in held if text)


def write_report(directory: Path, out: Path | None = None) -> Path:
    """Write the HTML report of a run and return its path."""
    from peersim.report.html import write

    return write(RunView(directory), out or directory / "report.html")
