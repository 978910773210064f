"""A run, or a sweep of runs, as readers see it."""

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from peersim.errors import StoreError
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.models.base import Failure
from peersim.models.journal import CallKey, Entry
from peersim.models.meter import Spent
from peersim.models.money import Price
from peersim.readings.judging.verdict import Judgement
from peersim.record import TrialRecord
from peersim.store.ledger import failed, recall, text
from peersim.store.packing import unpack
from peersim.store.runs import find_stores
from peersim.store.schema import open_readable
from peersim.store.spending import spent
from peersim.store.torn import reading

# Rows that are fetched at a time where all of them would not do.
_AT_ONCE = 512


class Session(Frozen):
    """One process's work on a run."""

    peersim: str
    code_digest: str | None
    started_at: str
    ended_at: str | None
    ended: str | None
    made: int | None
    recalled: int | None
    failed: int | None
    retried: int | None
    cost_usd: float | None


class StoreView:
    """One store, read only."""

    def __init__(self, path: Path) -> None:
        """Open a store file.

        Raises:
            StoreError: If it is foreign, torn or of another version.
        """
        self.path = path
        self.connection = open_readable(path)

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return all rows of a query.

        Raises:
            StoreError: If the file turns out to be torn.
        """
        with reading(self.path):
            return self.connection.execute(statement, values).fetchall()

    def each(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Iterate over the rows of a query, so that they need not all be in memory at once.

        Raises:
            StoreError: If the file turns out to be torn.
        """
        with reading(self.path):
            found = self.connection.execute(statement, values)
        while True:
            with reading(self.path):
                some = found.fetchmany(_AT_ONCE)
            if not some:
                return
            yield from some

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read the store as it is now, whatever others add to it within the block."""
        self.query("BEGIN")
        try:
            yield
        finally:
            self.connection.rollback()

    def meta(self, key: str) -> str | None:
        """Return a stored text about the run, or None."""
        rows = self.query("SELECT value FROM meta WHERE key=?", key)
        return str(rows[0][0]) if rows else None

    def sessions(self) -> list[Session]:
        """Return who worked on the run, in order."""
        names = ", ".join(Session.model_fields)
        rows = self.query(f"SELECT {names} FROM sessions ORDER BY session")
        return [Session(**dict(zip(Session.model_fields, row, strict=True))) for row in rows]

    def record(self, trial_id: str) -> TrialRecord:
        """Return a trial's record."""
        rows = self.query("SELECT body FROM trials WHERE trial_id=?", trial_id)
        with reading(f"{trial_id} in {self.path}"):
            return TrialRecord.model_validate_json(_text(rows[0][0]))

    def entry(self, key: CallKey) -> Entry | None:
        """Return a call's entry in the journal, or None."""
        return recall(self.connection, key)

    def failed(self, key: CallKey) -> Failure | None:
        """Return how a call came to nothing the last time it was made, or None."""
        return failed(self.connection, key)

    def last_failure(self, model: str, kind: str) -> Failure | None:
        """Return the last failure of a kind that calls of a model came to, or None."""
        query = "SELECT body FROM failures WHERE model=? AND kind=? ORDER BY failure DESC LIMIT 1"
        rows = self.query(query, model, kind)
        with reading(f"a failure in {self.path}"):
            return Failure.model_validate_json(_text(rows[0][0])) if rows else None

    def text(self, digest: str) -> str | None:
        """Return the text of a part of some request, by its digest, or None."""
        return text(self.connection, digest)

    def spent(self, price: Callable[[str], Price | None]) -> Spent:
        """Return what all sessions together have spent on the run.

        Args:
            price: Returns a model's price by its reference.

        Raises:
            ConfigError: If the price of calls is unknown.
        """
        with reading(self.path):
            return spent(self.connection, price)

    def history(self, history_id: str) -> History | None:
        """Return a lived history, or None if it was never finished."""
        rows = self.query("SELECT body FROM histories WHERE history_id=?", history_id)
        with reading(f"{history_id} in {self.path}"):
            return History.model_validate_json(_text(rows[0][0])) if rows else None

    def judgements(self) -> list[Judgement]:
        """Return what judges said, by trial and judge."""
        rows = self.query("SELECT body FROM judgements ORDER BY trial_id, judge, number, rubric")
        with reading(f"a judgement in {self.path}"):
            return [Judgement.model_validate_json(_text(row[0])) for row in rows]


def _text(body: object) -> str:
    assert isinstance(body, bytes)
    return unpack(body)


class RunView:
    """A run or a sweep: its stores, in the order of the jobs."""

    def __init__(self, directory: Path) -> None:
        """Open all stores of a directory.

        Raises:
            StoreError: If there is none, or one cannot be read.
        """
        self.directory = directory
        self.stores = [StoreView(path) for path in find_stores(directory)]

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read every store as it is now, whatever a run at work adds to it within the block."""
        with contextlib.ExitStack() as held:
            for store in self.stores:
                held.enter_context(store.snapshot())
            yield

    @cached_property
    def _places(self) -> dict[str, StoreView]:
        """Where each finished trial is, in run order."""
        order = "SELECT trial_id FROM trials ORDER BY block, trial_id"
        places: dict[str, StoreView] = {}
        for store in self.stores:
            for row in store.query(order):
                places.setdefault(str(row[0]), store)
        return places

    @property
    def trial_ids(self) -> list[str]:
        """The ids of all finished trials, in run order, each once."""
        return list(self._places)

    def at(self, trial_id: str) -> tuple[TrialRecord, StoreView]:
        """Return a trial by its whole id."""
        store = self._places[trial_id]
        return store.record(trial_id), store

    def trial(self, wanted: str) -> tuple[TrialRecord, StoreView]:
        """Return a trial by its id or the unique beginning of it.

        Raises:
            StoreError: If none or several fit.
        """
        fits = [name for name in self.trial_ids if name.removeprefix("trial-").startswith(wanted)]
        fits = fits or [name for name in self.trial_ids if name.startswith(wanted)]
        if len(fits) != 1:
            near = f", {fits[0]} and {fits[1]} among them" if fits else ""
            raise StoreError(
                f"{len(fits)} trials of {self.directory} begin with {wanted!r}{near}",
                "list them: peersim show",
            )
        return self.at(fits[0])

    def records(self) -> Iterator[tuple[TrialRecord, StoreView]]:
        """Iterate over all finished trials, in run order."""
        for name in self.trial_ids:
            yield self.at(name)

    def judgements(self) -> list[Judgement]:
        """Return what judges said of all trials, each judgement once."""
        found = {one.judging_id: one for store in self.stores for one in store.judgements()}
        return list(found.values())
