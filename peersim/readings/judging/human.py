"""What people said of a run's own trials: the labels by which judges are checked and corrected.

A label names the trial that it is of, so that it can only ever speak of that trial's scenario and
arm: labels of other trials show the errors of a judge at other work.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from peersim.errors import ConfigError
from peersim.frozen import Frozen
from peersim.readings.judging.verdict import ANSWERS

FILE = "labels.csv"
COLUMNS = ("trial_id", "question", "label")


class Label(Frozen):
    """What one person answered to one question about one trial."""

    trial_id: str
    question: str
    answer: str
    rater: str = ""


def read_labels(path: Path) -> tuple[Label, ...]:
    """Read a table of labels: trial_id, question, label, and rater if there are several.

    Raises:
        ConfigError: If there is no such file, or a row is no label.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "give a CSV file in UTF-8") from None
    found = tuple(_label(path, line, row) for line, row in enumerate(rows, start=2))
    twice = Counter((one.trial_id, one.question, one.rater) for one in found)
    if doubled := [key for key, many in twice.items() if many > 1]:
        trial, question, rater = doubled[0]
        raise ConfigError(
            f"{path} has two labels of {trial} for {question} by the rater {rater or '(no name)'}",
            "give each rater a name in the column rater, and one label a trial and question",
        )
    return found


def _label(path: Path, line: int, row: dict[str, str | None]) -> Label:
    trial, question, answer = ((row.get(name) or "").strip() for name in COLUMNS)
    if not trial or answer not in ANSWERS.get(question, ()):
        raise ConfigError(
            f"line {line} of {path} is no label: {trial or 'no trial_id'}, {question}={answer}",
            f"columns {', '.join(COLUMNS)}, rater; questions and labels: "
            + "; ".join(f"{name}: {', '.join(known)}" for name, known in ANSWERS.items()),
        )
    rater = (row.get("rater") or "").strip()
    return Label(trial_id=trial, question=question, answer=answer, rater=rater)


def keep_labels(directory: Path, given: Path) -> tuple[Label, ...]:
    """Keep a table of labels with a run, in the place of what was kept before.

    Args:
        directory: The run or sweep.
        given: The table.

    Raises:
        ConfigError: If it is no table of labels.
    """
    found = read_labels(given)
    fresh = directory / f".{FILE}.fresh"
    fresh.write_bytes(given.read_bytes())
    fresh.replace(directory / FILE)
    return found


def kept_labels(directory: Path) -> tuple[Label, ...]:
    """Return the labels that are kept with a run; none if nobody gave any.

    Raises:
        ConfigError: If the table was made unreadable.
    """
    path = directory / FILE
    return read_labels(path) if path.exists() else ()


def majority(labels: Iterable[Label]) -> str | None:
    """Return the answer that more than half of the labels give; None if none is."""
    given = Counter(one.answer for one in labels)
    found = given.most_common(1)
    return found[0][0] if found and 2 * found[0][1] > given.total() else None
