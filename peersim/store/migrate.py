"""Stores of older versions, brought to this one; the old file stays beside the new."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peersim.errors import StoreError
from peersim.store.columns import served_text
from peersim.store.packing import pack, unpack
from peersim.store.schema import (
    CALLS,
    NEW_IN_2,
    NEW_IN_3,
    NEW_IN_4,
    NEW_IN_6,
    SCHEMA_VERSION,
    TRIALS,
)

Rewrite = Callable[[dict[str, Any]], None]


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an open store to this version, in one transaction and after a copy was made.

    Raises:
        StoreError: If no migration leads from its version to this one.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    missing = [step for step in range(found, SCHEMA_VERSION) if step not in _STEPS]
    if missing:
        raise StoreError(
            f"{path} has schema version {found}, and no way leads to {SCHEMA_VERSION}",
            "use the peersim version that made the run",
        )
    _keep_copy(connection, path.with_name(f"{path.name}.v{found}"))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(found, SCHEMA_VERSION):
            _STEPS[step](connection)
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except (sqlite3.Error, KeyError, ValueError) as error:
        connection.execute("ROLLBACK")
        raise StoreError(
            f"{path} cannot be read as a store, so it was left at version {found} ({error})",
            "restore it from a copy, or use the peersim version that made the run",
        ) from error


def _keep_copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the store with what its write-ahead log holds; a half-made copy is made again."""
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    copy = sqlite3.connect(fresh)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    fresh.replace(path)


def _from_1(connection: sqlite3.Connection) -> None:
    """Version 2 meters calls, keeps failures, texts and throttles, and names roles' models."""
    connection.execute("ALTER TABLE calls RENAME TO calls_1")
    _script(connection, CALLS + NEW_IN_2)
    old = connection.execute("SELECT owner, caller, number, entry FROM calls_1").fetchall()
    for owner, caller, number, body in old:
        entry = json.loads(unpack(body))
        row = (owner, caller, number, *_call_2(entry), pack(json.dumps(entry)))
        connection.execute(f"INSERT INTO calls VALUES ({', '.join('?' * len(row))})", row)
    connection.execute("DROP TABLE calls_1")
    for column in ("retried INTEGER", "abandoned_tokens INTEGER", "abandoned_usd REAL"):
        connection.execute(f"ALTER TABLE sessions ADD COLUMN {column}")
    _rewrite(connection, "trials", "trial_id", _trial_2)


def _from_2(connection: sqlite3.Connection) -> None:
    """Version 3 keeps what judges said."""
    _script(connection, NEW_IN_3)


def _from_3(connection: sqlite3.Connection) -> None:
    """Version 4 knows what a killed session had in flight."""
    _script(connection, NEW_IN_4)


def _from_4(connection: sqlite3.Connection) -> None:
    """Version 5 says beside each trial who answered, which stood in its record alone."""
    old = [row[1] for row in connection.execute("PRAGMA table_info(trials)")]
    connection.execute("ALTER TABLE trials RENAME TO trials_4")
    _script(connection, TRIALS)
    connection.create_function("served", 1, _served_5, deterministic=True)
    columns = ", ".join(old)
    connection.execute(
        f"INSERT INTO trials ({columns}, served) SELECT {columns}, served(body) FROM trials_4"
    )
    connection.execute("DROP TABLE trials_4")


def _from_5(connection: sqlite3.Connection) -> None:
    """Version 6 knows each session's code and addresses, and when work on a trial began."""
    _script(connection, NEW_IN_6)


def _from_6(connection: sqlite3.Connection) -> None:
    """Version 7 packs texts with a dictionary; what was packed before is read all the same."""


def _served_5(body: bytes) -> str:
    """Return who answered by a trial's record."""
    roles = json.loads(unpack(body))["provenance"]["roles"].values()
    return served_text((of["requested"], of["served"], of.get("brokered", ())) for of in roles)


def _call_2(entry: dict[str, Any]) -> tuple[object, ...]:
    """Return the new columns of a call, and take from its entry what version 2 has no more."""
    completion = entry["completion"]
    attempts = completion.pop("attempts", 1)
    usage = completion.get("usage", {})
    read, written = usage.get("input_tokens"), usage.get("output_tokens")
    cost = usage.get("cost_usd")
    charged = (read or 0) + (written or 0)
    served = completion.get("served_model", "")
    used = (read, written, usage.get("cached_tokens"), cost)
    # Which model was asked for stood nowhere; the served one comes nearest.
    return (served, served, 0, attempts, *used, charged, cost, 0.0)


def _trial_2(record: dict[str, Any]) -> None:
    """Version 1 did not tell who was served in which role, so no role says more than it did."""
    source = record["provenance"]
    served = source.pop("served")
    source["roles"] = {
        role: {
            "requested": ref,
            "provider": ref.partition("/")[0],
            "served": served if len(set(served)) == 1 else [],
        }
        for role, ref in source.pop("models").items()
    }


def _rewrite(connection: sqlite3.Connection, table: str, key: str, change: Rewrite) -> None:
    """Change the JSON body of every row of a table."""
    for name, body in connection.execute(f"SELECT {key}, body FROM {table}").fetchall():
        whole = json.loads(unpack(body))
        change(whole)
        connection.execute(
            f"UPDATE {table} SET body=? WHERE {key}=?", (pack(json.dumps(whole)), name)
        )


def _script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements within the open transaction, which executescript would commit."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _from_1,
    2: _from_2,
    3: _from_3,
    4: _from_4,
    5: _from_5,
    6: _from_6,
}
