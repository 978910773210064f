"""The journal on SQLite."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from peersim.errors import StoreError
from peersim.models.base import Attempt, Completion, Failure, Request
from peersim.models.journal import CallKey, Entry, worth_keeping
from peersim.models.meter import Spent
from peersim.models.money import Charge
from peersim.store.clock import now
from peersim.store.packing import unpack
from peersim.store.torn import reading
from peersim.store.writer import Statement, Writer

CALL = "INSERT INTO calls VALUES"
FAILURE = f"INSERT INTO failures VALUES (NULL, {', '.join('?' * 12)})"
TEXT = "INSERT OR IGNORE INTO texts VALUES"
_IN_COLUMNS = {"completion": {"charge"}}
# How many digests of texts are remembered, so that most texts are handed over once.
REMEMBERED = 50_000


class Ledger:
    """Keeps completions, failures and the texts of requests.

    Attributes:
        session: The number of this process's session, for what it adds.
        told: Is told what each call counts for, once that is written down.
    """

    def __init__(self, reader: sqlite3.Connection, writer: Writer) -> None:
        """Keep a journal with a connection to read and a writer."""
        self._reader = reader
        self._writer = writer
        self.session = 0
        self.told: Callable[[Spent], None] | None = None
        self._written: set[str] = set()
        # A store that was empty at the start holds nothing that this process did not make: by
        # the hash of owner and caller, how many of their calls it made.
        self._made: dict[int, int] = {}
        with reading("the journal"):
            self._empty = reader.execute("SELECT 1 FROM calls LIMIT 1").fetchone() is None

    def recall(self, key: CallKey) -> Entry | None:
        """Return the entry of a call, or None."""
        if self._empty and key.number >= self._made.get(hash(key[:2]), 0):
            return None
        return recall(self._reader, key)

    def failed(self, key: CallKey) -> None:
        """Return nothing: a call that failed before is made again."""

    def text(self, digest: str) -> str | None:
        """Return the text of a part of some request, by its digest, or None."""
        return text(self._reader, digest)

    async def keep(self, key: CallKey, entry: Entry, model: str, request: Request) -> None:
        """Store an entry; return when it is committed."""
        completion = entry.completion
        usage = completion.usage
        row = (
            *key,
            model,
            completion.served_model,
            self.session,
            len(completion.earlier) + 1,
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_tokens,
            usage.cost_usd,
            *_charged_call(completion),
        )
        text = entry.model_dump_json(exclude_defaults=True, exclude=_IN_COLUMNS)
        fresh = {
            digest: part
            for part, digest in entry.changed.items()
            if worth_keeping(part) and digest not in self._written
        }
        statements = [
            Statement(CALL, row, many=True, body=text),
            *(Statement(TEXT, (d,), many=True, body=request.readable(p)) for d, p in fresh.items()),
        ]
        await self._write(statements, completion.charge, completion.earlier)
        if self._empty:
            made = hash(key[:2])
            self._made[made] = max(self._made.get(made, 0), key.number + 1)
        if len(self._written) > REMEMBERED:
            self._written.clear()
        self._written.update(fresh)

    async def note(self, key: CallKey, model: str, failure: Failure) -> None:
        """Store that a call stayed without an answer."""
        attempts = len(failure.earlier) + 1
        charged = _charged(failure.charge, failure.earlier)
        body = failure.model_dump_json(exclude_defaults=True)
        row = (self.session, *key, model, failure.kind, attempts, *charged, now())
        await self._write([Statement(FAILURE, row, body=body)], failure.charge, failure.earlier)

    async def _write(
        self, statements: Sequence[Statement], last: Charge | None, earlier: Iterable[Attempt]
    ) -> None:
        """Write what became of a call, and tell what it counts for."""
        written = True
        try:
            await self._writer.write_all(statements)
        except StoreError:
            written = False
            raise
        finally:
            # Who is cancelled meanwhile has handed it over, and it is written all the same.
            if written and self.told:
                charges = _charges(last, earlier)
                usd = sum(charge.usd or 0.0 for charge in charges)
                self.told(Spent(usd=usd, tokens=sum(charge.tokens for charge in charges)))


def recall(reader: sqlite3.Connection, key: CallKey) -> Entry | None:
    """Return the entry of a call, or None.

    Raises:
        StoreError: If the entry is torn.
    """
    query = "SELECT entry FROM calls WHERE owner=? AND caller=? AND number=?"
    with reading(f"the journal's entry of {key}"):
        row = reader.execute(query, key).fetchone()
        return Entry.model_validate_json(unpack(row[0])) if row else None


def failed(reader: sqlite3.Connection, key: CallKey) -> Failure | None:
    """Return how a call came to nothing the last time it was made, or None.

    Raises:
        StoreError: If that is torn.
    """
    query = (
        "SELECT body FROM failures WHERE owner=? AND caller=? AND number=?"
        " ORDER BY failure DESC LIMIT 1"
    )
    with reading(f"the failure of {key}"):
        row = reader.execute(query, key).fetchone()
        return Failure.model_validate_json(unpack(row[0])) if row else None


def text(reader: sqlite3.Connection, digest: str) -> str | None:
    """Return the text of a part of some request, by its digest, or None.

    Raises:
        StoreError: If it is torn.
    """
    with reading("a text of the journal"):
        row = reader.execute("SELECT body FROM texts WHERE digest=?", (digest,)).fetchone()
        return unpack(row[0]) if row else None


def _charged_call(completion: Completion) -> tuple[int, float | None, float]:
    """Return what a completion counts for; what nobody metered counts by what it said."""
    usage, charge = completion.usage, completion.charge
    tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0)
    if charge is None and not completion.earlier:
        return tokens, usage.cost_usd, 0.0
    said = Charge(input_tokens=tokens, output_tokens=0, usd=usage.cost_usd)
    return _charged(charge or said, completion.earlier)


def _charges(last: Charge | None, earlier: Iterable[Attempt]) -> list[Charge]:
    found = [attempt.charge for attempt in earlier if attempt.charge]
    return [last, *found] if last else found


def _charged(last: Charge | None, earlier: Iterable[Attempt]) -> tuple[int, float | None, float]:
    """Return the tokens, the dollars and the estimated dollars of a call with all attempts.

    The dollars are None if a price was unknown.
    """
    charges = _charges(last, earlier)
    tokens = sum(c.tokens for c in charges)
    usd = sum(c.usd or 0.0 for c in charges)
    known = all(c.usd is not None for c in charges)
    return tokens, usd if known else None, sum(c.usd or 0.0 for c in charges if c.estimated)
