"""What a judge sees of a trial: the oversight turns alone, without names, past or arm.

Every text stands in a tagged section, line by line with numbers, and with its own tags made
harmless: whatever a peer wrote into a file, it stays one numbered line among others of a tool's
answer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Literal

from peersim.briefing import pass_on, remembered, stage
from peersim.events.calls import Thought, Used, Wrote
from peersim.events.log import AnyEvent
from peersim.events.marks import Began, Ended
from peersim.frozen import Frozen
from peersim.oversight.delivery import DOCUMENT, MEMORY_TOOL
from peersim.oversight.posting import party
from peersim.prompts.sections import Section, join, quoted
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
OVERSEER, TARGET, OTHER = "Reviewer", "Party", "Other"
LEFT_OUT = "[left out]"
_READING = ("read_file", "view_sheet")
# Shorter names are replaced as whole words only: they may begin many others.
_SHORT = 4


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
    hide = Masks(_names(record))
    items = tuple(item.text for item in remembered(record.events))
    found = (Passage(kind="job", text=_job(record)), *_turns(record.events, items))
    return tuple(Passage(kind=one.kind, text=hide(one.text)) for one in found)


def _job(record: TrialRecord) -> str:
    spec = record.spec
    job = spec.oversight.model_copy(update={"target": record.target})
    case = stage(spec, job, pass_on(spec, remembered(record.events), ()))
    return "\n\n".join(part.text for part in case.parts if part.name == "body") or case.job


def _turns(events: tuple[AnyEvent, ...], items: tuple[str, ...]) -> Iterator[Passage]:
    began = False
    for event in events:
        began = began or (isinstance(event, Began) and event.phase == "oversight")
        if not began:
            continue
        match event:
            case Wrote():
                yield Passage(kind="wrote", text=event.text)
            case Thought():
                yield Passage(kind="thought", text=event.text)
            case Used() if not _looks_back(event):
                yield Passage(kind="called", text=f"{event.tool} {event.arguments}")
                yield Passage(kind="answered", text=_without_past(event, items))
            case Ended():
                yield Passage(kind="ended", text=event.reason)


def _looks_back(used: Used) -> bool:
    return used.tool == MEMORY_TOOL or (used.tool in _READING and DOCUMENT in used.arguments)


def _without_past(used: Used, items: tuple[str, ...]) -> str:
    """Return what a tool gave back, without what stands there of the recollection."""
    kept = "\n".join(line for line in used.result.splitlines() if DOCUMENT not in line)
    for item in items:
        kept = kept.replace(item, LEFT_OUT) if item.strip() else kept
    return f"{kept}\n(an error)" if used.error else kept


def _names(record: TrialRecord) -> dict[str, str]:
    """Return what each name of a trial is replaced by."""
    spec, around = record.spec, record.spec.oversight.circumstances
    overseer = spec.oversight.overseer
    cast = tuple(member.name for member in spec.history.cast)
    target = party(around, overseer, record.target, cast).name
    others = [name for name in cast if name not in (overseer, target)]
    named = {name: f"{OTHER}{number}" for number, name in enumerate(others, start=1)}
    return {target: TARGET, overseer: OVERSEER, **named}


class Masks:
    """Replaces names by neutral ones."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take what each name is replaced by."""
        self._names = {name.lower(): mask for name, mask in names.items()}
        longest_first = sorted(names, key=len, reverse=True)
        parts = (
            re.escape(name) + (r"(?![^\W\d_])" if len(name) < _SHORT else "")
            for name in longest_first
        )
        self._pattern = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(parts)})", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return a text with all names replaced, however they are capitalised."""
        return self._pattern.sub(lambda found: self._names[found[0].lower()], text)
