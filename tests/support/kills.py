"""What a store holds of a study, while it runs, once it was killed, and at its end."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from peersim.models.pool import FREE
from peersim.seeding import SeedTree
from peersim.store.packing import unpack
from peersim.store.schema import FILE
from peersim.store.spending import spent

# Columns that say when and in which of its sessions a study was worked on, and what failed then.
_OF_SESSIONS = {
    *("session", "finished_at", "started_at"),
    *("attempts", "charged_tokens", "charged_usd", "estimated_usd"),
}
_WORKED = ("calls", "texts", "histories", "trials")


def reader(run):
    """A connection that looks on. While one is open, whoever dies leaves its last commit unnoted.

    Such a commit counts as never made, so all must be closed, and not left to the collector.
    """
    return contextlib.closing(sqlite3.connect(f"{(run / FILE).as_uri()}?mode=ro", uri=True))


def journalled(run):
    """How many calls a store holds; 0 before there is a store."""
    try:
        with reader(run) as connection:
            return count(connection)
    except sqlite3.Error:
        return 0


def count(connection):
    """How many calls there are by a connection."""
    return connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0]


@contextlib.contextmanager
def autopsy(run):
    """Open a copy of what a process that was killed left, so that who goes on finds it as it is.

    Yields a connection; None if there is no store.
    """
    if not (run / FILE).is_file():
        yield None
        return
    with tempfile.TemporaryDirectory() as place:
        for path in run.glob(f"{FILE}*"):
            if not path.name.endswith("-shm"):  # made again from the log
                shutil.copy(path, place)
        with contextlib.closing(sqlite3.connect(Path(place) / FILE)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            yield connection


def kept(run):
    """How many calls the store of a process that was killed holds."""
    return len(kept_seeds(run))


def kept_seeds(run):
    """The seeds of the calls that the store of a killed process holds: no two calls share one."""
    with autopsy(run) as store:
        keys = store.execute("SELECT owner, caller, number FROM calls") if store else ()
        root = SeedTree(0).child("call")
        return {root.child(owner, caller).child(number).seed for owner, caller, number in keys}


def counted_tokens(run):
    """How many tokens count as spent in the store of a process that was killed."""
    with autopsy(run) as store:
        return spent(store, lambda name: FREE).tokens if store else 0


def contents(run):
    """All that a study's work left in its store, byte for byte, whatever sessions it took."""
    with contextlib.closing(sqlite3.connect(run / FILE)) as store:
        return {table: sorted(_rows(store, table)) for table in _WORKED}


def _rows(store, table):
    found = store.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in found.description]
    for row in found:
        kept = dict(zip(names, row, strict=True))
        yield repr([(k, _text(k, v)) for k, v in kept.items() if k not in _OF_SESSIONS])


def _text(name, value):
    """A value; of a call's entry what answered it, without the attempts that had failed before."""
    value = unpack(value) if isinstance(value, bytes) else value
    if name != "entry":
        return value
    entry = json.loads(value)
    entry["completion"].pop("earlier", None)
    return json.dumps(entry)


def patiently(true, seconds=600, look=0.005):
    """Wait until something is true.

    Its looks are counted, and not the time: a machine that stands still is no fault of anybody's.
    """
    for _ in range(int(seconds / look)):
        if true():
            return
        time.sleep(look)
    raise AssertionError(f"it was not so after {seconds} s of waiting")
