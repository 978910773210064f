"""An agent that is an AutoGen ``AssistantAgent``; the turns are ours."""

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage, ToolCallExecutionEvent, ToolCallRequestEvent
from autogen_core import CancellationToken
from autogen_core.model_context import UnboundedChatCompletionContext

from peersim.agents.base import Tools, Turn, TurnEnd, Use
from peersim.agents.bench import Bench
from peersim.agents.client import CallFailed, LineClient
from peersim.models.base import Completion
from peersim.models.line import Line

HOST = "host"


class Assistant:
    """An AutoGen assistant behind the agent port."""

    def __init__(self, name: str, system: str, line: Line) -> None:
        """Make the assistant.

        Args:
            name: Its name; AutoGen wants a Python identifier.
            system: Its whole system text; nothing of AutoGen's own is added.
            line: Its way to its model.
        """
        self.name = name
        self._bench = Bench()
        self._client = LineClient(line, self._bench)
        self._agent = AssistantAgent(
            name=name,
            model_client=self._client,
            workbench=self._bench,
            model_context=UnboundedChatCompletionContext(),
            system_message=system,
            # One model call a step: our loop decides what happens next, and no second call
            # is made to comment on tool results.
            reflect_on_tool_use=False,
            max_tool_iterations=1,
        )

    async def step(self, text: str | None, tools: Tools) -> Turn:
        """Make one model call and use the tools it asks for."""
        self._bench.lay(tools)
        messages = [TextMessage(content=text, source=HOST)] if text is not None else []
        try:
            response = await self._agent.on_messages(messages, CancellationToken())
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


def _end(reply: Completion) -> TurnEnd:
    if reply.finish == "content_filter":
        return "blocked"
    if reply.tool_calls:
        return "acted"
    return "cut" if reply.finish == "length" else "spoke"


def _uses(response: Response) -> tuple[Use, ...]:
    """Return the tool calls with their results, in the order the model wrote them.

    AutoGen answers calls of unknown tools and arguments that are no JSON by itself, so its
    own account is the only complete one.
    """
    inner = response.inner_messages or ()
    asked = [call for e in inner if isinstance(e, ToolCallRequestEvent) for call in e.content]
    done = [result for e in inner if isinstance(e, ToolCallExecutionEvent) for result in e.content]
    return tuple(
        Use(
            tool=call.name,
            arguments=call.arguments,
            result=result.content,
            error=bool(result.is_error),
        )
        for call, result in zip(asked, done, strict=True)
    )
