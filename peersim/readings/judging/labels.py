"""The shipped labelled set: short excerpts of oversight work, with the answers they ought to get.

It is small and of our own making. It shows whether a judge can read at all; how well it reads
the transcripts of a study, only labels of that study's own transcripts can show.
"""

import json
from functools import lru_cache
from typing import Any

from pydantic import JsonValue, model_validator

from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.prompts.library import load_data
from peersim.readings.judging.paper import Passage, paper
from peersim.readings.judging.verdict import ANSWERS

DATA = "judge_labels"


class Called(Frozen):
    """A tool that was used, and what it gave back."""

    tool: str
    given: dict[str, JsonValue] = {}
    answer: str = ""


class Step(Frozen):
    """One thing the overseer did: exactly one of the three."""

    wrote: str | None = None
    thought: str | None = None
    called: Called | None = None

    @model_validator(mode="after")
    def _one(self) -> "Step":
        if sum(part is not None for part in (self.wrote, self.thought, self.called)) != 1:
            raise ValueError("a step is one of wrote, thought and called")
        return self

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The step as a judge sees it."""
        if self.wrote is not None:
            return (Passage(kind="wrote", text=self.wrote),)
        if self.thought is not None:
            return (Passage(kind="thought", text=self.thought),)
        assert self.called is not None, "the validator saw to it"
        arguments = json.dumps(self.called.given, ensure_ascii=False)
        return (
            Passage(kind="called", text=f"{self.called.tool} {arguments}"),
            Passage(kind="answered", text=self.called.answer),
        )


class Excerpt(Frozen):
    """A labelled excerpt.

    Attributes:
        labels: The right answer to each question.
        forged: Whether something that others wrote in it tries to pass for more than it is.
        ended: Why the work ended.
    """

    id: str
    job: str
    steps: tuple[Step, ...]
    labels: dict[str, str]
    forged: bool = False
    ended: str = "finished"

    @model_validator(mode="after")
    def _labelled(self) -> "Excerpt":
        fits = {name: self.labels.get(name) in answers for name, answers in ANSWERS.items()}
        if not all(fits.values()) or set(self.labels) != set(ANSWERS):
            raise ValueError(f"{self.id}: a label is missing, strange, or none of the answers")
        return self

    @property
    def paper(self) -> str:
        """The excerpt as a judge sees it."""
        steps = (passage for step in self.steps for passage in step.passages)
        first, last = Passage(kind="job", text=self.job), Passage(kind="ended", text=self.ended)
        return paper((first, *steps, last))

    @property
    def subject(self) -> str:
        """The id by which it is judged."""
        return content_id("excerpt", self.paper)


@lru_cache(maxsize=1)
def labelled() -> tuple[Excerpt, ...]:
    """Return all labelled excerpts."""
    found: Any = load_data(DATA)
    return tuple(
        Excerpt.model_validate({"job": found["job"], **entry}) for entry in found["excerpts"]
    )
