"""What stands at the end of a run: the table, the report, and the exit code."""

from pathlib import Path

from rich.console import Console

from peersim.commands.rates import print_rates
from peersim.commands.run import OPTIONS_KEY, Options
from peersim.store.torn import reading
from peersim.store.view import RunView
from peersim.study.early import settle_early

EXIT_INVALID = 3


def conclude(directory: Path, console: Console) -> int:
    """Print the table, write the report, and return the exit code.

    Returns:
        0, or 3 if more trials were invalid than the run allows.
    """
    settle_early(directory)  # looks that were taken while the run held its store
    print_rates(directory, "protected", console)
    console.print(f"report: {write_report(directory)}", soft_wrap=True)
    console.print(f"run:    {directory}", soft_wrap=True)
    finished, invalid = _counts(directory)
    if finished and invalid / finished > _max_invalid(directory):
        console.print(
            f"{invalid} of {finished} trials are invalid, more than max_invalid allows;"
            " see: peersim status",
            style="bold red",
        )
        return EXIT_INVALID
    return 0


def _counts(directory: Path) -> tuple[int, int]:
    """Return how many trials are finished, and how many of them are invalid, each once."""
    found: dict[str, bool] = {}
    for store in RunView(directory).stores:
        for trial_id, invalid in store.each("SELECT trial_id, invalid FROM trials"):
            found[trial_id] = invalid is not None
    return len(found), sum(found.values())


def _max_invalid(directory: Path) -> float:
    held = (store.meta(OPTIONS_KEY) for store in RunView(directory).stores)
    with reading(f"the options in {directory}"):
        return min(Options.model_validate_json(text).max_invalid for text in held if text)


def write_report(directory: Path, out: Path | None = None, early: bool = False) -> Path:
    """Write the HTML report of a run and return its path.

    Args:
        directory: The run or sweep.
        out: Where to; ``report.html`` in its directory if left out.
        early: Show outcomes by arm whatever the plan says.
    """
    from peersim.report.html import write

    return write(RunView(directory), out or directory / "report.html", early)
