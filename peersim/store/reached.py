"""At which addresses the models of a run were asked."""

import json
from collections.abc import Sequence

from peersim.store.torn import reading
from peersim.store.view import StoreView

# By the address at which they were asked: how many calls of a model.
Calls = dict[str, int]


def reached(stores: Sequence[StoreView]) -> dict[str, Calls]:
    """Return how many answered calls each model had at each address that is on record."""
    found: dict[str, Calls] = {}
    for store in stores:
        where = _addresses(store)
        query = "SELECT model, session, COUNT(*) FROM calls GROUP BY 1, 2 ORDER BY 2"
        for model, session, calls in store.query(query):
            address = where.get(int(str(session)), {}).get(str(model))
            if address is not None:
                counts = found.setdefault(str(model), {})
                counts[address] = counts.get(address, 0) + int(str(calls))
    return found


def _addresses(store: StoreView) -> dict[int, dict[str, str]]:
    """Return the addresses of each session, by model."""
    rows = store.query("SELECT session, reached FROM sessions WHERE reached IS NOT NULL")
    with reading(f"the sessions in {store.path}"):
        return {int(str(session)): json.loads(str(text)) for session, text in rows}


def moves(stores: Sequence[StoreView]) -> list[str]:
    """Return a sentence for each model that was asked at several addresses."""
    return [
        f"{model} was asked at {len(counts)} addresses, and two servers may differ in all but the"
        f" name: {_counted(counts)}"
        for model, counts in sorted(reached(stores).items())
        if len(counts) > 1
    ]


def _counted(counts: Calls) -> str:
    own = "the provider's own"
    return ", ".join(f"{address or own} ({calls} calls)" for address, calls in counts.items())
