"""Every cell of an export is of its column's type, and every column is filled by some scenario."""

from datetime import datetime
from typing import get_args

import pyarrow.parquet as pq
import pytest
from support.studies import arm, run, study

from peersim.events.deeds import Act
from peersim.memory.summary import Summary
from peersim.oversight.kinds import AnyScenario
from peersim.store.view import RunView
from peersim.study.exporting.column import Table
from peersim.study.exporting.measures import other
from peersim.study.exporting.writing import Sink
from peersim.study.tables_out import write_tables

PARTS = ("opportunities", "count", "amount", "maximum")
SCENARIOS = get_args(get_args(AnyScenario)[0])
PYTHON = {
    "string": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "strings": (list,),
    "time": (datetime,),
}
# What only a failure, a sweep, a broker, a script, three agents, promises or a fickle target fill.
ELSEWHERE = {
    "trials": {
        "invalid_origin",
        "invalid_cause",
        "invalid_phase",
        "tie_triads",
        "tie_balance",
        "tie_answered",
    },
    "histories": {"failed_origin", "failed_cause"},
    "acts": {"seen_by"},
    "edges": {"assigned", "weight_promises"},
    "calls": {"failure", "cached_tokens"},
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """All rows that are written for a small run of each scenario, and their tables, by name."""
    rows, tables, add = {}, {}, Sink.add

    def kept(self, row):
        tables[self.table.name] = self.table
        rows.setdefault(self.table.name, []).append(row)
        add(self, row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sink, "add", kept)
        for scenario in SCENARIOS:
            home = tmp_path_factory.mktemp(scenario.__name__)
            made = arm("cooperative", Summary(), more={"scenario": scenario()})
            run(study(6, arms=(made,), probes=1), home / "run")
            write_tables(RunView(home / "run"), home / "out")
    return rows, tables


def test_every_cell_is_of_the_type_of_its_column(written):
    rows, tables = written
    for name, table in tables.items():
        types = {column.name: column.type for column in table.columns}
        for row in rows[name]:
            for column, value in row.items():
                if value is None:
                    continue
                kind = types[column]
                right = isinstance(value, PYTHON[kind])
                # A truth value is a whole number to Python, and to Arrow an error or a 1.
                right = right and isinstance(value, bool) == (kind == "bool")
                assert right, f"{name}.{column} is {kind}, and has {value!r}"


def test_every_column_that_is_told_of_is_filled_somewhere(written):
    rows, tables = written
    seen = {row["act"] for row in rows["acts"]}
    other_acts = {f"{act}_{part}" for act in Act if act not in seen for part in PARTS}
    empty = {}
    for name, table in tables.items():
        filled = {key for row in rows[name] for key, value in row.items() if value is not None}
        empty[name] = set(table.names) - filled - (other_acts if name == "edges" else set())
    assert {name: of for name, of in empty.items() if of} == ELSEWHERE


@pytest.mark.parametrize(
    ("name", "kinds", "kind"),
    [
        ("zeal", {"true", "false", "null"}, "bool"),
        ("zeal", {"true", "integer"}, "float"),
        ("zeal", {"real"}, "float"),
        ("zeal", {"text", "null"}, "string"),
        ("signed_error", {"null"}, "float"),
    ],
)
def test_a_measure_of_another_scenario_has_the_type_of_its_values(name, kinds, kind):
    assert other(name, kinds).type == kind


@pytest.mark.parametrize(
    ("kinds", "cells", "read"),
    [
        ({"text", "real"}, ("warm", 2.5, None, True), ["warm", "2.5", None, "true"]),
        ({"true", "real"}, (True, 2.5, None, 3), [1.0, 2.5, None, 3.0]),
    ],
)
def test_a_measure_that_mixes_types_is_written_in_every_form(tmp_path, kinds, cells, read):
    table = Table(name="trials", doc="Trials.", columns=(other("zeal", kinds),))
    for form in ("parquet", "csv"):
        sink = Sink(table, tmp_path / f"trials.{form}", form)
        for cell in cells:
            sink.add({"zeal": cell})
        sink.close()
    assert pq.read_table(tmp_path / "trials.parquet")["zeal"].to_pylist() == read
    assert (tmp_path / "trials.csv").read_text(encoding="utf-8").count("2.5") == 1
