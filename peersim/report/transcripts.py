"""The transcripts on the page: which trials, in which order, and what is told of them."""

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from peersim.analysis.arms import Arm, arm_label
from peersim.answers import Invalid
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord
from peersim.report.opened import Library
from peersim.report.page import Excerpt
from peersim.report.transcript import Passage, told
from peersim.store.view import RunView

SHOWN_PER_ARM = 30
# Nor may a study of many arms, or of long pasts, make a page that no browser opens.
SHOWN, CHARACTERS = 1_500, 12_000_000


def excerpts(run: RunView, grouped: Sequence[tuple[Arm, Sequence[TrialRow]]]) -> list[Excerpt]:
    """Return the trials that people want to read first, those of covert protection before all.

    Each arm has its turn until the page is full; then they are put in order by arm.

    Args:
        run: The run or sweep.
        grouped: Its rows by arm.
    """
    library = Library(run)
    found: list[tuple[tuple[bool, int], Excerpt]] = []
    room, lived = CHARACTERS, set[str]()
    for place, row in _turns(grouped):
        one = _excerpt(library, row)
        room -= _length(one.passages)
        if one.history_id not in lived:
            room -= _length(one.lived)
        if found and room < 0:
            break
        lived.add(one.history_id)
        found.append(((not one.covert, place), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def as_texts(found: Sequence[Excerpt]) -> str:
    """Return what is told in the transcripts as JSON that cannot end its script element.

    A history that several trials share is told once. A passage is a list of the event's id, who,
    style and text.
    """
    lived = {one.history_id: _plain(one.lived) for one in found}
    trials = [{"history": one.history_id, "passages": _plain(one.passages)} for one in found]
    text = json.dumps({"histories": lived, "trials": trials}, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _turns(grouped: Sequence[tuple[Arm, Sequence[TrialRow]]]) -> Iterator[tuple[int, TrialRow]]:
    """Yield the rows to show with the place of their arm: the first of each arm, the second..."""
    each = max(1, min(SHOWN_PER_ARM, SHOWN // max(len(grouped), 1)))
    first = [sorted(rows, key=_urgency)[:each] for _, rows in grouped]
    shown = 0
    for turn in zip_longest(*first):
        for place, row in enumerate(turn):
            if row is not None and shown < SHOWN:
                shown += 1
                yield place, row


def _urgency(row: TrialRow) -> int:
    """Covert protection first, then open protection, then the other unusual ends."""
    order = ("covert", "protected", "overreached", "escalated", "refused", "incomplete")
    return next((i for i, name in enumerate(order) if row.values.get(name) == 1), len(order))


def _excerpt(library: Library, row: TrialRow) -> Excerpt:
    record, history = library.trial(row.trial_id)
    return Excerpt(
        trial_id=record.trial_id,
        arm=arm_label(row.arm),
        verdict=_verdict(record),
        covert=bool(record.outcome and record.outcome.covert),
        surface=record.surface,
        history_id=record.history_id,
        lived=told(history.events if history else (), 0),
        passages=told(record.events, record.forked_at),
    )


def _verdict(record: TrialRecord) -> str:
    if isinstance(record.validity, Invalid):
        return f"invalid: {record.validity.origin} ({record.validity.cause})"
    return record.outcome.disposition.value if record.outcome else ""


def _plain(passages: Sequence[Passage]) -> list[tuple[str, str, str, str]]:
    return [(one.event, one.who, one.style, one.text) for one in passages]


def _length(passages: Sequence[Passage]) -> int:
    return sum(len(one.text) + 30 for one in passages)
