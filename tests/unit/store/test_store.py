"""The store: durable, its own, and clear about what is wrong with it."""

import asyncio
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from peersim.errors import StoreError
from peersim.models.asked import Message
from peersim.models.base import Completion, Request
from peersim.models.journal import CallKey, Entry
from peersim.models.money import Usage
from peersim.store.packing import pack
from peersim.store.runs import find_stores
from peersim.store.schema import FILE, open_readable, open_writable
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.store.writer import Writer

ASK = Request(messages=(Message(role="user", content="Well?"),))
ENTRY = Entry(request="r", parts=1, changed={"message 0 (user)": "d"}, completion=Completion())


@pytest.fixture
def store(tmp_path):
    opened = StudyStore(tmp_path / "run")
    yield opened
    opened.close()


def test_a_kept_call_is_durable_when_keep_returns(store, tmp_path):
    async def go():
        for number in range(5):
            await store.ledger.keep(CallKey("trial-0", "Rowan", number), ENTRY, "m", ASK)
            with sqlite3.connect(tmp_path / "run" / FILE) as other:
                found = other.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
            assert found == number + 1

    asyncio.run(go())


def test_the_journal_recalls_what_an_earlier_process_kept(tmp_path):
    key = CallKey("trial-0", "Rowan", 3)
    first = StudyStore(tmp_path)
    asyncio.run(first.ledger.keep(key, ENTRY, "m", ASK))
    first.close()
    second = StudyStore(tmp_path)
    assert second.ledger.recall(key) == ENTRY
    assert second.ledger.recall(key._replace(number=4)) is None
    second.close()


def test_many_writers_wait_for_few_commits(store):
    async def go():
        keys = [CallKey("trial-0", "Rowan", number) for number in range(300)]
        await asyncio.gather(*(store.ledger.keep(key, ENTRY, "m", ASK) for key in keys))

    asyncio.run(go())
    assert store._reader.execute("SELECT COUNT(*) FROM calls").fetchone() == (300,)


def test_a_store_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("peersim.store.schema._NEW", "BEGIN IMMEDIATE;CREATE TABLE a (b);nonsense;")
        with pytest.raises(StoreError, match="cannot be made"):
            StudyStore(tmp_path)
    assert not (tmp_path / FILE).exists()
    # What is left of a store that somebody took away belongs to no other.
    (tmp_path / f"{FILE}-journal").write_bytes(b"of another one" * 99)
    StudyStore(tmp_path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.lock", FILE]
    assert RunView(tmp_path).stores[0].sessions() == []


def test_a_write_that_fails_says_so_to_everyone_who_waits(tmp_path):
    connection = open_writable(tmp_path / FILE)
    connection.execute("PRAGMA max_page_count=20")
    writer = Writer(connection, "the store")

    async def go():
        big = "x" * 50_000
        rows = [writer.write("INSERT INTO meta VALUES (?, ?)", (str(i), big)) for i in range(40)]
        return await asyncio.gather(*rows, return_exceptions=True)

    found = asyncio.run(go())
    writer.close()
    failed = [error for error in found if error is not None]
    assert failed
    assert all(isinstance(error, StoreError) for error in failed)
    assert "make room" in str(failed[0])


def test_a_batch_that_fails_is_undone_whole_and_the_writer_goes_on(store):
    key = CallKey("trial-0", "Rowan", 0)

    async def go():
        await store.ledger.keep(key, ENTRY, "m", ASK)
        twice = store.ledger.keep(key, ENTRY, "m", ASK)
        beside = store.put_meta("beside", "the failing one")
        found = await asyncio.gather(twice, beside, return_exceptions=True)
        await store.put_meta("after", "it")
        return found

    twice, beside = asyncio.run(go())
    assert isinstance(twice, StoreError)
    assert store.meta("after") == "it"
    assert (store.meta("beside") is None) == isinstance(beside, StoreError)


def test_a_value_that_cannot_be_stored_fails_alone_and_nobody_waits_for_ever(store):
    async def go():
        huge = Completion(usage=Usage(input_tokens=2**70, output_tokens=1))
        entry = ENTRY.model_copy(update={"completion": huge})
        with pytest.raises(StoreError, match="too large"):
            await store.ledger.keep(CallKey("trial-0", "Rowan", 0), entry, "m", ASK)
        await store.ledger.keep(CallKey("trial-0", "Rowan", 1), ENTRY, "m", ASK)

    asyncio.run(asyncio.wait_for(go(), 10))


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path):
    store = StudyStore(tmp_path)
    store._writer._connection.execute("PRAGMA max_page_count=40")
    kept = []

    async def go():
        for number in range(5000):
            key = CallKey("trial-0", "Rowan", number)
            await store.ledger.keep(key, ENTRY, "m", ASK)
            kept.append(key)

    with pytest.raises(StoreError, match="make room"):
        asyncio.run(go())
    store.close()
    assert kept
    again = StudyStore(tmp_path)
    assert all(again.ledger.recall(key) == ENTRY for key in kept)
    again.close()


