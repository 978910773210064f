"""AutoGen's assistant with its tool loop cut down to one round over one workbench."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, Protocol

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import (
    BaseAgentEvent,
    BaseChatMessage,
    TextMessage,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
    ToolCallSummaryMessage,
)
from autogen_core import CancellationToken
from autogen_core.model_context import ChatCompletionContext, UnboundedChatCompletionContext
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)
from autogen_core.tools import Workbench

Inner = BaseAgentEvent | BaseChatMessage
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
    a task of its own behind a queue, and every message asks the system for a random id. The
    messages here are the same but for the ids, which are made from the id of the step.
    """

    def __init__(
        self,
        name: str,
        client: ChatCompletionClient,
        bench: Workbench,
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

    @classmethod
    async def _process_model_result(  # type: ignore[override]  # AutoGen passes all by name
        cls,
        model_result: CreateResult,
        inner_messages: list[Inner],
        cancellation_token: CancellationToken,
        agent_name: str,
        model_context: ChatCompletionContext,
        workbench: list[Workbench],
        message_id: str,
        **others: Any,
    ) -> AsyncGenerator[Inner | Response, None]:
        said, usage = model_result.content, model_result.usage
        if isinstance(said, str):
            text = TextMessage(content=said, source=agent_name, models_usage=usage, id=message_id)
            yield Response(chat_message=text, inner_messages=inner_messages)
            return
        asked = ToolCallRequestEvent(
            content=said, source=agent_name, models_usage=usage, id=f"{message_id}-asked"
        )
        inner_messages.append(asked)
        yield asked
        stream: asyncio.Queue[Inner | None] = asyncio.Queue()  # a bench of ours puts nothing on it
        results = []
        for call in said:
            _, result = await cls._execute_tool_call(
                call, workbench, [], agent_name, cancellation_token, stream
            )
            results.append(result)
        await model_context.add_message(FunctionExecutionResultMessage(content=results))
        answered = ToolCallExecutionEvent(
            content=results, source=agent_name, id=f"{message_id}-answered"
        )
        inner_messages.append(answered)
        yield answered
        summary = ToolCallSummaryMessage(
            content="\n".join(result.content for result in results),
            source=agent_name,
            tool_calls=said,
            results=results,
            id=message_id,
        )
        yield Response(chat_message=summary, inner_messages=inner_messages)
