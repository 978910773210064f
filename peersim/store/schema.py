"""The tables of a run's store, and the check that a file is one of ours."""

import os
import sqlite3
import threading
from pathlib import Path

from peersim.errors import StoreError
from peersim.store.torn import is_locked, locked

FILE = "study.sqlite"
# How often, and after which waits, one who reads an old store looks whether another that is at
# work on it has brought it to this version.
LOOKS, BETWEEN_LOOKS_SECONDS = 100, 0.05
# Marks the file as a peersim store in SQLite's own header ("peer" in ASCII).
APPLICATION_ID = 0x70656572
SCHEMA_VERSION = 7
# Statements that a connection remembers: an insert has a text for each number of its rows.
_STATEMENTS = 256
# Pages in the write-ahead log (32 MB) before they are folded into the store.
_FOLDED_PAGES = 8000

# charged_* is what a call counts for in the budget, its failed attempts included; NULL where
# no price was known. estimated_usd is the part of it that stands for unknown usage.
CALLS = """
CREATE TABLE calls (
    owner TEXT NOT NULL, caller TEXT NOT NULL, number INTEGER NOT NULL,
    model TEXT NOT NULL, served TEXT NOT NULL,
    session INTEGER NOT NULL, attempts INTEGER NOT NULL,
    input_tokens INTEGER, output_tokens INTEGER, cached_tokens INTEGER, cost_usd REAL,
    charged_tokens INTEGER NOT NULL, charged_usd REAL, estimated_usd REAL NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (owner, caller, number)
) WITHOUT ROWID;
"""
# texts holds what requests said, each part once; it is read when a request has changed.
NEW_IN_2 = """
CREATE TABLE texts (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE failures (
    failure INTEGER PRIMARY KEY, session INTEGER NOT NULL,
    owner TEXT NOT NULL, caller TEXT NOT NULL, number INTEGER NOT NULL,
    model TEXT NOT NULL, kind TEXT NOT NULL, attempts INTEGER NOT NULL,
    charged_tokens INTEGER NOT NULL, charged_usd REAL, estimated_usd REAL NOT NULL,
    at TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE throttles (
    session INTEGER NOT NULL, model TEXT NOT NULL, at REAL NOT NULL,
    slots INTEGER NOT NULL, why TEXT NOT NULL
);
"""
# What judges said of trials, beside the trials: judging changes none of them.
NEW_IN_3 = """
CREATE TABLE judgements (
    judging_id TEXT PRIMARY KEY, trial_id TEXT NOT NULL, rubric TEXT NOT NULL,
    judge TEXT NOT NULL, number INTEGER NOT NULL, missing TEXT,
    session INTEGER NOT NULL, judged_at TEXT NOT NULL, body BLOB NOT NULL
);
"""
# The most that a session had in flight or not yet written down: what a kill may have cost.
NEW_IN_4 = """
ALTER TABLE sessions ADD COLUMN held_tokens INTEGER;
ALTER TABLE sessions ADD COLUMN held_usd REAL;
"""
# Which code a session ran with, and where each real model was asked, as JSON by its reference
# (empty for the provider's own address); when work on a trial began.
NEW_IN_6 = """
ALTER TABLE sessions ADD COLUMN code_digest TEXT;
ALTER TABLE sessions ADD COLUMN reached TEXT;
ALTER TABLE trials ADD COLUMN started_at TEXT;
"""
# served: a line for each model asked for and each name that answered for it, with a tab between;
# empty where no provider said.
TRIALS = """
CREATE TABLE trials (
    trial_id TEXT PRIMARY KEY, history_id TEXT NOT NULL, surface TEXT NOT NULL,
    block INTEGER NOT NULL, arm TEXT NOT NULL, settings TEXT NOT NULL,
    invalid TEXT, cause TEXT, outcome TEXT, models TEXT NOT NULL, served TEXT NOT NULL,
    simulated INTEGER NOT NULL, cost_usd REAL, calls INTEGER NOT NULL,
    session INTEGER NOT NULL, finished_at TEXT NOT NULL, body BLOB NOT NULL
);
"""
TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
{CALLS}
{NEW_IN_2}
{NEW_IN_3}
CREATE TABLE histories (
    history_id TEXT PRIMARY KEY, failed TEXT, body BLOB NOT NULL
);
{TRIALS}
CREATE TABLE sessions (
    session INTEGER PRIMARY KEY, peersim TEXT NOT NULL, started_at TEXT NOT NULL,
    ended_at TEXT, ended TEXT, made INTEGER, recalled INTEGER, failed INTEGER, cost_usd REAL,
    retried INTEGER, abandoned_tokens INTEGER, abandoned_usd REAL,
    held_tokens INTEGER, held_usd REAL
);
{NEW_IN_6}"""
# Marks and tables in one transaction.
_NEW = (
    f"BEGIN IMMEDIATE;PRAGMA application_id={APPLICATION_ID};"
    f"PRAGMA user_version={SCHEMA_VERSION};{TABLES}COMMIT;"
)


def open_writable(path: Path) -> sqlite3.Connection:
    """Open a store to write to it, making its tables if the file is new.

    Raises:
        StoreError: If the file is foreign, torn or of another version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or not path.stat().st_size:
        _make(path)
    try:
        # Autocommit mode: the writer says BEGIN and COMMIT itself.
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
    except sqlite3.Error as error:  # such as a directory in its place
        raise _unusable(path, error) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Make a store without a row beside its place, and put it there whole.

    A process that is killed leaves no file that its readers would take for a foreign one.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        connection = sqlite3.connect(fresh, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=MEMORY")  # so that it is a single file
            connection.executescript(_NEW)
        finally:
            connection.close()
        # What a store that stood here before left beside it is about other pages.
        for left in ("-journal", "-wal", "-shm"):
            path.with_name(f"{path.name}{left}").unlink(missing_ok=True)
        fresh.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{path} cannot be made ({error})",
            "make room or mend the permissions, and give the command again",
        ) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA schema_version").fetchone()[0] == 0:
        connection.executescript(_NEW)  # an older version was killed while it made the store
    if version(connection, path) < SCHEMA_VERSION:
        from peersim.store.migrate import migrate

        migrate(connection, path)
    check(connection, path)
    connection.execute("PRAGMA journal_mode=WAL")
    # FULL: a commit survives the machine, not only the process. Group commit pays for it.
    connection.execute("PRAGMA synchronous=FULL")
    # Neighbouring calls share pages, so a page is folded in once in a while, not at every turn.
    connection.execute(f"PRAGMA wal_autocheckpoint={_FOLDED_PAGES}")


