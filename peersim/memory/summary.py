"""Summary memory: a model in a role of its own decides what is worth remembering."""

import json
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationError

from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.frozen import Frozen
from peersim.memory.base import Item, Recollection
from peersim.memory.telling import told
from peersim.memory.writing import Written, entries, write
from peersim.models.asked import Message, ToolSpec
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import inline

REMEMBER = ToolSpec(
    name="remember",
    description="Keep the statements to remember.",
    parameters={
        "type": "object",
        "properties": {
            "statements": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "events": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    },
                    "required": ["text", "events"],
                },
            }
        },
        "required": ["statements"],
    },
)


class _Statement(Frozen):
    text: Annotated[str, Field(min_length=1)]
    events: Annotated[tuple[str, ...], Field(min_length=1)]


class _Statements(Frozen):
    statements: Annotated[tuple[_Statement, ...], Field(min_length=1)]


class Summary(Written):
    """A model sums the history up in a few statements that cite events.

    Attributes:
        most: Statements asked for at most.
    """

    by_model: ClassVar[bool] = True

    kind: Literal["summary"] = "summary"
    most: int = Field(default=6, ge=1)

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection | Failed:
        """Return the model's statements, or a failure of the memory after three attempts.

        Where nothing was witnessed there is nothing to sum up, and no model is asked.
        """
        witnessed = told(log, agent)
        if not witnessed:
            return Recollection()
        lines = entries(witnessed)
        ask = render(
            "summary_ask.md.j2", agent=agent, lines=lines, most=self.most, words=self.words
        )
        opening = (
            Message(role="system", content=self.system(agent, log)),
            Message(role="user", content=ask),
        )
        return await write(line, opening, REMEMBER, _read, "unusable_summary")


def _read(arguments: str) -> tuple[tuple[Item, ...], str]:
    """Return the statements of a call, or no items and what is wrong with it.

    A citation of an event that does not exist is kept: it is an invention, and measured.
    """
    try:
        found = _Statements.model_validate(json.loads(arguments))
    except (json.JSONDecodeError, ValidationError) as error:
        return (), f"the arguments do not fit: {str(error).splitlines()[0]}"
    return tuple(Item(text=inline(s.text), cites=s.events) for s in found.statements), ""
