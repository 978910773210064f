"""The one writer: a thread that commits whatever has queued up as one transaction."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from peersim.errors import StoreError
from peersim.models.onward import RESUME, Onward
from peersim.store.packing import pack_all
from peersim.store.torn import LET_GO, locked

# Jobs per transaction at most, so that the first of a flood is not kept waiting.
_BATCH = 512
# Rows in one statement at most: older SQLite takes no more than 999 values.
_ROWS = 64
# Where several write at once, the first waits so long for company: fewer commits, and fewer
# changes between threads, which cost more than the wait.
COMPANY_SECONDS = 0.005


class Statement(NamedTuple):
    """A statement and its values.

    Attributes:
        many: It is ``INSERT ... VALUES`` without the marks, of a row that nothing else in a
            transaction looks at, so that many such rows become one statement.
        body: A text that is packed and put behind the values, if there is one.
    """

    text: str
    values: Sequence[Any]
    many: bool = False
    body: str | None = None


class _Job(NamedTuple):
    statements: Sequence[Statement]
    done: "asyncio.Future[None]"


def combined(statements: Iterable[Statement]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield what to execute, in order, the rows that may be put together last.

    Around every statement the interpreter is handed to the other thread and has to be got back,
    which takes longer than most statements do.
    """
    rows: dict[str, list[Sequence[Any]]] = {}
    for statement in statements:
        if statement.many:
            rows.setdefault(statement.text, []).append(statement.values)
        else:
            yield statement.text, statement.values
    for text, found in rows.items():
        marks = f"({', '.join('?' * len(found[0]))})"
        done = 0
        while left := len(found) - done:
            size = min(left, _ROWS)
            values = [value for row in found[done : done + size] for value in row]
            yield f"{text} {', '.join([marks] * size)}", values
            done += size


def packed(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Yield statements with their bodies packed and put among the values."""
    bodies = iter(pack_all([one.body for one in statements if one.body is not None]))
    for one in statements:
        yield (
            one if one.body is None else Statement(one.text, (*one.values, next(bodies)), one.many)
        )


class Writer:
    """Writes statements durably, many per commit.

    Attributes:
        patience_seconds: For how long a store that another program has locked is waited for,
            beyond the few seconds that SQLite waits by itself.
    """

    def __init__(self, connection: sqlite3.Connection, path: str, onward: Onward = RESUME) -> None:
        """Start the thread on a connection that nobody else writes to."""
        self._connection = connection
        self._path = path
        self._onward = onward
        self._crowded = False
        self.patience_seconds = 0.0
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="peersim-writer", daemon=True)
        self._thread.start()

    async def write(self, statement: str, values: Sequence[Any]) -> None:
        """Write one statement; return only when it is committed.

        Raises:
            StoreError: If it could not be written, for example because the disk is full.
        """
        await self.write_all([Statement(statement, values)])

    async def write_all(self, statements: Sequence[Statement]) -> None:
        """Write several statements in one transaction; return only when it is committed.

        Raises:
            StoreError: If they could not be written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put(_Job(statements, done))
        await done

    def close(self) -> None:
        """Write what is queued, then stop and close the connection."""
        self.patience_seconds = 0.0
        self._queue.put(None)
        self._thread.join()
        self._fold()
        self._connection.close()

    def _fold(self) -> None:
        """Fold the write-ahead log into the file, so that a finished store is one whole file.

        SQLite does so only when the last connection closes, and readers may still have theirs.
        Where it cannot be done, the log stays beside the file and nothing is lost.
        """
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _serve(self) -> None:
        while True:
            batch, last = self._batch()
            if batch:
                self._settle(batch, self._commit(batch))
            if last:
                return

    def _batch(self) -> tuple[list[_Job], bool]:
        """Return the jobs that wait, at least one, and whether the queue has ended."""
        batch: list[_Job] = []
        job = self._queue.get()
        if self._crowded:
            time.sleep(COMPANY_SECONDS)
        while job is not None:
            batch.append(job)
            if len(batch) >= _BATCH or self._queue.empty():
                self._crowded = len(batch) > 1
                return batch, False
            job = self._queue.get()
        return batch, True

    def _commit(self, batch: list[_Job]) -> Exception | None:
        """Commit a batch whole or not at all; return what went wrong.

        A value that SQLite cannot take must not end the thread, or all would wait for ever.
        """
        try:
            statements = [*packed([one for job in batch for one in job.statements])]
            self._begin()
            for text, values in combined(statements):
                self._connection.execute(text, values)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, ValueError, OverflowError, TypeError) as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return error
        return None

    def _begin(self) -> None:
        """Begin a transaction, as soon as no other program has one."""
        began = time.monotonic()
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not locked(error):
                    raise
                if time.monotonic() - began >= self.patience_seconds:
                    self.patience_seconds = 0.0  # what else there is to write tries once
                    raise

    def _settle(self, batch: list[_Job], error: Exception | None) -> None:
        """Tell the waiters, each loop once."""
        loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for job in batch:
            loops.setdefault(job.done.get_loop(), []).append(job.done)
        for loop, waiting in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._tell, waiting, error)

    def _tell(self, waiting: list["asyncio.Future[None]"], error: Exception | None) -> None:
        for done in waiting:
            if done.cancelled():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(self._trouble(error))

    def _trouble(self, error: Exception) -> StoreError:
        again = f"then: {self._onward.again}"
        if locked(error):
            return StoreError(f"{self._path} is locked by another program", f"{LET_GO}, {again}")
        return StoreError(
            f"{self._path} could not be written ({error})",
            f"make room or mend the permissions, {again}",
        )
