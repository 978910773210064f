"""What each model was asked in a run, what it used and cost, and who served it."""

from collections import Counter
from collections.abc import Sequence

from peersim.frozen import Frozen
from peersim.models.journal import Entry
from peersim.record import substituted
from peersim.store.packing import unpack
from peersim.store.torn import reading
from peersim.store.view import StoreView

_USED = """
SELECT model, served, COUNT(*), SUM(attempts), SUM(input_tokens), SUM(cached_tokens),
    SUM(output_tokens), SUM(input_tokens IS NULL OR output_tokens IS NULL),
    SUM(cached_tokens IS NULL),
    SUM(charged_usd), SUM(charged_usd IS NULL), SUM(estimated_usd)
FROM calls GROUP BY model, served
"""
_FAILED = """
SELECT model, kind, COUNT(*), SUM(attempts), SUM(charged_usd), SUM(estimated_usd)
FROM failures GROUP BY model, kind
"""
# Stand-ins end in no way that is not known.
_ENTRIES = "SELECT model, entry FROM calls WHERE model NOT LIKE 'simulated/%'"
# Without reading the whole entry: it stands in few of them.
_ODD = '"finish":"unknown"'


class Bill(Frozen):
    """The calls of one model, as it was served under one name.

    Attributes:
        served: The name that the provider gave; empty if it gave none, or for failures.
        failed: The kind of failure; empty for calls that were answered.
        calls: How many calls.
        attempts: How many requests they took.
        input_tokens: Tokens read, as far as the provider said; None if it never did. So the others.
        unknown: Calls whose usage the provider did not say; no tokens are counted for them.
        uncached: Calls of which the provider did not say what came from its cache.
        usd: What they are charged with, failed attempts included.
        unpriced: Calls whose price was unknown; nothing is counted for them.
        estimated_usd: The part of ``usd`` that stands for unknown usage.
    """

    model: str
    served: str = ""
    failed: str = ""
    calls: int = 0
    attempts: int = 0
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    unknown: int = 0
    uncached: int = 0
    usd: float = 0.0
    unpriced: int = 0
    estimated_usd: float = 0.0

    @property
    def differs(self) -> bool:
        """Whether another model served than was asked for."""
        return bool(self.served) and substituted(self.model, self.served)


def bills(stores: Sequence[StoreView]) -> list[Bill]:
    """Return the bills of all stores together, by model; answered calls first."""
    found: dict[tuple[str, str, str], Bill] = {}
    for store in stores:
        for bill in (*_answered(store), *_unanswered(store)):
            key = (bill.model, bill.failed, bill.served)
            found[key] = _sum(found[key], bill) if key in found else bill
    return [found[key] for key in sorted(found)]


def odd_ends(store: StoreView) -> Counter[tuple[str, str]]:
    """Return how many calls of each model ended in a way that nobody knows, in its own word.

    They were taken for what the model said, so that a reader has to judge of them.

    Raises:
        StoreError: If the journal is torn.
    """
    found: Counter[tuple[str, str]] = Counter()
    for model, body in store.each(_ENTRIES):
        with reading(f"the journal in {store.path}"):
            text = unpack(body)
            if _ODD in text:
                ended = Entry.model_validate_json(text).completion.ended
                found[model, ended or "no word"] += 1
    return found


def _answered(store: StoreView) -> list[Bill]:
    names = [name for name in Bill.model_fields if name != "failed"]
    return [_bill(names, row) for row in store.query(_USED)]


TOKENS = ("input_tokens", "cached_tokens", "output_tokens")


def _unanswered(store: StoreView) -> list[Bill]:
    names = ("model", "failed", "calls", "attempts", "usd", "estimated_usd")
    return [_bill(names, row) for row in store.query(_FAILED)]


def _bill(names: Sequence[str], row: Sequence[object]) -> Bill:
    # The sum of dollars that nobody knows is nothing, and is counted as unknown beside.
    found = dict(zip(names, row, strict=True))
    empty = [name for name, value in found.items() if value is None and name not in TOKENS]
    return Bill.model_validate(found | dict.fromkeys(empty, 0))


def _sum(one: Bill, other: Bill) -> Bill:
    names = (name for name, field in Bill.model_fields.items() if field.annotation is not str)
    return one.model_copy(update={n: _added(getattr(one, n), getattr(other, n)) for n in names})


def _added(one: float | None, other: float | None) -> float | None:
    """Return a sum; what nobody knows adds nothing to what is known."""
    return other if one is None else one if other is None else one + other


def tokens_of(count: int | None, silent: int) -> str:
    """Return tokens as people read them, with a mark where the provider did not say all.

    Args:
        count: The tokens it said; None if it said nothing.
        silent: Calls of which it did not say them.
    """
    return "?" if count is None else f"{count:,}{'?' if silent else ''}"
