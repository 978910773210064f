"""Tables of a run: one row a trial, read from the hot columns alone."""

import contextlib
import gc
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from peersim.errors import AnalysisRefusal
from peersim.oversight.base import Outcome
from peersim.readings.outcomes import values
from peersim.readings.rows import TrialRow
from peersim.store.torn import reading
from peersim.store.view import RunView, StoreView

_COLUMNS = (
    "trial_id, history_id, surface, block, arm, settings, invalid, outcome, models, simulated,"
    " served, session"
)
_LEVELS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
# How many texts of outcomes are remembered with what they say; many trials end alike.
_REMEMBERED = 4_000


def rows(run: RunView, varied: Sequence[str] = ()) -> list[TrialRow]:
    """Return one row a trial, in run order.

    Rows of one arm share the dictionary that names it, and rows of outcomes that are the same to
    the byte share their values; none of them may be changed.

    Args:
        run: The run or sweep.
        varied: Settings that differ between the jobs of a sweep; they name the arms beside the
            factors.

    Raises:
        AnalysisRefusal: If two jobs of a sweep ran the same trials under different names.
    """
    apart = lived_apart(run)
    with uncollected():
        return _rows(run, varied, apart)


def _rows(run: RunView, varied: Sequence[str], apart: Collection[str]) -> list[TrialRow]:
    if len(run.stores) == 1:
        return list(_Shelf(run.stores[0], varied, apart).rows())
    seen: dict[str, TrialRow] = {}
    for store in run.stores:
        for row in _Shelf(store, varied, apart).rows():
            if seen.setdefault(row.trial_id, row).arm != row.arm:
                raise AnalysisRefusal(
                    f"two jobs ran the very same trials, as {seen[row.trial_id].arm} and as"
                    f" {row.arm}",
                    "what differs between them decides nothing: leave one of the two out",
                )
    return list(seen.values())


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector away while rows are made, and from then on from the rows.

    Rows are data without cycles, so that it would find nothing, and of many it takes longer to
    look than they take to read.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def lived_apart(run: RunView) -> set[str]:
    """Return the histories that jobs of a sweep lived separately and to different ends.

    Real models give each job a history of its own under the same id; only what is the same
    history, byte for byte, may be compared within.
    """
    bodies: dict[str, bytes] = {}
    apart: set[str] = set()
    for store in run.stores if len(run.stores) > 1 else ():
        for history_id, body in store.each("SELECT history_id, body FROM histories"):
            mark = hashlib.sha256(body).digest()
            if bodies.setdefault(history_id, mark) != mark:
                apart.add(history_id)
    return apart


class _Shelf:
    """The trials of one store, and what many of them have in common, read once.

    A row is made of columns that the store itself has written and that are checked here, so it
    is put together without being checked a second time.
    """

    def __init__(self, store: StoreView, varied: Sequence[str], apart: Collection[str]) -> None:
        self._store, self._varied, self._apart = store, varied, apart
        self._arms: dict[tuple[str, str], dict[str, str]] = {}
        self._models: dict[str, tuple[str, ...]] = {}
        self._served: dict[str, tuple[tuple[str, str], ...]] = {"": ()}
        self._values: dict[str, dict[str, float | None]] = {}

    def rows(self) -> Iterator[TrialRow]:
        for found in self._store.each(f"SELECT {_COLUMNS} FROM trials ORDER BY block, trial_id"):
            yield self._row(found)

    def _row(self, found: tuple[Any, ...]) -> TrialRow:
        trial_id, history_id, surface, block, arm, settings, invalid, outcome, models = found[:9]
        simulated, served, session = found[9:]
        lived = history_id
        if lived in self._apart:
            lived = f"{history_id}@{self._store.path.parent.name}"
        return TrialRow.model_construct(
            trial_id=trial_id,
            arm=self._arms.get((arm, settings)) or self._arm(arm, settings),
            history_id=lived,
            surface=surface,
            block=block,
            invalid=invalid,
            values={} if outcome is None else self._measured(trial_id, outcome),
            models=self._models.get(models) or self._names(models),
            simulated=bool(simulated),
            served=self._served[served] if served in self._served else self._answered(served),
            session=session,
        )

    def _arm(self, levels: str, settings: str) -> dict[str, str]:
        with reading(f"the arm {levels} in {self._store.path}"):
            fixed = json.loads(settings)
            own = {name: fixed[name] for name in self._varied if name in fixed}
            found = _LEVELS.validate_python(json.loads(levels) | own)
        return self._arms.setdefault((levels, settings), found)

    def _names(self, models: str) -> tuple[str, ...]:
        return self._models.setdefault(models, tuple(models.split("\n")))

    def _answered(self, served: str) -> tuple[tuple[str, str], ...]:
        pairs = (line.partition("\t") for line in served.split("\n"))
        return self._served.setdefault(served, tuple((asked, name) for asked, _, name in pairs))

    def _measured(self, trial_id: str, outcome: str) -> dict[str, float | None]:
        found = self._values.get(outcome)
        if found is None:
            if len(self._values) >= _REMEMBERED:
                self._values.clear()
            with reading(f"the row of {trial_id}"):
                found = values(Outcome.model_validate_json(outcome))
            self._values[outcome] = found
        return found
