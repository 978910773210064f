"""Trials that are opened for the page, and what is kept of each: bodies are not held on to."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from peersim.analysis.arms import Arm
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.judging.verdict import Judgement
from peersim.readings.manipulation import Checks, checks
from peersim.readings.rows import TrialRow
from peersim.readings.ties import Standing, judged_of, standing
from peersim.record import Provenance, TrialRecord
from peersim.relations.measures import strength
from peersim.store.view import RunView, StoreView

# Opening a trial's body takes a few milliseconds, and shares over so many are exact enough.
OPENED_PER_ARM = 60
OPENED = 2_400
# Histories that are kept at hand; arms that are forked from one are opened one after the other.
KEPT = 256


class Opened(Frozen):
    """What is kept of a trial that was opened.

    Attributes:
        checks: Its manipulation checks.
        standing: How overseer and target stood; None without an interaction.
        judged: The weight of the tie from the target to the overseer, as judges say; None if
            nobody judged its history.
    """

    history_id: str
    checks: Checks
    standing: Standing | None
    judged: float | None
    provenance: Provenance


class Sample(Frozen):
    """The trials of one arm that were opened: all, or some at even distances.

    Which they are does not depend on how they ended, or else the checks would be of those that
    ended in one way.

    Attributes:
        of: How many trials the arm has.
    """

    arm: Arm
    trials: tuple[Opened, ...]
    of: int


class Library:
    """The bodies of a run's trials and histories, the latest histories at hand."""

    def __init__(self, run: RunView) -> None:
        """Open it."""
        self._run = run
        self._held: OrderedDict[tuple[int, str], History | None] = OrderedDict()

    def trial(self, trial_id: str) -> tuple[TrialRecord, History | None]:
        """Return a trial and its history, None if that was never finished."""
        record, store = self._run.at(trial_id)
        return record, self._history(store, record.history_id)

    def donor(self, record: TrialRecord) -> History | None:
        """Return the history that a trial was shown in the place of its own, if it was."""
        lender = record.spec.remembering.donor
        if lender is None:
            return None
        return self._history(self._run.at(record.trial_id)[1], lender.history_id)

    def _history(self, store: StoreView, history_id: str) -> History | None:
        key = (id(store), history_id)
        if key not in self._held:
            self._held[key] = store.history(history_id)
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return self._held[key]


def samples(
    run: RunView,
    grouped: Sequence[tuple[Arm, Sequence[TrialRow]]],
    judgements: Sequence[Judgement],
) -> list[Sample]:
    """Open trials of each arm for the manipulation checks.

    Args:
        run: The run or sweep.
        grouped: Its rows by arm.
        judgements: What judges said.
    """
    library = Library(run)
    said: dict[str, list[Judgement]] = {}
    for one in judgements:
        said.setdefault(one.trial_id, []).append(one)
    most = max(1, min(OPENED_PER_ARM, OPENED // len(grouped)))
    chosen = [_spread(rows, most) for _, rows in grouped]
    found: list[list[Opened]] = [[] for _ in grouped]
    # Place by place, since forked arms have the same history at the same place.
    for place in range(most):
        for own, rows in zip(found, chosen, strict=True):
            if place < len(rows):
                own.extend(_opened(library, rows[place].trial_id, said))
    return [
        Sample(arm=arm, trials=tuple(own), of=len(rows))
        for (arm, rows), own in zip(grouped, found, strict=True)
    ]


def _spread(rows: Sequence[TrialRow], most: int) -> list[TrialRow]:
    """Return at most so many rows, at even distances."""
    few = min(most, len(rows))
    return [rows[place * len(rows) // few] for place in range(few)]


def _opened(
    library: Library, trial_id: str, said: Mapping[str, Sequence[Judgement]]
) -> Iterator[Opened]:
    """Yield what is kept of a trial; nothing if its history was never finished."""
    record, history = library.trial(trial_id)
    if history is None:
        return
    donor = library.donor(record)
    overseer, target = record.spec.oversight.overseer, record.party
    given = said.get(history.spec.history_id, ())
    yield Opened(
        history_id=record.history_id,
        checks=checks(record, history, donor),
        standing=standing(record, history, donor),
        judged=strength(judged_of(history, given), target, overseer) if given else None,
        provenance=record.provenance,
    )
