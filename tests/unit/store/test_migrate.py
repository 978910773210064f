"""A store of version 1 is brought to this one, with nothing lost and the old file kept."""

import asyncio
import json
import shutil
import sqlite3
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from peersim.errors import NOT_KEPT, StoreError
from peersim.store.lock import RunLock
from peersim.store.packing import pack, unpack
from peersim.store.reached import reached
from peersim.store.schema import FILE, SCHEMA_VERSION, open_readable
from peersim.store.study import StudyStore
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.replay import replay
from peersim.study.rescore import rescored

# Made by the last version that wrote schema 1: replicates=2, the default study.
OLD = Path(__file__).parents[2] / "data" / "store_v1.sqlite"

TABLES = "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"
TABLES_OF_2 = ("calls", "texts", "failures", "throttles", "histories", "trials", "sessions", "meta")


@pytest.fixture
def run(tmp_path):
    """A run directory with a store of version 1."""
    directory = tmp_path / "run"
    directory.mkdir()
    shutil.copyfile(OLD, directory / FILE)
    return directory


def old_bodies(table, key):
    with sqlite3.connect(f"{OLD.as_uri()}?mode=ro&immutable=1", uri=True) as connection:
        found = connection.execute(f"SELECT {key}, body FROM {table}").fetchall()
    return {name: json.loads(unpack(body)) for name, body in found}


def test_reading_an_old_store_brings_it_to_this_version_and_keeps_the_old_file(run):
    view = RunView(run)
    assert view.stores[0].query("PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert (run / f"{FILE}.v1").is_file()
    with sqlite3.connect(run / f"{FILE}.v1") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_every_record_keeps_its_facts(run):
    before = old_bodies("trials", "trial_id")
    after = {record.trial_id: record for record, _ in RunView(run).records()}
    assert after.keys() == before.keys()
    for trial_id, record in after.items():
        now = record.model_dump(mode="json")
        for name in ("events", "state", "outcome", "validity", "spec"):
            # Fields that version 1 did not have stand at their defaults.
            assert _within(before[trial_id][name], now[name]), name
        assert record.provenance.models == before[trial_id]["provenance"]["models"]
        assert list(record.provenance.served) == before[trial_id]["provenance"]["served"]
    assert len(rows(RunView(run))) == len(before) == 4


def _within(old, new):
    """Whether everything of the old value stands unchanged in the new one."""
    if isinstance(old, dict):
        return all(_within(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(_within(a, b) for a, b in zip(old, new, strict=True))
    return old == new


def test_every_call_is_kept_and_counted(run):
    (store,) = RunView(run).stores
    found = store.query("SELECT COUNT(*), SUM(charged_tokens), MIN(model) FROM calls")[0]
    assert found[0] == 51
    assert found[1] > 1000
    assert found[2] == "simulated/loyal"


def test_an_old_run_s_replay_says_what_prompts_say_now_and_it_can_be_rescored(run):
    view = RunView(run)
    (store,) = view.stores

    async def all_of_them():
        return [one async for one in replay(store, view.trial_ids)]

    for one in asyncio.run(all_of_them()):
        # The rules have said since what a lapse pays.
        assert one.problem.endswith("(changed: message 0 (system))")
        (difference,) = one.differences
        assert difference.then == NOT_KEPT  # the first version kept no texts
        assert "Who makes no move when it is due gets 0 points" in difference.now
    for record, _ in view.records():
        again = rescored(record)
        added = again.outcome.measures.keys() - record.outcome.measures.keys()
        assert added == {"flag_off"}
        kept = {k: v for k, v in again.outcome.measures.items() if k not in added}
        outcome = again.outcome.model_copy(update={"measures": kept})
        assert again.model_copy(update={"outcome": outcome}) == record


def _drop_what_6_added(connection):
    connection.execute("ALTER TABLE trials DROP COLUMN started_at")
    for column in ("code_digest", "reached"):
        connection.execute(f"ALTER TABLE sessions DROP COLUMN {column}")


def test_a_store_of_version_2_gets_a_place_for_judgements_and_keeps_all_else(run):
    RunView(run)  # brought to this version, and then back to the second
    with sqlite3.connect(run / FILE) as connection:
        connection.execute("DROP TABLE judgements")
        for column in ("held_tokens", "held_usd"):
            connection.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
        connection.execute("ALTER TABLE trials DROP COLUMN served")
        _drop_what_6_added(connection)
        connection.execute("PRAGMA user_version=2")
    with sqlite3.connect(run / FILE) as connection:
        before = {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in TABLES_OF_2}
    view = RunView(run)
    assert view.judgements() == []
    after = {t: view.stores[0].query(f"SELECT * FROM {t}") for t in TABLES_OF_2}
    before["sessions"] = [(*row, *[None] * 4) for row in before["sessions"]]
    said = "simulated/loyal\tsimulated/loyal"
    before["trials"] = [(*row[:10], said, *row[10:], None) for row in before["trials"]]
    assert after == before
    with sqlite3.connect(run / f"{FILE}.v2") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)


def test_who_answered_is_read_from_the_records_of_a_store_of_version_4(run):
    RunView(run)  # brought to this version, and then back to the fourth
    with sqlite3.connect(run / FILE) as connection:
        connection.execute("ALTER TABLE trials DROP COLUMN served")
        _drop_what_6_added(connection)
        for place, (name, body) in enumerate(
            connection.execute("SELECT trial_id, body FROM trials ORDER BY trial_id").fetchall()
        ):
            whole = json.loads(unpack(body))
            for role in whole["provenance"]["roles"].values():
                role["served"] = [] if place == 0 else [f"loyal-{place}"]
                role["brokered"] = ["Foundry"] if place == 1 else []
            connection.execute(
                "UPDATE trials SET body=? WHERE trial_id=?", (pack(json.dumps(whole)), name)
            )
        connection.execute("PRAGMA user_version=4")
    served = [row.served for row in sorted(rows(RunView(run)), key=lambda row: row.trial_id)]
    asked = "simulated/loyal"
    assert served[0] == ()  # nobody said
    assert served[1] == ((asked, "loyal-1"), (asked, "via Foundry"))
    assert served[2:] == [((asked, "loyal-2"),), ((asked, "loyal-3"),)]
    assert {row.session for row in rows(RunView(run))} == {1}


def test_a_store_of_version_5_does_not_know_where_its_models_were_asked(run):
    RunView(run)  # brought to this version, and then back to the fifth
    with sqlite3.connect(run / FILE) as connection:
        _drop_what_6_added(connection)
        connection.execute("PRAGMA user_version=5")
    view = RunView(run)
    assert view.stores[0].query("SELECT DISTINCT reached FROM sessions") == [(None,)]
    assert reached(view.stores) == {}


def test_a_migrated_store_has_the_tables_of_a_new_one(run, tmp_path):
    StudyStore(tmp_path / "new").close()
    old, new = (RunView(d).stores[0].query(TABLES) for d in (run, tmp_path / "new"))
    assert {name: columns(run, name) for (name,) in old} == {
        name: columns(tmp_path / "new", name) for (name,) in new
    }


def columns(directory, table):
    found = RunView(directory).stores[0].query(f"PRAGMA table_info({table})")
    return [tuple(row[1:3]) for row in found]


def test_a_store_that_is_in_use_is_not_migrated(run, monkeypatch):
    monkeypatch.setattr("peersim.store.schema.LOOKS", 2)
    lock = RunLock(run)
    with pytest.raises(StoreError, match="in use by another peersim"):
        RunView(run)
    lock.release()
    assert not (run / f"{FILE}.v1").exists()


def test_who_reads_an_old_store_waits_for_another_that_brings_it_to_this_version(run):
    lock = RunLock(run)
    later = threading.Timer(0.3, lock.release)
    later.start()
    try:
        assert len(RunView(run).trial_ids) == 4
    finally:
        later.join()
    assert (run / f"{FILE}.v1").exists()


def test_many_may_read_an_old_store_at_once(run):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: len(RunView(run).trial_ids), range(6)))
    assert found == [4] * 6


