"""Tables of a run: one row a trial, read from the hot columns alone."""

import json
from collections.abc import Iterator, Sequence

from peersim.errors import AnalysisRefusal
from peersim.oversight.base import Outcome
from peersim.readings.outcomes import values
from peersim.readings.rows import TrialRow
from peersim.store.torn import reading
from peersim.store.view import RunView

_COLUMNS = (
    "trial_id, history_id, surface, block, arm, settings, invalid, outcome, models, simulated"
)


def rows(run: RunView, varied: Sequence[str] = ()) -> list[TrialRow]:
    """Return one row a trial, in run order.

    Args:
        run: The run or sweep.
        varied: Settings that differ between the jobs of a sweep; they name the arms beside the
            factors.

    Raises:
        AnalysisRefusal: If two jobs of a sweep ran the same trials under different names.
    """
    seen: dict[str, TrialRow] = {}
    apart = _lived_apart(run)
    for row, settings in _raw(run, apart):
        arm = row.arm | {key: settings[key] for key in varied if key in settings}
        named = row.model_copy(update={"arm": arm})
        if seen.setdefault(row.trial_id, named).arm != arm:
            raise AnalysisRefusal(
                f"two jobs ran the very same trials, as {seen[row.trial_id].arm} and as {arm}",
                "what differs between them decides nothing: leave one of the two out",
            )
    return list(seen.values())


def _lived_apart(run: RunView) -> set[str]:
    """Return the histories that jobs of a sweep lived separately and to different ends.

    Real models give each job a history of its own under the same id; only what is the same
    history, byte for byte, may be compared within.
    """
    bodies: dict[str, object] = {}
    apart: set[str] = set()
    for store in run.stores if len(run.stores) > 1 else ():
        for history_id, body in store.query("SELECT history_id, body FROM histories"):
            if bodies.setdefault(str(history_id), body) != body:
                apart.add(str(history_id))
    return apart


def _raw(run: RunView, apart: set[str]) -> Iterator[tuple[TrialRow, dict[str, str]]]:
    for store in run.stores:
        for found in store.query(f"SELECT {_COLUMNS} FROM trials ORDER BY block, trial_id"):
            row, settings = _row(found)
            if row.history_id in apart:
                name = f"{row.history_id}@{store.path.parent.name}"
                row = row.model_copy(update={"history_id": name})
            yield row, settings


def _row(found: tuple[object, ...]) -> tuple[TrialRow, dict[str, str]]:
    trial_id, history_id, surface, block, arm, settings, invalid, outcome, models, sim = found
    with reading(f"the row of {trial_id}"):
        read = Outcome.model_validate_json(str(outcome)) if outcome is not None else None
    row = TrialRow.model_validate(
        {
            "trial_id": trial_id,
            "arm": json.loads(str(arm)),
            "history_id": history_id,
            "surface": surface,
            "block": block,
            "invalid": invalid,
            "values": values(read) if read else {},
            "models": tuple(str(models).split("\n")),
            "simulated": bool(sim),
        }
    )
    return row, json.loads(str(settings))
