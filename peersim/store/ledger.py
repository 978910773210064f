"""The journal on SQLite."""

import sqlite3
import zlib

from peersim.errors import StoreError
from peersim.models.journal import CallKey, Entry
from peersim.store.schema import pack, unpack
from peersim.store.writer import Writer


class Ledger:
    """Keeps completions in the table ``calls``."""

    def __init__(self, reader: sqlite3.Connection, writer: Writer) -> None:
        """Keep a journal with a connection to read and a writer."""
        self._reader = reader
        self._writer = writer
        # A store that was empty at the start holds nothing that this process did not make,
        # and a call made by this process is never asked for again.
        self._empty = reader.execute("SELECT 1 FROM calls LIMIT 1").fetchone() is None

    def recall(self, key: CallKey) -> Entry | None:
        """Return the entry of a call, or None."""
        if self._empty:
            return None
        query = "SELECT entry FROM calls WHERE owner=? AND caller=? AND number=?"
        try:
            row = self._reader.execute(query, key).fetchone()
            return Entry.model_validate_json(unpack(row[0])) if row else None
        except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
            raise StoreError(
                f"the journal's entry of {key} is torn ({error})",
                "restore the run directory from a copy, or start a new one",
            ) from error

    async def keep(self, key: CallKey, entry: Entry) -> None:
        """Store an entry; return when it is committed."""
        body = pack(entry.model_dump_json(exclude_defaults=True))
        await self._writer.write("INSERT INTO calls VALUES (?, ?, ?, ?)", (*key, body))
