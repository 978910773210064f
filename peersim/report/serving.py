"""Who answered, what it took and what it cost; and how the requests in flight were limited."""

from peersim.report.tables import Table
from peersim.store.bills import Bill, bills, tokens_of
from peersim.store.reached import moves
from peersim.store.view import RunView


def calls_table(run: RunView) -> Table:
    """Return the calls by model and by the name under which it was served."""
    return Table(
        slug="calls",
        title="Who answered, and what it cost",
        columns=(
            "asked for",
            "served by",
            "calls",
            "failed attempts",
            "tokens in",
            "from cache",
            "tokens out",
            "charged",
        ),
        rows=tuple(_row(bill) for bill in bills(run.stores)),
        note="Failed attempts are part of the charge where the provider may have billed them."
        " A question mark: the provider did not say for all calls. Unknown is never zero."
        + "".join(f" NOTE: {sentence}." for sentence in moves(run.stores)),
    )


def _row(bill: Bill) -> tuple[str, ...]:
    usd = "unknown" if bill.unpriced and bill.unpriced == bill.calls else f"${bill.usd:.4f}"
    estimated = f" (${bill.estimated_usd:.4f} estimated)" if bill.estimated_usd else ""
    return (
        bill.model,
        f"no answer: {bill.failed}" if bill.failed else _served(bill),
        str(bill.calls),
        str(bill.attempts - (0 if bill.failed else bill.calls)),
        "" if bill.failed else tokens_of(bill.input_tokens, bill.unknown),
        "" if bill.failed else tokens_of(bill.cached_tokens, bill.uncached),
        "" if bill.failed else tokens_of(bill.output_tokens, bill.unknown),
        usd + estimated,
    )


def _served(bill: Bill) -> str:
    if not bill.served:
        return "not said"
    return f"{bill.served} (NOT the model asked for)" if bill.differs else bill.served


def slots_table(run: RunView) -> Table | None:
    """Return the history of the limits of requests in flight; None if no real model took part."""
    rows = tuple(
        (str(session), str(model), f"{at:.1f}", str(slots), str(why))
        for store in run.stores
        for session, model, at, slots, why in store.query(
            "SELECT session, model, at, slots, why FROM throttles ORDER BY session, model, at"
        )
    )
    if not rows:
        return None
    return Table(
        slug="slots",
        title="Requests in flight, as far as providers let us",
        columns=("session", "model", "seconds", "at most", "why"),
        rows=rows,
        note="A limit grows while all goes well and halves when the provider says too many. After"
        " many lost requests in a row (outage) one at a time finds out when the model answers.",
    )
