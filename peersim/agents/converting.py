"""What passes between AutoGen and us, as the other has it: messages, replies and arguments."""

import json
from typing import Literal

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)

from peersim.models.asked import Message, ToolCall
from peersim.models.base import Completion, Finish
from peersim.models.usable import usable_calls

_FINISH: dict[Finish, Literal["stop", "length", "function_calls", "content_filter", "unknown"]] = {
    "stop": "stop",
    "tool_calls": "function_calls",
    "length": "length",
    "content_filter": "content_filter",
    "unknown": "unknown",
}
# Characters up to which a text is no harder to read than bad JSON is.
_SHORT = 500


def convert(message: LLMMessage) -> tuple[Message, ...]:
    """Return an AutoGen message as ours; a bundle of tool results becomes one message each."""
    match message:
        case SystemMessage():
            return (Message(role="system", content=message.content),)
        case UserMessage():
            return (Message(role="user", content=str(message.content)),)
        case AssistantMessage():
            return (_assistant(message),)
        case FunctionExecutionResultMessage():
            return tuple(
                Message(role="tool", content=result.content, tool_call_id=result.call_id)
                for result in message.content
            )


def _assistant(message: AssistantMessage) -> Message:
    if isinstance(message.content, str):
        return Message(role="assistant", content=message.content)
    calls = tuple(ToolCall(id=c.id, name=c.name, arguments=c.arguments) for c in message.content)
    return Message(role="assistant", content=message.thought or "", tool_calls=calls)


def said(reply: Completion, source: str) -> AssistantMessage:
    """Return a completion as AutoGen keeps it; text beside tool calls goes to ``thought``.

    Calls that are not to be carried out are left out, as if only the text had been said.
    """
    calls = [
        FunctionCall(id=call.id, name=call.name, arguments=readable(call.arguments))
        for call in usable_calls(reply)
    ]
    thought = (reply.content or None) if calls else None
    return AssistantMessage(content=calls or reply.content, thought=thought, source=source)


def as_result(reply: Completion) -> CreateResult:
    """Return a completion as AutoGen's own loop wants it."""
    message = said(reply, "")
    return CreateResult(
        finish_reason=_FINISH[reply.finish],
        content=message.content,
        thought=message.thought,
        usage=usage_of(reply),
        cached=False,
    )


def readable(arguments: str) -> str:
    """Return a call's arguments so that AutoGen either reads them or says they are no JSON.

    Some servers send "" for no arguments. A number of thousands of digits or endless brackets
    raise other errors than bad JSON does, on which AutoGen would wait for ever.
    """
    if not arguments.strip():
        return "{}"
    if len(arguments) <= _SHORT:
        return arguments
    try:
        json.loads(arguments)
    except json.JSONDecodeError:
        return arguments
    except (ValueError, RecursionError) as error:
        return f"unreadable arguments ({type(error).__name__}): {arguments[:200]}"
    return arguments


def usage_of(reply: Completion | None) -> RequestUsage:
    """Return a completion's usage as AutoGen counts, zero where it is unknown."""
    usage = reply.usage if reply else None
    return RequestUsage(
        prompt_tokens=(usage and usage.input_tokens) or 0,
        completion_tokens=(usage and usage.output_tokens) or 0,
    )
