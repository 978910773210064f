"""Writing a run's tables for pandas, DuckDB and the like."""

from pathlib import Path

from rich.console import Console

from peersim.analysis.studied import refuse_unseen
from peersim.commands.standing import print_trouble
from peersim.errors import ConfigError
from peersim.store.view import RunView
from peersim.study.exporting.writing import FORMS, Form
from peersim.study.tables_out import write_tables

FOLDER = "tables"


def export_tables(
    directory: Path,
    to: str,
    console: Console,
    out: Path | None = None,
    force: bool = False,
    early: bool = False,
) -> None:
    """Write the tables of a run or sweep, and say where.

    Args:
        directory: The run or sweep, finished or not.
        to: ``parquet`` or ``csv``.
        console: Where to say what was written.
        out: Where to; ``tables`` in the run's directory if left out.
        force: Whether to replace the files of an earlier export.
        early: Look now, whatever the plan says.

    Raises:
        AnalysisRefusal: If contrasts are declared and no look at outcomes by arm is due.
        ConfigError: If there is no such form.
        StoreError: If there is no run, files are there already, or they cannot be written.
    """
    form = _form(to)
    view = RunView(directory)
    print_trouble(directory, console)
    refuse_unseen(view, early)
    place = out or directory / FOLDER
    paths = write_tables(view, place, form, force)
    for path in paths:
        console.print(str(path), soft_wrap=True, markup=False)


def _form(name: str) -> Form:
    for form in FORMS:
        if form == name:
            return form
    raise ConfigError(f"no form {name!r}", f"choose one of {', '.join(FORMS)}")