def test_the_write_ahead_log_is_folded_in_at_the_end(tmp_path):
    store = StudyStore(tmp_path)
    asyncio.run(store.put_meta("a", "b"))
    store.close()
    assert not (tmp_path / f"{FILE}-wal").exists()


def test_the_log_is_folded_in_while_others_still_have_the_store_open(tmp_path):
    store = StudyStore(tmp_path)
    reader = RunView(tmp_path)
    asyncio.run(store.put_meta("a", "b"))
    store.close()
    assert (tmp_path / f"{FILE}-wal").stat().st_size == 0
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / FILE, tmp_path / "copy")
    assert RunView(tmp_path / "copy").stores[0].query("SELECT value FROM meta") == [("b",)]
    assert reader.stores[0].query("SELECT value FROM meta") == [("b",)]


def test_a_store_of_a_version_that_was_never_released_is_not_called_torn(tmp_path):
    StudyStore(tmp_path).close()
    spoilt(tmp_path, "INSERT INTO histories VALUES ('history-1', NULL, x'00')")
    spoilt(tmp_path, "ALTER TABLE histories RENAME COLUMN body TO words")
    store = StudyStore(tmp_path)
    with pytest.raises(StoreError, match=r"lacks what this peersim reads .*no such column"):
        store.history("history-1")
    store.close()


@pytest.mark.parametrize("open_store", [open_writable, open_readable])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is no database at all, but some text " * 50, "cannot be read as a store"),
        ("foreign", "not a peersim store"),
        ("newer", "schema version 99"),
        ("torn", "cannot be read as a store|torn"),
    ],
)
def test_what_is_not_ours_is_refused_with_advice(tmp_path, open_store, content, said):
    path = tmp_path / FILE
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "foreign":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE a (b)")
    elif content == "newer":
        open_writable(path).close()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version=99")
    else:
        open_writable(path).close()
        whole = path.read_bytes()
        path.write_bytes(b"SQLite format 2\0" + whole[16:200])
    before = path.read_bytes()
    with pytest.raises(StoreError, match=said):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("open_store", [open_writable, StudyStore])
def test_a_directory_in_the_place_of_a_store_is_refused_with_advice(tmp_path, open_store):
    (tmp_path / FILE / "deep").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read as a store"):
        open_store(tmp_path / FILE if open_store is open_writable else tmp_path)


def test_a_run_that_cannot_be_written_is_not_sent_to_another_directory(tmp_path, monkeypatch):
    StudyStore(tmp_path / "begun").close()

    def refused(path, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StoreError, match="mend its permissions, then: peersim resume"):
        StudyStore(tmp_path / "begun")
    with pytest.raises(StoreError, match="choose another directory"):
        StudyStore(tmp_path / "new")


def test_a_file_torn_in_the_middle_is_named_when_it_is_read(tmp_path):
    store = StudyStore(tmp_path)

    async def fill():
        for number in range(200):
            await store.put_meta(str(number), "x" * 500)

    asyncio.run(fill())
    store.close()
    path = tmp_path / FILE
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match=r"torn|cannot be read"):
        RunView(tmp_path).stores[0].meta("7")