def test_a_migration_that_fails_leaves_the_store_as_it_was(run):
    with sqlite3.connect(run / FILE) as connection:
        connection.execute("UPDATE calls SET entry=x'00' WHERE number=0")
    torn = (run / FILE).read_bytes()
    with pytest.raises(StoreError, match="cannot be read as a store"):
        StudyStore(run)
    with sqlite3.connect(run / FILE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert len(torn) == (run / FILE).stat().st_size


def test_a_store_of_a_later_version_is_refused_with_advice(run):
    with sqlite3.connect(run / FILE) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match="use the peersim version that made the run"):
        open_readable(run / FILE)


def test_a_store_of_version_5_gets_empty_places_for_the_start_and_the_code(run):
    RunView(run)
    with sqlite3.connect(run / FILE) as connection:
        _drop_what_6_added(connection)
        connection.execute("PRAGMA user_version=5")
    (store,) = RunView(run).stores
    assert set(store.query("SELECT started_at FROM trials")) == {(None,)}
    assert {session.code_digest for session in store.sessions()} <= {None}
    assert len(store.query("SELECT finished_at FROM trials")) == 4


def test_a_store_of_version_6_keeps_its_texts_as_they_were_packed(run):
    before = RunView(run).stores[0].query("SELECT body FROM trials ORDER BY trial_id")
    squeezed = {}
    with sqlite3.connect(run / FILE) as connection:
        for trial_id, body in connection.execute("SELECT trial_id, body FROM trials").fetchall():
            squeezed[trial_id] = zlib.compress(unpack(body).encode())
            connection.execute(
                "UPDATE trials SET body=? WHERE trial_id=?", (squeezed[trial_id], trial_id)
            )
        connection.execute("PRAGMA user_version=6")
    (store,) = RunView(run).stores
    assert store.query("PRAGMA user_version") == [(SCHEMA_VERSION,)]
    after = dict(store.query("SELECT trial_id, body FROM trials"))
    assert after == squeezed
    assert [unpack(after[name]) for name in sorted(after)] == [unpack(body) for (body,) in before]
    assert [r.trial_id for r, _ in RunView(run).records()]
