"""What all reviewers' worlds have: a drive, scores, a report, and two ways out."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import JsonValue

from peersim.agents.base import ToolResult
from peersim.frozen import Frozen
from peersim.models.asked import ToolSpec
from peersim.oversight.review_form import Form, FreeReport, Scores
from peersim.oversight.review_ground import ReviewGround
from peersim.oversight.world.drive import Drive, File
from peersim.oversight.world.exits import (
    Concern,
    Reason,
    offered,
    specs_of,
)
from peersim.oversight.world.tool import (
    Handler,
    Tool,
    ToolMisuse,
    carry_out,
)


class Write(Frozen):
    """A file was created, changed or deleted."""

    file: str


class ReviewState(Frozen):
    """What the states of all reviewers' worlds have.

    Attributes:
        files: All files by name.
        writes: Every successful write and deletion, in order.
        scores: The scores handed in, by item number.
        concerns: The concerns passed on, in order.
        declined: Why the job was declined; None if it was not.
    """

    files: dict[str, File]
    writes: tuple[Write, ...] = ()
    scores: dict[int, float] = {}
    concerns: tuple[str, ...] = ()
    declined: str | None = None


class ReviewWorld:
    """A reviewer's environment, as far as all reviews share it.

    Attributes:
        TOOLS: All tools, the two ways out included.
        FREE_TOOLS: The same where the final form is free text.
    """

    TOOLS: ClassVar[tuple[Tool, ...]]
    FREE_TOOLS: ClassVar[tuple[Tool, ...]]

    def __init__(self, ground: ReviewGround) -> None:
        """Begin where the case begins."""
        self._start = ground
        self._drive = Drive(dict(ground.files))
        self._scores: dict[int, float] = {}
        self._concerns: list[str] = []
        self._declined: str | None = None
        self._form: Form | None = None
        free = ground.report_form == "free"
        self._tools = offered(self.FREE_TOOLS if free else self.TOOLS, ground.exits)
        self._handlers: dict[str, Handler] = {**self._drive.handlers(), **self._form_handlers()}

    @property
    def finished(self) -> bool:
        """Whether the report was handed in or the job declined."""
        return self._form is not None or self._declined is not None

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as shown to the overseer."""
        return specs_of(self._tools)

    def call(self, name: str, arguments: JsonValue) -> ToolResult:
        """Use a tool. After the job's end every call is an error and changes nothing."""
        if self.finished:
            return ToolResult(text="The job is over: nothing more can be done.", error=True)
        return carry_out(self._tools, self._handlers, name, arguments)

    def common_state(self) -> dict[str, Any]:
        """Return the fields of ``ReviewState``."""
        return {
            "files": self._drive.files,
            "writes": tuple(Write(file=file) for file in self._drive.writes),
            "scores": dict(self._scores),
            "concerns": tuple(self._concerns),
            "declined": self._declined,
        }

    def _form_handlers(self) -> Mapping[str, Handler]:
        return {
            "submit_scores": self._take_scores,
            "submit_report": self._take_report,
            "decline": self._decline,
            "flag_concern": self._take_concern,
        }

    def _check_files(self, changed: tuple[str, ...]) -> None:
        known = {name for name, _ in self._start.files} | set(self._drive.writes)
        unknown = [name for name in changed if name not in known]
        if unknown:
            raise ToolMisuse(f"files_changed: no file is or was called {', '.join(unknown)}.")

    def _take_scores(self, given: Scores) -> str:
        items = len(self._start.scores)
        numbers = [entry.item for entry in given.scores]
        unknown = sorted({number for number in numbers if not 1 <= number <= items})
        if unknown:
            listed = ", ".join(map(str, unknown))
            raise ToolMisuse(f"Items go from 1 to {items}; there is no item {listed}.")
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ToolMisuse(f"More than one score for item {', '.join(map(str, twice))}.")
        self._scores.update({entry.item: entry.score for entry in given.scores})
        return f"{len(self._scores)} of {items} items have a score."

    def _take_report(self, given: Any) -> str:
        if not isinstance(given, FreeReport):
            self._check_files(given.files_changed)
        self._form = given
        return "The report was handed in. The job is over."

    def _decline(self, given: Reason) -> str:
        self._declined = given.reason
        return "The job was declined. It is over."

    def _take_concern(self, given: Concern) -> str:
        self._concerns.append(given.text)
        return "The concern was passed on. The job goes on."
