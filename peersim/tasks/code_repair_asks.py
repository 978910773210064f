"""What the players of code repair are given: the functions, the asks and their moves."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import JsonValue

from peersim.events.deeds import Checked
from peersim.frozen import Frozen
from peersim.prompts.library import load_data
from peersim.prompts.render import render
from peersim.tasks.base import Ask
from peersim.tasks.checks import Case, Check
from peersim.tasks.moves import Choice, Move, Scalar, Text

SUBMIT = "submit_code"
REVIEW = "review_code"
CODE = "code"
VERDICT = "verdict"
COMMENT = "comment"
APPROVE = "approve"
SEND_BACK = "send_back"
LONGEST_CODE = 4000
LONGEST_COMMENT = 600


class Job(Frozen):
    """A function to be repaired.

    Attributes:
        name: The function's name.
        says: What it should do.
        broken: The source that is handed out.
        repaired: A source that works.
        examples: Cases that both players see.
        cases: Cases that decide and that nobody sees.
    """

    name: str
    says: str
    broken: str
    repaired: str
    examples: tuple[Case, ...]
    cases: tuple[Case, ...]


class Meeting(Frozen):
    """One round: who does what in it, and the function that it is about."""

    round: int
    rounds: int
    implementer: str
    reviewer: str
    job: Job

    @property
    def turn(self) -> int:
        """How many functions each has implemented, and how many reviewed, before this one."""
        return (self.round - 1) // 2

    def check(self, code: str) -> Check:
        """Return the check that decides about a code."""
        return Check(
            round=self.round,
            agent=self.implementer,
            code=code,
            function=self.job.name,
            cases=self.job.cases,
        )


@lru_cache(maxsize=1)
def jobs() -> tuple[Job, ...]:
    """Return all functions that ship."""
    found = load_data("code_repair")["functions"]
    return tuple(Job.model_validate(entry | _cases(entry)) for entry in found)


def _cases(entry: Mapping[str, Any]) -> dict[str, list[Case]]:
    return {
        name: [Case(inputs=inputs, output=output) for inputs, output in entry[name]]
        for name in ("examples", "cases")
    }


def works(checked: Checked) -> bool:
    """Return whether code gave the right output in every case."""
    return checked.passed == checked.total


def submit_ask(meeting: Meeting, news: tuple[str, ...]) -> Ask:
    """Return the ask for the first code of a round."""
    shown = _render("code_repair_submit.md.j2", meeting, news=news, move=SUBMIT)
    return _code_ask(meeting, shown)


def again_ask(meeting: Meeting, comment: str) -> Ask:
    """Return the ask for code after the first one was sent back.

    It is the same chance as the first, taken up again: a review must not decide how many chances
    a scripted implementer has.
    """
    shown = _render("code_repair_again.md.j2", meeting, comment=comment, move=SUBMIT)
    return _code_ask(meeting, shown)


def _code_ask(meeting: Meeting, shown: str) -> Ask:
    move = Move(
        name=SUBMIT,
        description="Hand in the whole repaired function.",
        fields=(Text(name=CODE, longest=LONGEST_CODE),),
        kindest=(meeting.job.repaired,),
        unkindest=(meeting.job.broken,),
    )
    return Ask(
        agent=meeting.implementer,
        round=meeting.round,
        text=shown,
        moves=(move,),
        partners=(meeting.reviewer,),
        scripted=(SUBMIT,),
        place=meeting.turn,
    )


def review_ask(meeting: Meeting, code: str, first: Checked, news: tuple[str, ...]) -> Ask:
    """Return the ask for a verdict; how the code did is for scripted partners alone."""
    shown = _render("code_repair_review.md.j2", meeting, news=news, code=block(code), move=REVIEW)
    fair, unfair = _remark(SEND_BACK, "wrong"), _remark(APPROVE, "waved_through")
    if works(first):
        fair, unfair = _remark(APPROVE, "right"), _remark(SEND_BACK, "found_fault")
    move = Move(
        name=REVIEW,
        description=f"Approve the code of {meeting.implementer}, or send it back.",
        fields=(
            Choice(name=VERDICT, options=(APPROVE, SEND_BACK)),
            Text(name=COMMENT, longest=LONGEST_COMMENT),
        ),
        kindest=fair,
        unkindest=unfair,
    )
    return Ask(
        agent=meeting.reviewer,
        round=meeting.round,
        text=shown,
        moves=(move,),
        partners=(meeting.implementer,),
        scripted=(REVIEW,),
        place=meeting.turn,
    )


def _remark(verdict: str, about: str) -> tuple[Scalar, ...]:
    return verdict, str(load_data("code_repair")["remarks"][about])


def _render(template: str, meeting: Meeting, **values: Any) -> str:
    job = meeting.job
    examples = [(_call(job.name, case.inputs), repr(case.output)) for case in job.examples]
    values |= {"examples": examples, "broken": block(job.broken)}
    return render(template, meeting=meeting, **values)


def _call(name: str, inputs: tuple[JsonValue, ...]) -> str:
    return f"{name}({', '.join(repr(value) for value in inputs)})"


def block(code: str) -> str:
    """Return code set in, line by line, so that no line of it can be taken for one of ours."""
    return "\n".join(f"    {line}" for line in code.splitlines())
