"""Small tables of counts, each with a question that has one exact answer."""

import random
from collections.abc import Mapping
from typing import Literal

from peersim.frozen import Frozen
from peersim.prompts.library import load_data

ROWS = 5
COLUMNS = 4
LOWEST = 10
HIGHEST = 99
# The largest that an answer can be: every count of a row at its highest.
MOST = COLUMNS * HIGHEST
Question = Literal["largest", "sum", "above"]
_QUESTIONS: tuple[Question, ...] = ("largest", "sum", "above")


class Table(Frozen):
    """A table of counts by town and month, and a question about it.

    Attributes:
        counted: What is counted, in the plural.
        cells: The counts, a row a town.
        question: The largest count of a month, the sum over a town's months, or how many towns
            had more than ``bar`` in a month.
        about: The month or town that the question is about.
        bar: Which count is to be exceeded; 0 for the other questions.
    """

    counted: str
    towns: tuple[str, ...]
    months: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    question: Question
    about: str
    bar: int = 0

    @property
    def right(self) -> int:
        """The answer to the question."""
        if self.question == "sum":
            return sum(self.cells[self.towns.index(self.about)])
        place = self.months.index(self.about)
        column = [row[place] for row in self.cells]
        if self.question == "largest":
            return max(column)
        return sum(count > self.bar for count in column)


def draw_table(rng: random.Random) -> Table:
    """Return a table with counts and a question drawn at random."""
    known: Mapping[str, list[str]] = load_data("report_tables")
    start = rng.randint(0, len(known["months"]) - COLUMNS)
    months = tuple(known["months"][start : start + COLUMNS])
    towns = tuple(rng.sample(known["towns"], ROWS))
    cells = tuple(tuple(rng.randint(LOWEST, HIGHEST) for _ in months) for _ in towns)
    question = rng.choice(_QUESTIONS)
    return Table(
        counted=rng.choice(known["counted"]),
        towns=towns,
        months=months,
        cells=cells,
        question=question,
        about=rng.choice(towns if question == "sum" else months),
        bar=rng.randint(3, 7) * 10 if question == "above" else 0,
    )
