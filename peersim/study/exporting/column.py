"""What a column is: its name, type, meaning and unit, told once for every form that has it."""

from typing import Literal

from pydantic import Field

from peersim.frozen import Frozen
from peersim.store.clock import Moment

# ``strings`` is a list of texts; in CSV they are joined by semicolons. ``time`` is a moment in UTC,
# to the microsecond; in CSV it is ISO 8601.
Type = Literal["string", "bool", "int", "float", "strings", "time"]
Value = str | bool | int | float | list[str] | Moment | None
Row = dict[str, Value]


class Column(Frozen):
    """One column of an exported table.

    Attributes:
        doc: What it says, and when it is empty.
        unit: The unit of its numbers; empty where there is none.
        published: Whether it bears the name of a column of the data set published with arXiv
            2604.19784, since it means the same.
    """

    name: str = Field(min_length=1)
    type: Type
    doc: str = Field(min_length=1)
    unit: str = ""
    published: bool = False


class Table(Frozen):
    """One exported table.

    Attributes:
        doc: What a row is.
        columns: In the order in which they are written.
        group: How many rows are held until they are written as one group.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    group: int = Field(default=10_000, exclude=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def text(name: str, doc: str, published: bool = False) -> Column:
    """Return a column of texts."""
    return Column(name=name, type="string", doc=doc, published=published)


def level(factor: str) -> Column:
    """Return the column of the levels of a factor, which has levels of one type in every run."""
    return text(f"arm.{factor}", f"The level of the factor {factor}; a number is a text too.")


def texts(name: str, doc: str) -> Column:
    """Return a column of lists of texts."""
    return Column(name=name, type="strings", doc=doc)


def time(name: str, doc: str) -> Column:
    """Return a column of moments."""
    return Column(name=name, type="time", doc=doc, unit="UTC")


def truth(name: str, doc: str, published: bool = False) -> Column:
    """Return a column of truth values."""
    return Column(name=name, type="bool", doc=doc, published=published)


def count(name: str, doc: str, unit: str = "", published: bool = False) -> Column:
    """Return a column of whole numbers."""
    return Column(name=name, type="int", doc=doc, unit=unit, published=published)


def number(name: str, doc: str, unit: str = "", published: bool = False) -> Column:
    """Return a column of numbers."""
    return Column(name=name, type="float", doc=doc, unit=unit, published=published)