def test_a_directory_without_a_run_is_refused_with_advice(tmp_path):
    with pytest.raises(StoreError, match="peersim run"):
        find_stores(tmp_path)
    with pytest.raises(StoreError, match="no directory"):
        find_stores(tmp_path / "nowhere")


def test_the_jobs_of_a_sweep_come_in_the_order_of_their_numbers(tmp_path):
    for name in ("10", "9", "2"):
        StudyStore(tmp_path / name).close()
    with pytest.raises(StoreError, match="no run in"):
        find_stores(tmp_path)  # runs that merely lie side by side are no sweep
    (tmp_path / "multirun.yaml").write_text("")
    assert [path.parent.name for path in find_stores(tmp_path)] == ["2", "9", "10"]


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"hydra\.run\.dir"):
        StudyStore(tmp_path / "file" / "run")


def test_closing_ends_the_thread(tmp_path):
    before = {*threading.enumerate()}
    store = StudyStore(tmp_path)
    assert [t.name for t in {*threading.enumerate()} - before] == ["peersim-writer"]
    store.close()
    assert not {*threading.enumerate()} - before


def test_a_call_made_by_this_very_process_is_recalled_and_not_made_again(store):
    key = CallKey("recollection-0", "memory", 0)

    async def go():
        assert store.ledger.recall(key) is None
        await store.ledger.keep(key, ENTRY, "m", ASK)
        assert store.ledger.recall(key) == ENTRY
        assert store.ledger.recall(key._replace(number=1)) is None
        assert store.ledger.recall(key._replace(owner="recollection-1")) is None

    asyncio.run(go())


def spoilt(directory, statement):
    """Change a store behind its back."""
    with sqlite3.connect(directory / FILE) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("body", ["x'00'", "CAST('no zlib at all' AS BLOB)"])
def test_a_torn_history_is_named_and_is_no_fault_of_ours(tmp_path, body):
    StudyStore(tmp_path).close()
    spoilt(tmp_path, f"INSERT INTO histories VALUES ('history-1', NULL, {body})")
    store = StudyStore(tmp_path)
    with pytest.raises(StoreError, match=r"history-1 in .* is torn .*restore"):
        store.history("history-1")
    with pytest.raises(StoreError, match=r"history-1 in .* is torn"):
        RunView(tmp_path).stores[0].history("history-1")
    store.close()


def test_a_history_that_says_something_else_is_torn_too(tmp_path):
    StudyStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("INSERT INTO histories VALUES ('h', NULL, ?)", (pack("{}"),))
    store = StudyStore(tmp_path)
    with pytest.raises(StoreError, match=r"h in .* is torn"):
        store.history("h")
    store.close()


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.done(),
        lambda store: store.judged(),
        lambda store: store.meta("study"),
        lambda store: store.spent(lambda name: None),
        lambda store: store.ledger.text("x"),
        lambda store: asyncio.run(store.begin_session()),
    ],
)
def test_whatever_cannot_be_read_is_said_with_advice(tmp_path, read):
    store = StudyStore(tmp_path)
    for table in ("trials", "judgements", "meta", "sessions", "texts"):
        spoilt(tmp_path, f"DROP TABLE {table}")
    with pytest.raises(StoreError, match=r"is torn .*restore the run directory from a copy"):
        read(store)
    store.close()


def test_a_whole_run_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    store = StudyStore(tmp_path)
    asyncio.run(store.put_meta("a", "b"))
    store.close()
    monkeypatch.setattr("peersim.store.schema.os.access", lambda path, mode: False)
    assert RunView(tmp_path).stores[0].meta("a") == "b"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.lock", FILE]


def test_a_log_that_was_not_folded_in_is_read_with_the_store(tmp_path, monkeypatch):
    store = StudyStore(tmp_path)
    asyncio.run(store.put_meta("a", "b"))
    monkeypatch.setattr("peersim.store.schema.os.access", lambda path, mode: False)
    assert RunView(tmp_path).stores[0].meta("a") == "b"
    store.close()
