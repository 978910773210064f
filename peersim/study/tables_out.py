"""Writes the tables of a run, or of a sweep as one: trials, histories, acts, calls and more."""

import os
from collections.abc import Iterable
from pathlib import Path

from peersim.errors import AnalysisRefusal, StoreError
from peersim.store.tables import lived_apart
from peersim.store.view import RunView, StoreView
from peersim.study.arms import held_studies, planned_arms, varied_settings
from peersim.study.exporting.body import Body
from peersim.study.exporting.calls import CALLS, arm_rows, arms_table, call_rows
from peersim.study.exporting.column import Row
from peersim.study.exporting.edges import EDGES, observed_edges, trial_edges
from peersim.study.exporting.histories import ACTS, HISTORIES, act_rows, history_row
from peersim.study.exporting.standing import standing_of
from peersim.study.exporting.transcripts import (
    TRANSCRIPTS,
    history_transcript,
    trial_transcript,
)
from peersim.study.exporting.trials import foreign_measures, trial_rows, trials_table
from peersim.study.exporting.writing import Folder, Form, Sink


def write_tables(
    run: RunView, directory: Path, form: Form = "parquet", force: bool = False
) -> list[Path]:
    """Write all tables of a run, finished or not, with the description of their columns.

    The same store gives the same bytes, and memory does not grow with the run. Nothing is left
    behind if it fails.

    Args:
        run: The run or sweep.
        directory: Where to; it is made if there is none.
        form: ``parquet`` or ``csv``.
        force: Whether to replace the files of an earlier export.

    Returns:
        The paths of the files: the tables, then ``columns.json`` and ``README.md``.

    Raises:
        StoreError: If a store is torn, a file is there already and may not be replaced, or the
            directory cannot be written.
        AnalysisRefusal: If two jobs of a sweep ran the same trials under different names.
    """
    try:
        with Folder(directory, form, force) as folder, run.snapshot():
            _Export(run, folder).write()
            return folder.finish()
    except OSError as error:
        raise StoreError(
            f"the tables in {directory} cannot be written ({_words(error)})",
            "make room or mend the permissions, or choose another directory with --out",
        ) from error


def _words(error: OSError) -> str:
    # Arrow puts all into one text, with the place in its source.
    return os.strerror(error.errno) if error.errno else str(error)


class _Export:
    """One export on its way through the stores of a run."""

    def __init__(self, run: RunView, folder: Folder) -> None:
        self._run = run
        self._studies = held_studies(run)
        arms = planned_arms(run)
        factors = list(dict.fromkeys(name for arm in arms for name in arm))
        self._varied = varied_settings([a.settings for study in self._studies for a in study.arms])
        self._apart = lived_apart(run)
        self._trials = folder.sink(trials_table(factors, foreign_measures(run)))
        self._histories, self._acts = folder.sink(HISTORIES), folder.sink(ACTS)
        self._edges, self._calls = folder.sink(EDGES), folder.sink(CALLS)
        self._arms = folder.sink(arms_table(factors))
        self._transcripts = folder.sink(TRANSCRIPTS)
        # What several jobs of a sweep share is written once.
        self._lived: set[str] = set()
        self._recalled: set[tuple[str, object]] = set()
        self._ran: dict[str, Row] = {}

    def write(self) -> None:
        for row in arm_rows(self._studies, self._varied):
            self._arms.add(row)
        for store in self._run.stores:
            job = store.path.parent.name if len(self._run.stores) > 1 else ""
            self._write_histories(store, job)
            self._write_trials(store, job)
            _add_all(self._calls, call_rows(store, job))

    def _write_histories(self, store: StoreView, job: str) -> None:
        named = self._names(job)
        for (found,) in store.query("SELECT history_id FROM histories ORDER BY history_id"):
            history, name = store.history(str(found)), named.get(str(found), str(found))
            if history is None or name in self._lived:
                continue
            self._lived.add(name)
            row = history_row(history, name, job)
            self._histories.add(row)
            _add_all(self._transcripts, history_transcript(store, str(found), row))
            _add_all(self._acts, act_rows(history, name))
            if not history.failed:
                _add_all(self._edges, observed_edges(history, name))

    def _names(self, job: str) -> dict[str, str]:
        return {name: f"{name}@{job}" for name in self._apart}

    def _write_trials(self, store: StoreView, job: str) -> None:
        stood = standing_of(store)
        for row, body, text in trial_rows(store, job, self._varied, self._names(job)):
            if self._fresh(row, body):
                self._trials.add(row | stood(body))
                _add_all(self._transcripts, trial_transcript(text, row))
                self._write_edges(store, row, body)

    def _fresh(self, row: Row, body: Body) -> bool:
        """Return whether a trial was not met in another job."""
        if len(self._run.stores) == 1:
            return True
        arm: Row = {name: value for name, value in row.items() if name.startswith("arm.")}
        known = self._ran.setdefault(body.trial_id, arm)
        if known != arm:
            raise AnalysisRefusal(
                f"two jobs ran the very same trials, as {known} and as {arm}",
                "what differs between them decides nothing: leave one of the two out",
            )
        return known is arm

    def _write_edges(self, store: StoreView, row: Row, body: Body) -> None:
        told: Row = {
            name: row[name] for name in ("history_id", "recollection_id", "trial_id", "simulated")
        }
        key = (body.recollection_id, row["history_id"])
        _add_all(self._edges, trial_edges(store, body, told, key not in self._recalled))
        if body.remembers_acts:
            self._recalled.add(key)


def _add_all(sink: Sink, rows: Iterable[Row]) -> None:
    for row in rows:
        sink.add(row)