def open_readable(path: Path) -> sqlite3.Connection:
    """Open a store to read from it.

    Raises:
        StoreError: If there is none, or the file is foreign, torn or of another version.
    """
    if not path.is_file():
        raise StoreError(
            f"no run in {path.parent}", "give the directory of a run, or start one: peersim run"
        )
    connection = _connected(path)
    try:
        if 0 < version(connection, path) < SCHEMA_VERSION:
            connection.close()
            connection = _migrated(path)
        check(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _connected(path: Path) -> sqlite3.Connection:
    """Return a connection to read a store, also where nothing can be written beside it.

    SQLite reads a store with a write-ahead log through a file that it makes beside it. Where it
    cannot, and all of the log was folded in, the store is read as a file that never changes.
    """
    log = path.with_name(f"{path.name}-wal")
    folded = not log.exists() or not log.stat().st_size
    still = "&immutable=1" if folded and not os.access(path.parent, os.W_OK) else ""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{still}", uri=True)


def _migrated(path: Path) -> sqlite3.Connection:
    """Return a store of an older version opened to read it, brought to this version.

    Another who reads it at the same time may be about that already, and is soon done.
    """
    from peersim.store.lock import RunLock

    looks = LOOKS if os.access(path.parent, os.W_OK) else 0
    while _outdated(path):
        try:
            lock = RunLock(path.parent)
        except StoreError as error:
            if looks > 0:
                looks -= 1
                threading.Event().wait(BETWEEN_LOOKS_SECONDS)
                continue
            raise StoreError(
                f"{path} was made by an older version and cannot be brought to this one"
                f" ({error.what})",
                "read a copy of the run directory, in a place that can be written",
            ) from error
        try:
            open_writable(path).close()
        finally:
            lock.release()
    return _connected(path)


def _outdated(path: Path) -> bool:
    connection = _connected(path)
    try:
        return version(connection, path) < SCHEMA_VERSION
    finally:
        connection.close()


def version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version of an open store.

    Raises:
        StoreError: If the file is not a store.
    """
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    if marked != APPLICATION_ID:
        raise StoreError(f"{path} is not a peersim store", "give the directory of a run")
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Check that an open file is a store of this version.

    Raises:
        StoreError: If it is not.
    """
    found = version(connection, path)
    if found != SCHEMA_VERSION:
        raise StoreError(
            f"{path} has schema version {found}, this peersim reads version {SCHEMA_VERSION}",
            "use the peersim version that made the run (see: peersim doctor)",
        )


def _unusable(path: Path, error: sqlite3.Error | OSError) -> StoreError:
    if locked(error):
        return is_locked(path)
    return StoreError(
        f"{path} cannot be read as a store ({error})",
        "if the file was torn, restore it from a copy together with its -wal file; "
        "otherwise start a new run directory",
    )
