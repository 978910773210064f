"""Runs finished trials again out of the journal alone, without any network.

A replay shows that records follow from specs and completions. Where prompts or code have
changed since, it shows what they say differently.
"""

import json
from collections.abc import AsyncIterator, Iterable

from peersim.answers import Invalid
from peersim.errors import Difference, Divergence, MissingCompletion
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.models.base import Failure, ModelRef, Request
from peersim.models.counter import CallCounter
from peersim.models.journal import CallKey, Entry, ReplayModel
from peersim.record import TrialRecord
from peersim.store.view import StoreView
from peersim.study.once import StudyLab
from peersim.trial import run_trial


class Replayed(Frozen):
    """What came of replaying a trial.

    Attributes:
        problem: What is not as it was; empty if the record came out the same, byte for byte.
        differences: The parts of a request or of the record that changed, if that is the problem.
        skipped: Whether the trial cannot be replayed, since a call of it was never answered.
    """

    trial_id: str
    problem: str = ""
    differences: tuple[Difference, ...] = ()
    skipped: bool = False


class _Kept:
    """A store's journal, to read only."""

    def __init__(self, store: StoreView) -> None:
        self._store = store

    def recall(self, key: CallKey) -> Entry | None:
        return self._store.entry(key)

    def failed(self, key: CallKey) -> Failure:
        found = self._store.failed(key)
        if found is None:
            raise MissingCompletion(
                f"the journal does not hold {key}",
                "this code makes a call that was not made then, or the store is not whole",
            )
        return found

    def text(self, digest: str) -> str | None:
        return self._store.text(digest)

    async def keep(self, key: CallKey, entry: Entry, model: str, request: Request) -> None:
        raise AssertionError("a replay answers no call, so there is nothing to keep")

    async def note(self, key: CallKey, model: str, failure: Failure) -> None:
        raise AssertionError("a replay makes no call, so none fails")


class _Nothing:
    """No kept histories, so that they are lived again; and models that answer nothing."""

    def history(self, history_id: str) -> History | None:
        return None

    async def keep_history(self, history: History) -> None:
        return None

    def model(self, ref: ModelRef) -> ReplayModel:
        return ReplayModel(ref.ref)


async def replay(store: StoreView, trials: Iterable[str]) -> AsyncIterator[Replayed]:
    """Replay trials one after another.

    Args:
        store: The store that holds them.
        trials: Their ids.
    """
    nothing = _Nothing()
    counter = CallCounter()
    lab = StudyLab(nothing, _Kept(store), nothing, counter)
    try:
        for trial_id in trials:
            yield await _replayed(store.record(trial_id), lab)
    finally:
        await lab.close()


async def _replayed(record: TrialRecord, lab: StudyLab) -> Replayed:
    if isinstance(record.validity, Invalid):
        cause = f"invalid ({record.validity.origin}: {record.validity.cause})"
        return Replayed(trial_id=record.trial_id, problem=cause, skipped=True)
    try:
        again = await run_trial(record.spec, record.block, lab)
    except Divergence as divergence:
        return Replayed(
            trial_id=record.trial_id, problem=divergence.what, differences=divergence.differences
        )
    except MissingCompletion as missing:
        return Replayed(trial_id=record.trial_id, problem=str(missing))
    if record.model_dump_json() == again.model_dump_json():
        return Replayed(trial_id=record.trial_id)
    return _unlike(record, again)


def _unlike(then: TrialRecord, now: TrialRecord) -> Replayed:
    """Return in which parts two records differ."""
    parts = [name for name in TrialRecord.model_fields if getattr(then, name) != getattr(now, name)]
    texts = [record.model_dump(mode="json", include={*parts}) for record in (then, now)]
    before, after = ({name: json.dumps(text[name]) for name in parts} for text in texts)
    return Replayed(
        trial_id=then.trial_id,
        problem=f"the record differs in {', '.join(parts) or 'the order of its keys'}",
        differences=tuple(Difference(name, before[name], after[name]) for name in parts),
    )
