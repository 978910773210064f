"""Tables of a run: one row a trial, read from the hot columns alone."""

import json
from collections.abc import Iterator, Sequence

from peersim.oversight.base import Outcome
from peersim.readings.outcomes import values
from peersim.readings.rows import TrialRow
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
    """
    seen: dict[str, TrialRow] = {}
    for row, settings in _raw(run):
        arm = row.arm | {key: settings[key] for key in varied if key in settings}
        seen.setdefault(row.trial_id, row.model_copy(update={"arm": arm}))
    return list(seen.values())


def _raw(run: RunView) -> Iterator[tuple[TrialRow, dict[str, str]]]:
    for store in run.stores:
        for found in store.query(f"SELECT {_COLUMNS} FROM trials ORDER BY block, trial_id"):
            yield _row(found)


def _row(found: tuple[object, ...]) -> tuple[TrialRow, dict[str, str]]:
    trial_id, history_id, surface, block, arm, settings, invalid, outcome, models, sim = found
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
