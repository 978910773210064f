"""Tables on disk: Parquet or CSV, a group of rows at a time, and the description of all columns."""

import csv
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Literal, Protocol, Self, get_args

from peersim.errors import StoreError
from peersim.store.clock import Moment, text_of
from peersim.study.exporting.column import Column, Row, Table, Value
from peersim.study.exporting.published import ABSENT

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["parquet", "csv"]
FORMS: tuple[Form, ...] = get_args(Form)


class _Sheet(Protocol):
    """A file that takes rows."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""

    def close(self) -> None:
        """End the file."""


class Sink:
    """One table's file while it is written.

    Attributes:
        rows: How many rows it was given.
    """

    def __init__(self, table: Table, path: Path, form: Form) -> None:
        """Begin the file."""
        self.table, self.rows = table, 0
        self._names = frozenset(table.names)
        self._sheet: _Sheet = _Parquet(table, path) if form == "parquet" else _Csv(table, path)
        self._held: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row; columns that it does not name are empty.

        Raises:
            ValueError: If it names a column that the table has not.
        """
        if not row.keys() <= self._names:
            raise ValueError(f"{self.table.name} has no {sorted(row.keys() - self._names)}")
        self._held.append(row)
        self.rows += 1
        if len(self._held) >= self.table.group:
            self._flush()

    def _flush(self) -> None:
        self._sheet.write(self._held)
        self._held = []

    def close(self) -> None:
        """Write what is held and end the file."""
        if self._held:
            self._flush()
        self._sheet.close()


class _Parquet:
    def __init__(self, table: Table, path: Path) -> None:
        import pyarrow.parquet as pq

        self._schema = schema_of(table)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        import pyarrow as pa

        arrays = [_array([row.get(field.name) for row in rows], field) for field in self._schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def _array(cells: Sequence[Value], field: "pa.Field") -> "pa.Array":
    """Return the cells of a column.

    What is no value of its type, as where a scenario of one's own measures now a number and now
    a text, is written as the CSV has it, or as a number.
    """
    import pyarrow as pa

    try:
        return pa.array(cells, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if pa.types.is_string(field.type):
            texts = [None if cell is None else _plain(cell) for cell in cells]
            return pa.array(texts, type=field.type)
        numbers = [float(cell) if isinstance(cell, bool) else cell for cell in cells]
        return pa.array(numbers, type=field.type)


class _Csv:
    def __init__(self, table: Table, path: Path) -> None:
        self._names = table.names
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(self._names)

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows([_plain(row.get(name)) for name in self._names] for row in rows)

    def close(self) -> None:
        self._file.close()


def _plain(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ";".join(value)
        case float():
            return repr(value)
        case Moment():
            return text_of(value)
        case _:
            return str(value)


def schema_of(table: Table) -> "pa.Schema":
    """Return a table's Arrow schema, with what every column says in its metadata."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int": pa.int64(),
        "float": pa.float64(),
        "strings": pa.list_(pa.string()),
        "time": pa.timestamp("us", tz="UTC"),
    }
    fields = [
        pa.field(column.name, types[column.type], metadata=_said(column))
        for column in table.columns
    ]
    return pa.schema(fields, metadata={"description": table.doc})


def _said(column: Column) -> dict[str, str]:
    unit = {"unit": column.unit} if column.unit else {}
    return {"description": column.doc, **unit}


class Folder:
    """The files of an export: written beside their places, and put there all at the end."""

    def __init__(self, directory: Path, form: Form, force: bool) -> None:
        """Prepare a folder for tables.

        Args:
            directory: Where the files will stand.
            form: How tables are written.
            force: Whether files of an earlier export may be replaced.
        """
        self._directory, self._form, self._force = directory, form, force
        self._fresh: dict[Path, Path] = {}
        self._sinks: list[Sink] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Make the directory.

        Raises:
            StoreError: If it cannot be made, or holds a description that may not be replaced.
        """
        for name in _DESCRIPTIONS:
            self._refuse(name)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self._directory} cannot be made ({error})", "give another --out"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take away what was not put in its place."""
        self._open.close()
        for fresh in self._fresh.values():
            with suppress(OSError):  # where nothing can be written, nothing was
                fresh.unlink(missing_ok=True)

    def sink(self, table: Table) -> Sink:
        """Begin a table's file.

        Raises:
            StoreError: If there is one and it may not be replaced.
        """
        path = self._place(f"{table.name}.{self._form}")
        found = Sink(table, path, self._form)
        self._sinks.append(found)
        self._open.callback(found.close)
        return found

    def _refuse(self, name: str) -> None:
        path = self._directory / name
        if path.exists() and not self._force:
            raise StoreError(f"{path} is there already", "give --force to replace it, or --out DIR")

    def _place(self, name: str) -> Path:
        self._refuse(name)
        path = self._directory / name
        self._fresh[path] = path.with_name(f".{name}.part")
        return self._fresh[path]

    def finish(self) -> list[Path]:
        """End all files, describe them, put them in their places and return those."""
        self._open.close()
        tables = [(sink.table, sink.rows) for sink in self._sinks]
        for name, describe in _DESCRIPTIONS.items():
            self._place(name).write_text(describe(tables, self._form), encoding="utf-8")
        for path, fresh in self._fresh.items():
            fresh.replace(path)
        done, self._fresh = list(self._fresh), {}
        return done


def dictionary(tables: Sequence[tuple[Table, int]], form: Form) -> str:
    """Return the description of all columns as JSON."""
    found = [
        {"file": f"{table.name}.{form}", "rows": rows, **table.model_dump(mode="json")}
        for table, rows in tables
    ]
    told = {"tables": found, "published_columns_left_out": dict(ABSENT)}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def readme(tables: Sequence[tuple[Table, int]], form: Form) -> str:
    """Return the description of all columns for people."""
    lines = ["# Tables of a peersim run", "", *_ABOUT, ""]
    for table, rows in tables:
        lines += [f"## {table.name}.{form} ({rows:,} rows)", "", table.doc, ""]
        lines += ["| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
        lines += [_line(column) for column in table.columns]
        lines.append("")
    lines += ["## Columns of the published data set that are not here", ""]
    lines += [f"- `{name}`: {why}" for name, why in ABSENT.items()]
    return "\n".join([*lines, ""])


_ABOUT = (
    "An empty cell says that there is no such value, which is never a zero. Rows marked simulated",
    "come from a stand-in model and are no finding about any model. Columns marked * bear the",
    "names of the data set published with arXiv 2604.19784, since they mean the same. Tables join",
    "on history_id, recollection_id and trial_id; calls and transcripts on owner_id.",
    "",
    "Parquet files are plain ones: `pandas.read_parquet`, DuckDB's `read_parquet` and",
    '`datasets.load_dataset("parquet", data_files=...)` read them. In CSV lists are joined by',
    "semicolons and truth values are `true` and `false`.",
)


_DESCRIPTIONS: dict[str, Callable[[Sequence[tuple[Table, int]], Form], str]] = {
    "columns.json": dictionary,
    "README.md": readme,
}


def _line(column: Column) -> str:
    mark = " *" if column.published else ""
    doc = column.doc.replace("|", "\\|")
    return f"| `{column.name}`{mark} | {column.type} | {column.unit} | {doc} |"
