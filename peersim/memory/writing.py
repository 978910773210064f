"""How a model writes a memory: one tool call that fits, or at most three attempts at it."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from peersim.answers import Failed
from peersim.events.calls import Called
from peersim.events.log import EventLog
from peersim.events.marks import Enrolled
from peersim.frozen import Frozen, later
from peersim.memory.base import Item, Recollection
from peersim.memory.telling import View
from peersim.models.asked import Message, ToolSpec
from peersim.models.base import Completion, Failure, Request
from peersim.models.line import Line
from peersim.models.usable import usable_calls
from peersim.prompts.render import render
from peersim.prompts.sections import inline

ATTEMPTS = 3

# Reads the arguments of the call: the items, or none of them and what is wrong.
Reading = Callable[[str], tuple[tuple[Item, ...], str]]

Author = Literal["scribe", "self", "peer"]


class Entry(NamedTuple):
    """One thing witnessed, as an author is shown it: an event's id and its sentence."""

    id: str
    text: str


def entries(witnessed: Sequence[Item]) -> list[Entry]:
    """Return what was witnessed as an author is shown it."""
    return [Entry(item.cites[0], item.text) for item in witnessed]


class Written(Frozen):
    """What every memory written by a model has.

    Attributes:
        author: Who writes it: a neutral scribe on the memory role's model, the agent itself on
            its own, or the first of its peers on theirs.
        view: Written with names alone, or in the first person of the one who remembers.
        words: Words a statement may have at most; None for no limit.
    """

    author: Author = later("scribe")
    view: View = later("third")
    words: int | None = later(None, ge=1)

    def system(self, agent: str, log: EventLog) -> str:
        """Return what the author is told about its part."""
        others = [event.agent for event in log.of(Enrolled) if event.agent != agent]
        peer = others[0] if others else "a colleague"
        return render(
            "memory_author.md.j2", agent=agent, author=self.author, peer=peer, view=self.view
        )


async def write(
    line: Line, opening: tuple[Message, ...], tool: ToolSpec, read: Reading, cause: str
) -> Recollection | Failed:
    """Ask a model for a memory until its call can be read.

    Args:
        line: The memory role's way to its model.
        opening: What the model is asked.
        tool: The one tool that takes the memory.
        read: Reads the arguments of a call of that tool.
        cause: The cause of the failure, when no attempt could be read.

    Returns:
        The recollection, a failure with origin ``memory``, or the failure of a call. A reply
        that the provider blocked is a failure of the provider's, whatever stands in it.
    """
    messages = opening
    calls: list[Called] = []
    problem = ""
    for _ in range(ATTEMPTS):
        reply = await line.complete(Request(messages=messages, tools=(tool,)))
        if isinstance(reply, Failure):
            return reply.as_failed()
        calls.append(line.called(reply))
        if reply.finish == "content_filter":
            # Asked again, the same words would be blocked again: it is no slip of the author's.
            detail = "the provider blocked the reply of whoever writes the memory"
            return Failed(origin="memory", cause="provider_blocked", detail=detail)
        items, problem = _read(reply, tool, read)
        if items:
            return Recollection(items=items, calls=tuple(calls))
        messages = (*messages, *_again(reply, tool, problem))
    return Failed(origin="memory", cause=cause, detail=problem)


def _read(reply: Completion, tool: ToolSpec, read: Reading) -> tuple[tuple[Item, ...], str]:
    calls = [call for call in usable_calls(reply) if call.name == tool.name]
    if len(calls) != 1:
        return (), f"`{tool.name}` was called {len(calls)} times"
    return read(calls[0].arguments)


def _again(reply: Completion, tool: ToolSpec, problem: str) -> tuple[Message, ...]:
    """Return the reply and what to tell the model about it, every tool call answered."""
    text = render("memory_again.md.j2", tool=tool.name, problem=inline(problem))
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
