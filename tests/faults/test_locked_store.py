"""A store that another program has locked: waited for while a run goes on, and called that."""

import asyncio
import contextlib
import re
import signal
import sqlite3

import pytest
from support.kills import patiently
from support.shell import peersim, start
from support.studies import opened, records, run, study

from peersim.errors import StoreError
from peersim.store.schema import FILE
from peersim.store.view import RunView

STUDY = (
    *("replicates=15", "tracking=none", "concurrency=8", "hydra.run.dir=run"),
    *("model.latency_seconds=0.05", "limits.stall_seconds=2"),
)


@contextlib.contextmanager
def browser(directory, exclusive=False):
    """Hold a store as a program does that has begun to change it."""
    with contextlib.closing(sqlite3.connect(directory / FILE, timeout=60)) as connection:
        connection.isolation_level = None
        if exclusive:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO meta VALUES ('note', 'mine')")
        yield
        connection.execute("ROLLBACK")


def busy(run_directory):
    """Whether some trials of a run are finished, and others are not."""
    return (run_directory / FILE).is_file() and len(RunView(run_directory).trial_ids) > 3


def told_until(process, words):
    """Read what a process says until it says this; return that line."""
    for line in process.stdout:
        if re.search(words, line):
            return line
    raise AssertionError(f"it never said {words!r}: {process.stderr.read()}")


@pytest.mark.slow
def test_a_run_waits_says_so_and_goes_on_when_it_is_let_go(tmp_path):
    process = start("run", *STUDY, cwd=tmp_path)
    patiently(lambda: busy(tmp_path / "run"))
    with browser(tmp_path / "run"):
        said = told_until(process, "nothing has moved for [4-9]|for 1[0-9] s")  # two looks at least
        assert "to be written down" in said or "the disk" in said
        told_until(process, "nothing has moved for 1[0-9] s")  # beyond what SQLite waits by itself
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, (out, err)
    assert len(records(tmp_path / "run")) == 30


@pytest.mark.slow
def test_ctrl_c_twice_waits_for_no_lock(tmp_path):
    process = start("run", *STUDY, cwd=tmp_path)
    patiently(lambda: busy(tmp_path / "run"))
    with browser(tmp_path / "run"):
        told_until(process, "nothing has moved")
        process.send_signal(signal.SIGINT)
        told_until(process, "asked to stop")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
    assert peersim("resume", "run", cwd=tmp_path).returncode == 0
    assert len(records(tmp_path / "run")) == 30


def test_a_lock_that_outlasts_all_patience_ends_a_run_which_names_it(tmp_path, monkeypatch):
    monkeypatch.setattr("peersim.store.study.PATIENCE_SECONDS", 0.3)
    with opened(tmp_path) as store, browser(tmp_path):
        with pytest.raises(StoreError, match="is locked by another program: close what holds it"):
            asyncio.run(begun(store))
        with pytest.raises(StoreError, match="then: peersim resume"):
            asyncio.run(store.put_meta("a", "b"))
    run(study(1), tmp_path)
    assert len(records(tmp_path)) == 2


async def begun(store):
    """Begin to work on a store, whose lock SQLite itself does not wait for long."""
    store._writer._connection.execute("PRAGMA busy_timeout=50")
    await store.begin_session()


@pytest.mark.parametrize("command", ["status", "resume"])
def test_a_locked_store_is_not_called_torn(tmp_path, command, monkeypatch):
    run(study(1), tmp_path / "run")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{"timeout": 0.1} | k))
    with browser(tmp_path / "run", exclusive=True):
        done = peersim(command, "run", cwd=tmp_path)
    assert done.returncode == 1
    assert "is locked by another program: close what holds it" in done.stderr
    assert "torn" not in done.stderr
