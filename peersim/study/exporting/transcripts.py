"""The table of transcripts: what was said and done, event by event."""

import json
from collections.abc import Iterator

from peersim.store.packing import unpack
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.exporting.column import Row, Table, text, truth

TRANSCRIPTS = Table(
    name="transcripts",
    doc="One row a history or trial: all its events in order.",
    columns=(
        text("owner_id", "The history or trial, by its id."),
        text("owner_kind", "history or trial."),
        text("transcript_json", "A JSON list of events, each with its `kind`: who spoke, acted,"
             " remembered, used which tool with what result. A trial's begin where its history"
             " ends. What is rendered from templates, the instructions and the job, is not among"
             " them: `peersim show` has it. In our form.", True),
        truth("simulated", "Whether any model in it was a stand-in."),
    ),
    group=500,
)  # fmt: skip


def history_transcript(store: StoreView, history_id: str, row: Row) -> Iterator[Row]:
    """Yield the transcript of a history.

    Args:
        store: Where it is.
        history_id: Its id there.
        row: Its row in the table of histories.
    """
    query = "SELECT body FROM histories WHERE history_id=?"
    yield _row(store, query, history_id, "history", {"owner_id": row["history_id"], **_said(row)})


def trial_transcript(store: StoreView, row: Row) -> Iterator[Row]:
    """Yield the transcript of a trial, given its row in the table of trials."""
    name = str(row["trial_id"])
    query = "SELECT body FROM trials WHERE trial_id=?"
    yield _row(store, query, name, "trial", {"owner_id": name, **_said(row)})


def _said(row: Row) -> Row:
    return {"simulated": row["simulated"]}


def _row(store: StoreView, query: str, name: str, kind: str, known: Row) -> Row:
    ((packed,),) = store.query(query, name)
    assert isinstance(packed, bytes)
    with reading(f"{name} in {store.path}"):
        events = json.loads(unpack(packed))["events"]
    told = json.dumps(events, ensure_ascii=False, separators=(",", ":"))
    return {"owner_kind": kind, "transcript_json": told, **known}
