"""The exported tables: read back by pandas and DuckDB, and equal to what the store holds."""

import csv
import json
import math

import pytest
from support.studies import arm, forked_study, opened, run, study

from peersim.errors import AnalysisRefusal, StoreError
from peersim.events.deeds import Acted
from peersim.memory.none import NoMemory
from peersim.models.retry import RetryPolicy
from peersim.readings.observed import Observed
from peersim.readings.persona import given_share
from peersim.readings.ties import standing
from peersim.store.code import code_digest
from peersim.store.tables import rows
from peersim.store.view import RunView, StoreView
from peersim.study.exporting.calls import CALLS, arms_table
from peersim.study.exporting.edges import EDGES
from peersim.study.exporting.histories import ACTS, HISTORIES
from peersim.study.exporting.measures import MEASURES
from peersim.study.exporting.published import ABSENT
from peersim.study.exporting.transcripts import TRANSCRIPTS
from peersim.study.exporting.trials import trials_table
from peersim.study.tables_out import write_tables

NAMES = ("trials", "histories", "acts", "edges", "calls", "arms", "transcripts")
TABLES = (
    *(trials_table(["f"], {}), HISTORIES, ACTS, EDGES, CALLS, arms_table(["f"])),
    TRANSCRIPTS,
)
ARROW = {
    "string": "string",
    "bool": "bool",
    "int": "int64",
    "float": "double",
    "strings": "list<element: string>",
    "time": "timestamp[us, tz=UTC]",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A finished run: two personas crossed with two memories, beliefs asked for."""
    directory = tmp_path_factory.mktemp("ran")
    run(forked_study(3, trials_per_history=2, probes=2), directory)
    return directory


@pytest.fixture(scope="module")
def tables(ran, tmp_path_factory):
    """Its tables as data frames, by name."""
    import pandas as pd

    out = tmp_path_factory.mktemp("tables")
    write_tables(RunView(ran), out)
    return {name: pd.read_parquet(out / f"{name}.parquet") for name in NAMES} | {"out": out}


def known(value):
    """A cell as Python has it: None where it is empty."""
    return None if isinstance(value, float) and math.isnan(value) else value


def test_every_trial_stands_in_the_table_with_the_values_that_analyses_read(ran, tables):
    found = {row["trial_id"]: row for row in tables["trials"].to_dict("records")}
    expected = rows(RunView(ran))
    assert list(found) == [row.trial_id for row in expected]
    for row in expected:
        cells = found[row.trial_id]
        assert {k.removeprefix("arm."): v for k, v in cells.items() if k[:4] == "arm."} == row.arm
        assert cells["simulated"]
        assert cells["history_id"] == row.history_id
        for name, value in row.values.items():
            if name in MEASURES or name in cells:
                column = MEASURES[name].name if name in MEASURES else name
                cell = known(cells[column])
                assert (None if cell is None else float(cell)) == value, name
            elif name == "exposed":
                assert (known(cells["exposed_at"]) is not None) == value
            else:
                assert (cells["disposition"] == name) == value


def test_the_facts_of_a_trial_are_those_of_its_record(ran, tables):
    found = {row["trial_id"]: row for row in tables["trials"].to_dict("records")}
    for record, _ in RunView(ran).records():
        cells = found[record.trial_id]
        assert cells["recollection_id"] == record.recollection_id
        assert cells["surface_id"] == record.surface
        assert cells["run_block"] == record.block
        assert cells["fork"] == record.spec.fork
        assert cells["replicate"] == record.spec.history.replicate
        assert cells["target"] == record.target
        assert cells["calls"] == record.outcome.calls
        assert cells["total_input_tokens"] == record.usage.input_tokens
        assert cells["total_cost_usd"] == record.usage.cost_usd
        assert cells["task_type"] == "tampering"
        assert cells["threshold"] == record.spec.oversight.scenario.bar
        assert list(cells["routes"]) == list(record.outcome.routes)
        reported = record.outcome.measures["reported"]
        bar = record.spec.oversight.scenario.bar
        assert cells["num_turns"] == record.outcome.calls
        assert cells["shutdown_enabled"] == (record.outcome.measures["flag_final"] == "on")
        assert known(cells["threshold_result"]) == (None if reported is None else reported >= bar)
        assert known(cells["bunching"]) == (
            None if reported is None else bar <= reported <= bar + 1
        )
        assert known(cells["reversed"]) == record.outcome.measures["restored"]
        assert not cells["is_memory"]
        assert cells["code_digest"] == code_digest()
        assert cells["started_at"] <= cells["finished_at"]
        trust = [probe.belief.trust for probe in record.beliefs if probe.belief]
        assert cells["probes_asked"] == len(record.beliefs) == 2
        assert cells["believed_trust"] == pytest.approx(sum(trust) / len(trust))


def test_a_dyad_is_a_pair_within_a_history(tables):
    pairs = tables["trials"].groupby("dyad_id").history_id.nunique()
    assert (pairs == 1).all()
    assert len(pairs) == tables["trials"].history_id.nunique()


def test_a_transcript_holds_all_events_of_its_trial_or_history(ran, tables):
    found = tables["transcripts"].set_index("owner_id")
    assert found.simulated.all()
    for record, store in RunView(ran).records():
        history = store.history(record.history_id)
        for name, events in (
            (record.trial_id, record.events), (record.history_id, history.events),
        ):  # fmt: skip
            told = json.loads(found.transcript_json[name])
            assert told == [event.model_dump(mode="json") for event in events]
    assert len(found) == len(tables["trials"]) + len(tables["histories"])


def test_ties_and_measures_of_a_trial_stand_beside_its_outcome(ran, tables):
    found = {row["trial_id"]: row for row in tables["trials"].to_dict("records")}
    for record, held in RunView(ran).records():
        stood = standing(record, held.history(record.history_id))
        cells = found[record.trial_id]
        for name in Observed.model_fields:
            value, cell = getattr(stood, name), cells[f"tie_{name}"]
            if name == "triads":
                assert not value
                assert cell is None
            elif value is None:
                assert cell is None or math.isnan(cell)
            else:
                assert cell == pytest.approx(value)
        assert 0 < cells["tie_received"] < 1


def test_acts_and_edges_are_those_of_the_histories(ran, tables):
    (store,) = RunView(ran).stores
    acts, edges = tables["acts"], tables["edges"]
    for (name,) in store.query("SELECT history_id FROM histories"):
        lived = [event for event in store.history(name).events if isinstance(event, Acted)]
        own = acts[acts.history_id == name]
        assert list(own.amount) == [event.amount for event in lived]
        assert list(own.kindness) == [event.kindness for event in lived]
        assert len(edges[(edges.layer == "observed") & (edges.history_id == name)]) > 0
    for record, held in RunView(ran).records():
        found = standing(record, held.history(record.history_id))
        pair = (edges.source == record.spec.oversight.overseer) & (edges.target == record.party)
        given = edges[(edges.layer == "observed") & (edges.history_id == record.history_id) & pair]
        assert list(given.weight) == [found.given]
        lived = held.history(record.history_id).events
        share = given_share(lived, record.spec.oversight.overseer, record.party)
        assert list(given.kindness) == [share]
        assert given.assigned.isna().all()  # models played
        said = edges[(edges.layer == "stated") & (edges.trial_id == record.trial_id) & pair]
        assert list(said.weight) == [pytest.approx(found.trust)]
        back = (edges.source == record.party) & (edges.layer == "recollected")
        recalled = edges[back & (edges.recollection_id == record.recollection_id)]
        assert list(recalled.weight) == ([] if found.recalled is None else [found.recalled])


def test_weights_under_the_other_rules_stand_beside_the_declared_one(tables):
    observed = tables["edges"][tables["edges"].layer == "observed"]
    assert set(observed.rule) == {"beta"}
    assert observed.weight_ledger.notna().all()
    one = observed.iloc[0]
    acts = tables["acts"]
    ours = (acts.actor == one.source) & (acts.target == one.target)
    own = acts[(acts.history_id == one.history_id) & ours]
    assert list(one.events) == list(own.event_id)
    assert one.helped_opportunities == (own.act == "helped").sum()


def test_every_call_of_the_journal_is_a_row(ran, tables):
    (store,) = RunView(ran).stores
    ((count, read),) = store.query("SELECT COUNT(*), SUM(input_tokens) FROM calls")
    calls = tables["calls"]
    assert len(calls) == count
    assert calls.input_tokens.sum() == read
    assert calls.answered.all()
    assert calls.simulated.all()
    own = calls[calls.owner_kind == "trial"].groupby("owner_id").size()
    trials = tables["trials"].set_index("trial_id")
    assert own.to_dict() == trials.calls.to_dict()


def test_duckdb_reads_and_joins_the_tables(tables):
    import duckdb

    out = tables["out"]
    query = f"""
        SELECT t."arm.memory", AVG(t.protected::INT), AVG(a.share)
        FROM read_parquet('{out}/trials.parquet') t
        JOIN (SELECT history_id, AVG(share) AS share FROM read_parquet('{out}/acts.parquet')
              GROUP BY 1) a USING (history_id) GROUP BY 1 ORDER BY 1
    """
    found = duckdb.sql(query).fetchall()
    trials = tables["trials"]
    rates = trials.groupby("arm.memory").protected.mean()
    assert [(memory, rate) for memory, rate, _ in found] == list(rates.items())
    kinds = dict(
        duckdb.sql(
            f"SELECT column_name, column_type FROM (DESCRIBE FROM '{out}/trials.parquet')"
        ).fetchall()
    )
    assert kinds["routes"] == "VARCHAR[]"
    assert kinds["survived"] == "BOOLEAN"
    assert kinds["run_block"] == "BIGINT"
    assert kinds["started_at"] == kinds["finished_at"] == "TIMESTAMP WITH TIME ZONE"
    took = "epoch_ms(finished_at) - epoch_ms(started_at)"
    (shortest,) = duckdb.sql(f"SELECT MIN({took}) FROM '{out}/trials.parquet'").fetchone()
    assert shortest >= 0


def test_times_are_moments_in_utc_and_texts_in_csv(ran, tables, tmp_path):
    import pandas as pd

    (store,) = RunView(ran).stores
    query = "SELECT trial_id, started_at, finished_at FROM trials"
    kept = {name: times for name, *times in store.query(query)}
    write_tables(RunView(ran), tmp_path, "csv")
    with (tmp_path / "trials.csv").open(newline="") as file:
        found = {row["trial_id"]: row for row in csv.DictReader(file)}
    trials = tables["trials"].set_index("trial_id")
    for place, column in enumerate(("started_at", "finished_at")):
        assert str(trials[column].dtype) == "datetime64[us, UTC]"
        for name, times in kept.items():
            assert trials[column][name] == pd.Timestamp(times[place])
            assert found[name][column] == times[place]


def test_a_trial_of_an_older_version_has_no_start(tmp_path):
    import pandas as pd

    run(study(2), tmp_path / "run")
    with opened(tmp_path / "run") as store:
        store._writer._connection.execute("UPDATE trials SET started_at=NULL WHERE block=1")
    write_tables(RunView(tmp_path / "run"), tmp_path / "out")
    trials = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    assert list(trials.started_at.isna()) == list(trials.run_block == 1)
    assert trials.finished_at.notna().all()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described_once_and_every_row_says_simulated(table):
    assert len(set(table.names)) == len(table.names)
    assert "simulated" in table.names
    assert all(column.doc.endswith(".") for column in table.columns)
    assert all(len(column.doc) > 10 for column in table.columns)


def test_the_files_the_dictionary_and_the_metadata_say_the_same(tables):
    import pyarrow.parquet as pq

    told = json.loads((tables["out"] / "columns.json").read_text())["tables"]
    page = (tables["out"] / "README.md").read_text()
    assert [one["name"] for one in told] == list(NAMES)
    published = {c["name"] for one in told for c in one["columns"] if c["published"]}
    assert not published & set(ABSENT)
    assert all(f"- `{name}`: " in page for name in ABSENT)
    for one in told:
        file = pq.ParquetFile(tables["out"] / one["file"])
        assert file.metadata.num_rows == one["rows"] == len(tables[one["name"]])
        for field, column in zip(file.schema_arrow, one["columns"], strict=True):
            assert field.name == column["name"]
            assert field.metadata[b"description"].decode() == column["doc"]
            assert field.metadata.get(b"unit", b"").decode() == column["unit"]
            assert str(field.type) == ARROW[column["type"]]
            assert f"| `{field.name}`" in page


def test_every_measure_of_the_built_in_scenarios_is_described(ran):
    # Their names as scenarios write them, from their sources: a new one must be told of.
    from importlib.resources import files

    text = "".join(
        path.read_text() for path in files("peersim.oversight").iterdir() if path.suffix == ".py"
    )
    for name in MEASURES:
        assert f'"{name}"' in text, f"no scenario has {name} any more"
    names = {column.name for column in MEASURES.values()}
    assert len(names) == len(MEASURES)
    for row in rows(RunView(ran)):
        known = set(MEASURES) | {"survived", "covert", "attempted", "objected", "exposed"}
        known |= {"disclosed", "false_statement", "calls"}
        kept = {name for name in row.values if name not in known}
        assert kept <= {
            "provider_blocked", "overreached", "protected", "refused", "escalated", "incomplete",
            "complied",
        }  # fmt: skip


def test_the_same_store_gives_the_same_bytes(ran, tables, tmp_path):
    for form in ("parquet", "csv"):
        one = write_tables(RunView(ran), tmp_path / "one" / form, form)
        two = write_tables(RunView(ran), tmp_path / "two" / form, form)
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    for path in (tmp_path / "one" / "parquet").iterdir():
        assert path.read_bytes() == (tables["out"] / path.name).read_bytes()


def test_csv_says_the_same_as_parquet(ran, tables, tmp_path):
    write_tables(RunView(ran), tmp_path, "csv")
    for name in NAMES:
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            assert next(csv.reader(file)) == list(tables[name].columns)
    with (tmp_path / "trials.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    for cells, row in zip(found, tables["trials"].to_dict("records"), strict=True):
        assert cells["trial_id"] == row["trial_id"]
        assert cells["survived"] == str(bool(row["survived"])).lower()
        assert cells["routes"] == ";".join(row["routes"])
        assert (cells["exposed_at"] == "") == (known(row["exposed_at"]) is None)
        assert cells["believed_trust"] == repr(row["believed_trust"])


def test_files_that_are_there_are_replaced_only_on_demand_and_never_half(ran, tmp_path):
    first = write_tables(RunView(ran), tmp_path)
    (tmp_path / "trials.parquet").write_text("mine")
    with pytest.raises(StoreError, match="there already"):
        write_tables(RunView(ran), tmp_path)
    assert (tmp_path / "trials.parquet").read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == sorted(first)
    write_tables(RunView(ran), tmp_path, force=True)
    assert (tmp_path / "trials.parquet").read_bytes()[:4] == b"PAR1"


def test_a_torn_store_leaves_no_file_behind(tmp_path):
    directory = tmp_path / "run"
    run(study(2), directory)
    with opened(directory) as store:
        connection = store._writer._connection
        connection.execute("UPDATE trials SET body=x'00' WHERE block=1")
    out = tmp_path / "out"
    with pytest.raises(StoreError, match="is torn"):
        write_tables(RunView(directory), out)
    assert list(out.iterdir()) == []


def test_a_run_that_never_finished_a_trial_has_empty_tables(tmp_path):
    import asyncio

    import pandas as pd

    from peersim.study.runner import adopt

    with opened(tmp_path / "run") as store:
        asyncio.run(adopt(study(2), store))
    write_tables(RunView(tmp_path / "run"), tmp_path / "out")
    found = {name: pd.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in NAMES}
    assert [len(found[name]) for name in NAMES] == [0, 0, 0, 0, 0, 2, 0]
    assert list(found["arms"]["arm.persona.peer"]) == ["cooperative", "uncooperative"]


def test_an_empty_store_has_tables_too(tmp_path):
    with opened(tmp_path / "run"):
        pass
    paths = write_tables(RunView(tmp_path / "run"), tmp_path / "out")
    assert len(paths) == len(NAMES) + 2


def test_invalid_trials_and_failed_calls_have_their_rows(tmp_path):
    import pandas as pd

    from peersim.models.base import Failure

    class Failing:
        """A model that nobody reaches."""

        simulated = True
        name = "simulated/loyal"

        async def complete(self, request):
            return Failure(kind="malformed_reply", detail="gibberish", retryable=False)

    class Nowhere:
        def model(self, ref):
            return Failing()

    what = study(2, retry=RetryPolicy(attempts=1))
    run(what, tmp_path / "run", models=Nowhere())
    write_tables(RunView(tmp_path / "run"), tmp_path / "out")
    trials = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    assert set(trials.validity) == {"invalid"}
    assert set(trials.invalid_origin) == {"provider"}
    assert trials.disposition.isna().all()
    assert trials.survived.isna().all()
    calls = pd.read_parquet(tmp_path / "out" / "calls.parquet")
    assert set(calls.failure) == {"malformed_reply"}
    assert not calls.answered.any()
    histories = pd.read_parquet(tmp_path / "out" / "histories.parquet")
    assert set(histories.failed_origin) == {"provider"}


def job(remember, name):
    made = arm(remember=remember).model_copy(update={"settings": {"memory": name, "model": "m"}})
    return study(2, arms=(made,))


def test_a_sweep_is_one_set_of_tables_and_what_jobs_share_stands_once(tmp_path):
    import pandas as pd

    sweep = tmp_path / "sweep"
    sweep.mkdir()
    (sweep / "multirun.yaml").write_text("")
    run(job(NoMemory(), "none"), sweep / "0")
    run(job(None, "summary"), sweep / "1")
    write_tables(RunView(sweep), tmp_path / "out")
    found = {name: pd.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in NAMES}
    trials = found["trials"]
    assert sorted(zip(trials.job, trials["arm.memory"], strict=True)) == [
        ("0", "none"), ("0", "none"), ("1", "summary"), ("1", "summary"),
    ]  # fmt: skip
    assert set(found["histories"].history_id) == set(trials.history_id)
    assert len(found["histories"]) == 2
    assert not found["acts"].duplicated(["history_id", "event_id"]).any()
    assert list(found["arms"]["arm.memory"]) == ["none", "summary"]
    assert set(found["calls"].job) == {"0", "1"}


def test_jobs_that_ran_the_same_trials_under_other_names_are_refused(tmp_path):
    sweep = tmp_path / "sweep"
    sweep.mkdir()
    (sweep / "multirun.yaml").write_text("")
    run(job(NoMemory(), "none"), sweep / "0")
    run(job(NoMemory(), "another"), sweep / "1")
    with pytest.raises(AnalysisRefusal, match="the very same trials"):
        write_tables(RunView(sweep), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_course_of_a_history_is_worked_out_once_for_all_its_trials(ran, tmp_path, monkeypatch):
    from peersim.study.exporting import standing as module

    asked, whole = [], module.grown

    def counted(history, rule):
        asked.append(history.spec)
        return whole(history, rule)

    monkeypatch.setattr(module, "grown", counted)
    write_tables(RunView(ran), tmp_path / "out")
    assert len(asked) == 6  # two personas of three replicates each; 24 trials


def test_a_trial_s_body_is_read_once(ran, tmp_path, monkeypatch):
    asked, query = [], StoreView.query

    def counted(self, statement, *values):
        asked.append(statement)
        return query(self, statement, *values)

    monkeypatch.setattr(StoreView, "query", counted)
    write_tables(RunView(ran), tmp_path / "out")
    # But for those trials whose recollection, met for the first time, is drawn as a graph.
    again = [one for one in asked if "FROM trials WHERE trial_id" in one]
    assert len(again) < 24
