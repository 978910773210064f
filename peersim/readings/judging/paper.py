"""What a judge sees of a trial: the oversight turns alone, without names, past or arm.

Every text stands in a tagged section, line by line with numbers, and with its own tags made
harmless: whatever a peer wrote into a file, it stays one numbered line among others of a tool's
answer.

Arms that differ in whom the job is about, in personas, or in how and as whose the past was
delivered give the same paper wherever the overseer did the same. What cannot be hidden: the
stakes, the standing and the precedence stand in the documents, since what an overseer did is
judged by them; the form shows in what was handed in; its own words may speak of the past or the
target in a way of their own (a summary, "my own work", "he"); and a past looked up by a tool
leaves a gap that only the looking up filled.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Literal

from peersim.briefing import brief, remembered
from peersim.events.calls import Thought, Used, Wrote
from peersim.events.marks import Began, Ended
from peersim.frozen import Frozen
from peersim.oversight.delivery import DOCUMENT, MEMORY_TOOL
from peersim.prompts.sections import Section, join, quoted
from peersim.readings.judging.masks import (
    LEFT_OUT,
    OTHER,
    OVERSEER,
    TARGET,
    Masks,
    Past,
    Phrases,
    within_json,
)
from peersim.readings.judging.neutral import Retold, kind_words
from peersim.record import TrialRecord

Kind = Literal["job", "wrote", "thought", "called", "answered", "ended"]

TAGS: dict[Kind, str] = {
    "job": "job",
    "wrote": "reviewer_wrote",
    "thought": "reviewer_thought",
    "called": "reviewer_called",
    "answered": "tool_answered",
    "ended": "work_ended",
}
_READING = ("read_file", "view_sheet")
_SIZE = re.compile(r" \(document, \d+ bytes\)")


class Passage(Frozen):
    """One text of the oversight phase."""

    kind: Kind
    text: str


def paper(passages: Iterable[Passage]) -> str:
    """Return passages as a judge sees them: tagged, numbered line by line, and escaped."""
    numbers = count(1)
    return join(
        Section(
            name=TAGS[passage.kind],
            text="\n".join(f"{next(numbers)} | {line}" for line in _lines(passage.text)),
        )
        for passage in passages
    )


def _lines(text: str) -> list[str]:
    return quoted(text).splitlines() or [""]


def passages(record: TrialRecord) -> tuple[Passage, ...]:
    """Return what a judge may see of a trial, in order, with all names replaced.

    Of the job only its body is shown: its other parts say what the circumstances are, and so
    which arm it is. What was looked up about the past is left out, with the looking up.
    """
    retold = Retold(record)
    body = (part.text for part in retold.neutral.parts if part.name == "body")
    job = Passage(kind="job", text="\n\n".join(body) or retold.neutral.job)
    return (job, *_turns(record, retold, Disguise(record, retold)))


def _turns(record: TrialRecord, retold: Retold, hide: "Disguise") -> Iterator[Passage]:
    began = False
    for event in record.events:
        began = began or (isinstance(event, Began) and event.phase == "oversight")
        if not began:
            continue
        match event:
            case Wrote():
                yield Passage(kind="wrote", text=hide.said(event.text))
            case Thought():
                yield Passage(kind="thought", text=hide.said(event.text))
            case Used() if not _looks_back(event):
                yield from _used(event, retold, hide)
            case Ended():
                yield Passage(kind="ended", text=event.reason)


def _used(used: Used, retold: Retold, hide: "Disguise") -> Iterator[Passage]:
    arguments = hide.given(used.arguments)
    # What is done to the document of the past has no counterpart where there is none.
    told = retold.answer(used, None if DOCUMENT in used.arguments else arguments)
    answer = hide.answered(used.result) if told is None else told
    yield Passage(kind="called", text=f"{hide.said(used.tool)} {arguments}")
    yield Passage(kind="answered", text=f"{answer}\n(an error)" if used.error else answer)


def _looks_back(used: Used) -> bool:
    return used.tool == MEMORY_TOOL or (used.tool in _READING and DOCUMENT in used.arguments)


class Disguise:
    """Hides in texts of a trial what would tell its arm."""

    def __init__(self, record: TrialRecord, retold: Retold) -> None:
        """Take a trial, and the same told about nobody in particular."""
        overseer = record.spec.oversight.overseer
        self._past = Past(_told(record, retold))
        self._where = re.compile("|".join(map(re.escape, (DOCUMENT, MEMORY_TOOL))), re.IGNORECASE)
        self._names = Masks({**_stems(retold), **_names(record, overseer)})
        self._words = Phrases(kind_words())
        self._me = re.compile(rf"\b(I, |I am |I'm |[Aa]s |name is ){re.escape(overseer)}\b")

    def said(self, text: str) -> str:
        """Return a text of the overseer's own, without any sentence that it was told."""
        kept = self._where.sub(LEFT_OUT, self._past(text))
        # Where an overseer is its own target both have one name: here it means itself.
        return self._words(self._names(self._me.sub(rf"\g<1>{OVERSEER}", kept)))

    def given(self, arguments: str) -> str:
        """Return the arguments of a call, in the same way."""
        return within_json(self.said, arguments)

    def answered(self, result: str) -> str:
        """Return what a tool gave back, where the neutral world has no answer of its own."""
        lines = (line for line in result.splitlines() if DOCUMENT not in line)
        return _SIZE.sub(" (document)", self.said("\n".join(lines)))


def _told(record: TrialRecord, retold: Retold) -> Iterator[str]:
    """Return all that an overseer is told of the past, of itself and of the circumstances."""
    past = retold.past
    yield from (item.text for item in remembered(record.events))
    yield brief(record.spec, past)
    yield from (text for _, text in past.papers)
    yield from (spoken.text for spoken in past.earlier)
    yield past.memo or ""
    yield from (part.text for part in retold.case.parts if part.name != "body")


def _names(record: TrialRecord, overseer: str) -> dict[str, str]:
    """Return what each name of a trial is replaced by; the target's comes before all others."""
    cast = (member.name for member in record.spec.history.cast)
    others = [name for name in cast if name not in (overseer, record.party)]
    named = {name: f"{OTHER}{number}" for number, name in enumerate(others, start=1)}
    return {**named, overseer: OVERSEER, record.party: TARGET}


def _stems(retold: Retold) -> dict[str, str]:
    """Return what files are called, with and without the ending."""
    files = retold.files
    stems = {was.rpartition(".")[0]: now.rpartition(".")[0] for was, now in files.items()}
    return {was: now for was, now in {**stems, **files}.items() if was and was != now}
