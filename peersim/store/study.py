"""A run directory opened for work: the study in it, what is done, and what is added."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from peersim import __version__
from peersim.answers import Invalid
from peersim.errors import StoreError
from peersim.history.spec import History
from peersim.models.counter import CallCounter
from peersim.models.meter import Spent
from peersim.models.money import Price
from peersim.models.onward import RESUME, Onward
from peersim.models.throttle import Change
from peersim.readings.judging.verdict import Judgement
from peersim.record import TrialRecord, total_usage
from peersim.store.clock import now
from peersim.store.code import code_digest
from peersim.store.columns import labels, served_text
from peersim.store.ledger import Ledger
from peersim.store.lock import RunLock
from peersim.store.packing import unpack
from peersim.store.schema import FILE, open_readable, open_writable
from peersim.store.spending import spent
from peersim.store.torn import reading
from peersim.store.writer import Statement, Writer

# For how long a run waits, once it is at work, for another program that has locked its store.
PATIENCE_SECONDS = 300.0

_TRIAL = (
    "INSERT OR REPLACE INTO trials (trial_id, history_id, surface, block, arm, settings, invalid,"
    " cause, outcome, models, served, simulated, cost_usd, calls, session, finished_at,"
    f" started_at, body) VALUES ({', '.join('?' * 16)},"
    " COALESCE(?, (SELECT started_at FROM trials WHERE trial_id=?)), ?)"
)


class StudyStore:
    """The store of one run, held by this process alone."""

    def __init__(self, directory: Path, onward: Onward = RESUME) -> None:
        """Take a run directory, making its store if there is none.

        Args:
            directory: Of the run.
            onward: How the work that needs it goes on.

        Raises:
            StoreError: If it is in use, foreign, torn, of another version, or not writable.
        """
        self.directory = directory
        self._lock = RunLock(directory, onward)
        try:
            connection = open_writable(directory / FILE)
            self._reader = open_readable(directory / FILE)
            self._lived = self._histories()
        except StoreError:
            self._lock.release()
            raise
        self._writer = Writer(connection, str(directory / FILE), onward)
        self.ledger = Ledger(self._reader, self._writer)
        self._session = 0

    def meta(self, key: str) -> str | None:
        """Return a stored text about the run, or None."""
        rows = self._read("SELECT value FROM meta WHERE key=?", key)
        return str(rows[0][0]) if rows else None

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Raises:
            StoreError: If the store is torn.
        """
        with reading(self.directory / FILE):
            return self._reader.execute(query, values).fetchall()

    async def put_meta(self, key: str, value: str) -> None:
        """Store a text about the run."""
        await self.put_metas({key: value})

    async def put_metas(self, values: Mapping[str, str]) -> None:
        """Store texts about the run, by their keys, all of them or none."""
        put = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        await self._writer.write_all([Statement(put, pair) for pair in values.items()])

    def done(self) -> set[str]:
        """Return the ids of the finished trials."""
        return {row[0] for row in self._read("SELECT trial_id FROM trials")}

    def _histories(self) -> set[str]:
        """Return the ids of the kept histories, so that nobody looks for what is not there."""
        return {row[0] for row in self._read("SELECT history_id FROM histories")}

    def history(self, history_id: str) -> History | None:
        """Return a kept history, or None.

        Raises:
            StoreError: If it is torn.
        """
        if history_id not in self._lived:
            return None
        rows = self._read("SELECT body FROM histories WHERE history_id=?", history_id)
        with reading(f"{history_id} in {self.directory / FILE}"):
            return History.model_validate_json(unpack(rows[0][0])) if rows else None

    async def keep_history(self, history: History) -> None:
        """Keep a history."""
        failed = history.failed.origin if history.failed else None
        insert = "INSERT OR REPLACE INTO histories VALUES (?, ?, ?)"
        values = (history.spec.history_id, failed)
        await self._writer.write_all([Statement(insert, values, body=history.model_dump_json())])
        self._lived.add(history.spec.history_id)

    async def keep_trial(self, record: TrialRecord, started_at: str | None = None) -> None:
        """Keep a finished trial.

        Args:
            record: The trial.
            started_at: When work on it began; what is known of that stands if left out.
        """
        values = (*self._row(record), started_at, record.trial_id)
        await self._writer.write_all([Statement(_TRIAL, values, body=record.model_dump_json())])

    def _row(self, record: TrialRecord) -> tuple[object, ...]:
        invalid = record.validity if isinstance(record.validity, Invalid) else None
        models = sorted({ref.ref for ref in record.spec.models.values()})
        played = record.provenance.roles.values()
        calls = record.calls
        return (
            record.trial_id,
            record.history_id,
            record.surface,
            record.block,
            labels(record.spec.arm),
            labels(record.spec.settings),
            invalid.origin if invalid else None,
            invalid.cause if invalid else None,
            record.outcome.model_dump_json() if record.outcome else None,
            "\n".join(models),
            served_text((of.requested, of.served, of.brokered) for of in played),
            record.provenance.simulated,
            total_usage(calls).cost_usd,
            len(calls),
            self._session,
            now(),
        )

    async def keep_judgement(self, judgement: Judgement) -> None:
        """Keep what a judge said of a trial, in the place of what it said before."""
        missing = judgement.missing.kind if judgement.missing else None
        values = (
            judgement.judging_id,
            judgement.trial_id,
            judgement.rubric_digest,
            judgement.judge,
            judgement.number,
            missing,
            self._session,
            now(),
        )
        insert = f"INSERT OR REPLACE INTO judgements VALUES ({', '.join('?' * 9)})"
        body = judgement.model_dump_json()
        await self._writer.write_all([Statement(insert, values, body=body)])

    def judged(self) -> set[str]:
        """Return the ids of the judgings that came to an end; failed ones may be made again."""
        query = "SELECT judging_id FROM judgements WHERE missing IS NOT 'failed'"
        return {row[0] for row in self._read(query)}

    async def forget_invalid(self) -> None:
        """Drop invalid trials and cut-short histories, so that they are run again.

        Their completed calls stay in the journal and are not made again.
        """
        drop = "DELETE FROM {} WHERE {} IS NOT NULL"
        pairs = ("trials", "invalid"), ("histories", "failed")
        await self._writer.write_all([Statement(drop.format(*pair), ()) for pair in pairs])
        self._lived = self._histories()

    async def begin_session(self, reached: Mapping[str, str] | None = None) -> None:
        """Note that this process begins to work on the run.

        Args:
            reached: The address at which each real model is asked, by its reference; empty for
                the provider's own.
        """
        self._writer.patience_seconds = PATIENCE_SECONDS
        ((last,),) = self._read("SELECT COALESCE(MAX(session), 0) FROM sessions")
        self._session = self.ledger.session = last + 1
        await self._writer.write(
            "INSERT INTO sessions (session, peersim, started_at, code_digest, reached)"
            " VALUES (?, ?, ?, ?, ?)",
            (self._session, __version__, now(), code_digest(), labels(dict(reached or {}))),
        )

    async def keep_throttles(self, changes: Mapping[str, Sequence[Change]]) -> None:
        """Keep how the limits of models changed in this session, by model."""
        insert = "INSERT INTO throttles VALUES (?, ?, ?, ?, ?)"
        statements = [
            Statement(insert, (self._session, model, change.at, change.limit, change.why))
            for model, history in changes.items()
            for change in history
        ]
        if statements:
            await self._writer.write_all(statements)

    async def keep_held(self, held: Spent) -> None:
        """Note the most that requests may cost whose end this session has not written down.

        It counts as spent if the session never ends, since the process was killed.
        """
        await self._writer.write(
            "UPDATE sessions SET held_tokens=?, held_usd=? WHERE session=?",
            (held.tokens, held.usd, self._session),
        )

    async def end_session(
        self, ended: str, counter: CallCounter, abandoned: Spent | None = None
    ) -> None:
        """Note how this process's work on the run ended, and the calls it made.

        Args:
            ended: How it ended.
            counter: The calls it made.
            abandoned: What the requests count for that stand nowhere in the journal.
        """
        lost = abandoned or Spent()
        await self._writer.write(
            "UPDATE sessions SET ended_at=?, ended=?, made=?, recalled=?, failed=?, cost_usd=?,"
            " retried=?, abandoned_tokens=?, abandoned_usd=? WHERE session=?",
            (
                *(now(), ended, counter.made, counter.recalled, counter.failed, counter.cost_usd),
                *(counter.retried, lost.tokens, lost.usd, self._session),
            ),
        )

    def spent(self, price: Callable[[str], Price | None]) -> Spent:
        """Return what all sessions together have spent on the run.

        Args:
            price: Returns a model's price by its reference, for calls whose price was not known
                when they were made.

        Raises:
            ConfigError: If it is not known now either.
            StoreError: If the store is torn.
        """
        with reading(self.directory / FILE):
            return spent(self._reader, price)

    def hurry(self) -> None:
        """Wait no more for another program that has locked the store."""
        self._writer.patience_seconds = 0.0

    def close(self) -> None:
        """Write what is queued and give the run directory back."""
        self._reader.close()
        self._writer.close()
        self._lock.release()
