"""AutoGen's assistant with its tool loop cut down to one round over one workbench."""

from collections.abc import Sequence
from typing import Literal, Protocol

from autogen_agentchat.agents import AssistantAgent
from autogen_core import FunctionCall
from autogen_core.model_context import UnboundedChatCompletionContext
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)

from peersim.agents.bench import Bench
from peersim.agents.client import LineClient
from peersim.agents.converting import said

# A call as the model wrote it, and what came of it.
Carried = tuple[FunctionCall, FunctionExecutionResult]
HOST = "host"


class Earlier(Protocol):
    """A message of an earlier conversation."""

    @property
    def role(self) -> Literal["user", "assistant"]:
        """Whose message it is."""
        ...

    @property
    def text(self) -> str:
        """What it says."""
        ...


def _message(name: str, one: Earlier) -> LLMMessage:
    if one.role == "assistant":
        return AssistantMessage(content=one.text, source=name)
    return UserMessage(content=one.text, source=HOST)


class OneRound(AssistantAgent):
    """An assistant that carries out the calls of a reply one after the other, and stops there.

    AutoGen's own loop is made for tools that stream, hand over or comment: every call runs in
    a task of its own behind a queue, and every step makes events and random ids for a team.
    ``take`` leaves that out; its requests, its results and its context are the same.
    """

    def __init__(
        self,
        name: str,
        client: LineClient,
        bench: Bench,
        system: str,
        earlier: Sequence[Earlier] = (),
    ) -> None:
        """Make the assistant, with what it would do otherwise turned off.

        Args:
            name: Its name; AutoGen wants a Python identifier.
            client: Its model.
            bench: Its tools.
            system: Its whole system text; nothing of AutoGen's own is added.
            earlier: A conversation that came before, in order.
        """
        super().__init__(
            name=name,
            model_client=client,
            workbench=bench,
            model_context=UnboundedChatCompletionContext(
                initial_messages=[_message(name, one) for one in earlier]
            ),
            system_message=system,
            # One model call a step: our loop decides what happens next, and no second call
            # is made to comment on tool results.
            reflect_on_tool_use=False,
            max_tool_iterations=1,
        )
        self._client = client
        self._bench = bench

    async def take(self, text: str | None) -> tuple[Carried, ...]:
        """Ask the model once and carry out the calls of its reply, in order.

        Args:
            text: What the agent is told first; None for nothing.

        Returns:
            The calls with their results; none for a reply that is a text.
        """
        context = self._model_context
        if text is not None:
            await context.add_message(UserMessage(content=text, source=HOST))
        messages = [*self._system_messages, *await context.get_messages()]
        reply = said(await self._client.reply(messages, self._bench.specs), self.name)
        await context.add_message(reply)
        if isinstance(reply.content, str):
            return ()
        carried = tuple((call, self._bench.carry_out(call)) for call in reply.content)
        results = [result for _, result in carried]
        await context.add_message(FunctionExecutionResultMessage(content=results))
        return carried
