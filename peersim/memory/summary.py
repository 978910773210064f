"""Summary memory: a model in a role of its own decides what is worth remembering."""

import json
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from peersim.answers import Failed
from peersim.events.calls import Called
from peersim.events.log import EventLog
from peersim.frozen import Frozen
from peersim.memory.base import Item, Recollection
from peersim.memory.telling import told
from peersim.models.base import Completion, Failure, Message, Request, ToolSpec
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import quoted

ATTEMPTS = 3
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
                        "events": {"type": "array", "items": {"type": "string"}},
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
    events: tuple[str, ...]


class _Statements(Frozen):
    statements: Annotated[tuple[_Statement, ...], Field(min_length=1)]


class Summary(Frozen):
    """A model sums the history up in a few statements that cite events.

    Attributes:
        most: Statements asked for at most.
    """

    kind: Literal["summary"] = "summary"
    most: int = Field(default=6, ge=1)

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection | Failed:
        """Return the model's statements, or a failure of the memory after three attempts."""
        messages = self._opening(log, agent)
        calls: list[Called] = []
        problem = ""
        for _ in range(ATTEMPTS):
            request = Request(messages=messages, tools=(REMEMBER,))
            reply = await line.complete(request)
            if isinstance(reply, Failure):
                return reply.as_failed()
            calls.append(line.called(reply))
            items, problem = _read(reply)
            if items:
                return Recollection(items=items, calls=tuple(calls))
            messages = (*messages, *_again(reply, problem))
        return Failed(origin="memory", cause="unusable_summary", detail=problem)

    def _opening(self, log: EventLog, agent: str) -> tuple[Message, ...]:
        lines = [{"id": item.cites[0], "text": item.text} for item in told(log, agent)]
        ask = render("summary_ask.md.j2", agent=agent, lines=lines, most=self.most)
        system = render("summary_system.md.j2", agent=agent)
        return (Message(role="system", content=system), Message(role="user", content=ask))


def _read(reply: Completion) -> tuple[tuple[Item, ...], str]:
    """Return the statements of a reply, or no items and what is wrong with it.

    A citation of an event that does not exist is kept: it is an invention, and measured.
    """
    calls = [call for call in reply.tool_calls if call.name == REMEMBER.name]
    if len(calls) != 1:
        return (), f"`remember` was called {len(calls)} times"
    try:
        found = _Statements.model_validate(json.loads(calls[0].arguments))
    except (json.JSONDecodeError, ValidationError) as error:
        return (), f"the arguments do not fit: {str(error).splitlines()[0]}"
    return tuple(Item(text=quoted(s.text), cites=s.events) for s in found.statements), ""


def _again(reply: Completion, problem: str) -> tuple[Message, ...]:
    """Return the reply and what to tell the model about it, every tool call answered."""
    text = render("summary_again.md.j2", problem=quoted(problem))
    said = Message(
        role="assistant",
        content=reply.content,
        tool_calls=reply.tool_calls,
        thinking=reply.thinking,
        thinking_blocks=reply.thinking_blocks,
    )
    if not reply.tool_calls:
        return (said, Message(role="user", content=text))
    answers = (Message(role="tool", content=text, tool_call_id=c.id) for c in reply.tool_calls)
    return (said, *answers)
