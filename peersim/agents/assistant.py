"""An agent that is an AutoGen ``AssistantAgent``; the turns are ours."""

from collections.abc import Sequence

from autogen_core import FunctionCall
from autogen_core.models import FunctionExecutionResult

from peersim.agents.base import Tools, Turn, TurnEnd, Use
from peersim.agents.bench import Bench
from peersim.agents.client import CallFailed, LineClient
from peersim.agents.round import Earlier, OneRound
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
        self._bench = Bench()
        self._client = LineClient(line, self._bench)
        self._agent = OneRound(name, self._client, self._bench, system, earlier)

    async def step(self, text: str | None, tools: Tools) -> Turn:
        """Make one model call and use the tools it asks for."""
        self._bench.lay(tools)
        try:
            carried = await self._agent.take(text)
        except CallFailed as stop:
            return Turn(end="failed", failure=stop.failure)
        reply = self._client.last
        assert reply is not None, "AutoGen answered without asking the model"
        return Turn(
            end=_end(reply),
            called=self._client.line.called(reply),
            thought=reply.thinking,
            said=reply.content,
            uses=tuple(_use(call, result) for call, result in carried),
        )


def _end(reply: Completion) -> TurnEnd:
    if reply.finish == "content_filter":
        return "blocked"
    if usable_calls(reply):
        return "acted"
    return "cut" if reply.finish == "length" else "spoke"


def _use(call: FunctionCall, result: FunctionExecutionResult) -> Use:
    """Return a call with its result, those that AutoGen's agent answered by itself included."""
    return Use(
        tool=call.name,
        arguments=call.arguments,
        result=result.content,
        error=bool(result.is_error),
    )
