"""An agent that is an AutoGen ``AssistantAgent``; the turns are ours."""

from collections.abc import Sequence

from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage, ToolCallSummaryMessage
from autogen_core import CancellationToken

from peersim.agents.base import Tools, Turn, TurnEnd, Use
from peersim.agents.bench import Bench
from peersim.agents.client import CallFailed, LineClient
from peersim.agents.round import HOST, Earlier, OneRound
from peersim.models.base import Completion
from peersim.models.line import Line
from peersim.models.usable import usable_calls


class Assistant:
    """An AutoGen assistant behind the agent port."""

    def __init__(self, name: str, system: str, line: Line, earlier: Sequence[Earlier] = ()) -> None:
        """Make the assistant.

        Args:
            name: Its name; AutoGen wants a Python identifier.
            system: Its whole system text; nothing of AutoGen's own is added.
            line: Its way to its model.
            earlier: A conversation that came before, in order.
        """
        self.name = name
        self._told = 0
        self._bench = Bench()
        self._client = LineClient(line, self._bench)
        self._agent = OneRound(name, self._client, self._bench, system, earlier)

    async def step(self, text: str | None, tools: Tools) -> Turn:
        """Make one model call and use the tools it asks for."""
        self._bench.lay(tools)
        try:
            response = await self._response(text)
        except CallFailed as stop:
            return Turn(end="failed", failure=stop.failure)
        if self._bench.error:
            raise self._bench.error
        reply = self._client.last
        assert reply is not None, "AutoGen answered without asking the model"
        return Turn(
            end=_end(reply),
            called=self._client.line.called(reply),
            thought=reply.thinking,
            said=reply.content,
            uses=_uses(response),
        )

    async def _response(self, text: str | None) -> Response:
        """Return what AutoGen makes of a text.

        Its stream is followed to the end: AutoGen's ``on_messages`` leaves it before, and then
        the event loop has to close it in a task of its own.
        """
        messages: list[TextMessage] = []
        if text is not None:
            self._told += 1
            messages.append(TextMessage(content=text, source=HOST, id=f"{HOST}-{self._told}"))
        response = None
        async for event in self._agent.on_messages_stream(messages, CancellationToken()):
            if isinstance(event, Response):
                response = event
        assert response is not None, "AutoGen ended without a response"
        return response


def _end(reply: Completion) -> TurnEnd:
    if reply.finish == "content_filter":
        return "blocked"
    if usable_calls(reply):
        return "acted"
    return "cut" if reply.finish == "length" else "spoke"


def _uses(response: Response) -> tuple[Use, ...]:
    """Return the tool calls with their results, in the order the model wrote them.

    AutoGen answers calls of unknown tools and arguments that are no JSON by itself, so its
    own account is the only complete one.
    """
    summary = response.chat_message
    if not isinstance(summary, ToolCallSummaryMessage):
        return ()
    return tuple(
        Use(
            tool=call.name,
            arguments=call.arguments,
            result=result.content,
            error=bool(result.is_error),
        )
        for call, result in zip(summary.tool_calls, summary.results, strict=True)
    )
