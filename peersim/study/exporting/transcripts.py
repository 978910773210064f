"""The table of transcripts: what was said and done, event by event."""

import json
from collections.abc import Iterator

from peersim.store.packing import unpack
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.exporting.column import Row, Table, Value, text, truth

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
    ((packed,),) = store.query("SELECT body FROM histories WHERE history_id=?", history_id)
    assert isinstance(packed, bytes)
    with reading(f"{history_id} in {store.path}"):
        yield _row(unpack(packed), "history", row["history_id"], row)


def trial_transcript(body: str, row: Row) -> Iterator[Row]:
    """Yield the transcript of a trial, given its body and its row in the table of trials."""
    yield _row(body, "trial", row["trial_id"], row)


def _row(body: str, kind: str, owner: Value, row: Row) -> Row:
    told = json.dumps(json.loads(body)["events"], ensure_ascii=False, separators=(",", ":"))
    known: Row = {"owner_id": owner, "simulated": row["simulated"]}
    return {"owner_kind": kind, "transcript_json": told, **known}
