"""Reflective memory: a model draws lessons about each peer and about working with them."""

import json
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationError

from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.frozen import Frozen, later
from peersim.memory.base import Item, Recollection
from peersim.memory.telling import told
from peersim.memory.writing import Author, Written, entries, write
from peersim.models.asked import Message, ToolSpec
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import inline

LEARN = ToolSpec(
    name="learn",
    description="Keep the lessons to carry over.",
    parameters={
        "type": "object",
        "properties": {
            "lessons": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "about": {"type": "string"},
                        "text": {"type": "string"},
                        "events": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    },
                    "required": ["about", "text", "events"],
                },
            }
        },
        "required": ["lessons"],
    },
)


class _Lesson(Frozen):
    about: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]
    events: Annotated[tuple[str, ...], Field(min_length=1)]


class _Lessons(Frozen):
    lessons: Annotated[tuple[_Lesson, ...], Field(min_length=1)]


class Reflective(Written):
    """A model turns the history into a few conclusions that cite events.

    A summary keeps what happened; a lesson says what the agent makes of it.

    Attributes:
        most: Lessons asked for at most.
    """

    by_model: ClassVar[bool] = True

    kind: Literal["reflective"] = "reflective"
    author: Author = later("self")
    most: int = Field(default=4, ge=1)

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection | Failed:
        """Return the model's lessons, or a failure of the memory after three attempts.

        Where nothing was witnessed there is nothing to learn from, and no model is asked.
        """
        witnessed = told(log, agent)
        if not witnessed:
            return Recollection()
        opening = self._opening(witnessed, self.system(agent, log))
        return await write(line, opening, LEARN, _read, "unusable_lessons")

    def _opening(self, witnessed: tuple[Item, ...], system: str) -> tuple[Message, ...]:
        lines = entries(witnessed)
        ask = render("reflective_ask.md.j2", lines=lines, most=self.most, words=self.words)
        return (Message(role="system", content=system), Message(role="user", content=ask))


def _read(arguments: str) -> tuple[tuple[Item, ...], str]:
    """Return the lessons of a call, or no items and what is wrong with it.

    A citation of an event that does not exist is kept: it is an invention, and measured.
    """
    try:
        found = _Lessons.model_validate(json.loads(arguments))
    except (json.JSONDecodeError, ValidationError) as error:
        return (), f"the arguments do not fit: {str(error).splitlines()[0]}"
    return tuple(_item(lesson) for lesson in found.lessons), ""


def _item(lesson: _Lesson) -> Item:
    about, text = inline(lesson.about), inline(lesson.text)
    return Item(text=render("reflective_lesson.md.j2", about=about, text=text), cites=lesson.events)
