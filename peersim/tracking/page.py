"""What a tracker shows of a whole study: values, tables, figures and files, made from the store."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow

Cell = str | float | int | bool | None
"""A value as a table or a summary shows it; None where there is no such value."""


class ArmFacts(Frozen):
    """What a tracker knows of an arm beforehand.

    Attributes:
        arm: How the arm is called in the study's rows.
        labels: Its levels and what was fixed on the command line; they name its run.
        study_id: The study that it belongs to; with the labels it decides the run's id.
        config: All that the arm decides, resolved.
    """

    arm: dict[str, str]
    labels: dict[str, str]
    study_id: str
    config: dict[str, Any] = {}


class Sheet(NamedTuple):
    """A table.

    Attributes:
        slug: The name under which it is logged.
        rows: One value a column.
    """

    slug: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


class Picture(NamedTuple):
    """A figure of plotly's.

    Attributes:
        slug: The name under which it is logged.
    """

    slug: str
    figure: Any


class Page(NamedTuple):
    """All that is shown of a study, apart from its arms' own runs.

    Attributes:
        summary: Values by name, as the store has them.
    """

    summary: dict[str, Cell] = {}
    sheets: tuple[Sheet, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Shown(NamedTuple):
    """What may be seen of a study as it stands.

    Attributes:
        rows: The trials whose outcomes may be seen by arm; none before a look is due.
        page: What is shown of the whole study.
        files: Tables that are kept with it.
    """

    rows: Sequence[TrialRow]
    page: Page
    files: Sequence[Path] = ()


class Sources(NamedTuple):
    """Where a tracker reads what is stored; each is called when it is needed, and not before.

    Attributes:
        rows: All finished trials.
        shown: What may be seen of them now. It is asked when the work ends, however it ends.
    """

    rows: Callable[[], Sequence[TrialRow]]
    shown: Callable[[], Shown]
