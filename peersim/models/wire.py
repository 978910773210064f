"""The OpenAI wire, from the client's side: requests as keywords, replies as completions.

Nothing here imports the provider library: a reply is read by its attributes.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from peersim.errors import ConfigError
from peersim.models.base import (
    Completion,
    Failure,
    Finish,
    Message,
    ModelRef,
    Request,
    ToolCall,
    ToolSpec,
)
from peersim.models.money import Usage

Wire = dict[str, Any]

# What a model reference's extra parameters may not set: they would replace the request,
# carry a secret into the record, or turn on retries, fallbacks and caches, which change data.
RESERVED = frozenset(
    {"model", "messages", "tools", "tool_choice", "stream", "n"}
    | {"temperature", "top_p", "max_tokens", "timeout", "api_key", "api_base", "base_url"}
    | {"num_retries", "max_retries", "fallbacks", "context_window_fallback_dict"}
    | {"caching", "cache", "mock_response", "mock_tool_calls", "drop_params"}
    # Credentials come from the environment alone: what stands here goes into every record.
    | {"extra_headers", "headers", "vertex_credentials", "azure_ad_token", "api_secret"}
    | {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}
)

# Ends that LiteLLM passes off as "stop", and the ones among them that are what they seem.
BROKEN_ENDS = frozenset({"error", "ERROR", "network_error"})
PLAIN_ENDS = frozenset(
    {"stop", "STOP", "end_turn", "stop_sequence", "COMPLETE", "eos", "eos_token"}
)
FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


THINK = re.compile(r"\s*<think>(?P<thought>.*?)</think>\s*", re.DOTALL)


class ReplyFunction(Protocol):
    """The function that a call in a reply names."""

    name: str | None
    arguments: str | None


class ReplyCall(Protocol):
    """A tool call in a reply; servers may leave its id empty."""

    id: str | None
    function: ReplyFunction


class ReplyMessage(Protocol):
    """The message of a choice. It may have ``tool_calls`` and ``reasoning_content`` too."""

    content: str | None


class ReplyChoice(Protocol):
    """One of the answers in a reply."""

    message: ReplyMessage
    finish_reason: str | None


class Reply(Protocol):
    """A chat completion. It may have ``model``, ``system_fingerprint`` and ``usage`` too."""

    choices: Sequence[ReplyChoice]


def check_extra(ref: ModelRef) -> None:
    """Check that a reference's extra parameters leave alone what is not theirs to set.

    Raises:
        ConfigError: If they set a reserved parameter.
    """
    taken = sorted(RESERVED & ref.extra.keys())
    if taken:
        raise ConfigError(
            f"the extra parameters of {ref.ref} set {', '.join(taken)}",
            "take them out; sampling and endpoint hold what may be set",
        )


def wire_request(ref: ModelRef, request: Request, mark_prefix: bool = False) -> Wire:
    """Return the keywords that ask a request of a model.

    Only what is known is sent. The request's sampling parameters come before the
    reference's; the per-call seed is sent when the reference says so. ``auto`` is every
    provider's own tool choice, and some refuse the word, so it is left out.

    Args:
        ref: The model.
        request: What is asked.
        mark_prefix: Mark what a provider's cache should hold: the system text with the tools
            before it, and the conversation so far.
    """
    wire: Wire = {**ref.extra, "model": ref.ref}
    wire["messages"] = [wire_message(message) for message in request.messages]
    if mark_prefix:
        _mark(wire["messages"][0])
        _mark(wire["messages"][-1])
    if request.tools:
        wire["tools"] = [wire_tool(tool) for tool in request.tools]
        if request.tool_choice != "auto":
            wire["tool_choice"] = request.tool_choice
    for name in ("temperature", "top_p", "max_tokens"):
        value = getattr(request.sampling, name)
        value = getattr(ref.sampling, name) if value is None else value
        if value is not None:
            wire[name] = value
    if ref.send_seed and request.sampling.seed is not None:
        wire["seed"] = request.sampling.seed
    return wire


def sendable(arguments: str) -> str:
    """Return a call's arguments as a JSON object, which is all that some providers take back.

    What a model wrote that is none is wrapped as text; the journal and the log keep it as it was.
    """
    try:
        whole = isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        whole = False
    return arguments if whole else json.dumps({"unreadable": arguments[:2000]})


def wire_message(message: Message) -> Wire:
    """Return a message as the wire has it."""
    wire: Wire = {"role": message.role, "content": message.content}
    if message.tool_calls:
        wire["content"] = message.content or None
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": sendable(call.arguments)},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        wire["tool_call_id"] = message.tool_call_id
    if message.thinking:
        wire["reasoning_content"] = message.thinking
    if message.thinking_blocks:
        wire["thinking_blocks"] = list(message.thinking_blocks)
    return wire


def _mark(message: Wire) -> None:
    """Mark a message as the end of a prefix worth caching; one without text is left alone."""
    if message["content"]:
        text = {"type": "text", "text": message["content"], "cache_control": {"type": "ephemeral"}}
        message["content"] = [text]


def wire_tool(tool: ToolSpec) -> Wire:
    """Return a tool as the wire has it."""
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {"type": "function", "function": function}


def completion_of(reply: Reply, request: Request) -> Completion | Failure:
    """Return a reply object as a completion, or as a failure if it holds no usable answer.

    Args:
        reply: What LiteLLM returned.
        request: What was asked; calls without an id are numbered on from the calls in it.
    """
    if not reply.choices:
        return _malformed("the reply has no choices")
    choice = reply.choices[0]
    native = _aside(choice, "native_finish_reason")
    if native in BROKEN_ENDS:
        return _malformed(f"the provider broke off the reply ({native})")
    message = choice.message
    calls = tuple(tool_calls_of(message, sum(len(m.tool_calls) for m in request.messages)))
    thought, content = _unthought(message.content or _aside(message, "refusal"))
    thinking = (getattr(message, "reasoning_content", None) or thought).strip()
    # Where thinking was cut off the front of a text, a gap is left over.
    content = content.lstrip() if thinking else content
    return Completion(
        content=content,
        tool_calls=calls,
        finish="tool_calls" if calls else finish_of(choice.finish_reason, native),
        thinking=thinking,
        thinking_blocks=tuple(getattr(message, "thinking_blocks", None) or ()),
        served_model=getattr(reply, "model", None) or "",
        fingerprint=getattr(reply, "system_fingerprint", None) or "",
        provider=str(getattr(reply, "provider", None) or ""),
        usage=usage_of(getattr(reply, "usage", None), silent=not (content or thinking or calls)),
    )


def _unthought(content: str) -> tuple[str, str]:
    """Return thinking and content of a reply that holds both, as some own servers send it.

    Only a reply that begins with a whole ``<think>`` block is taken apart.
    """
    found = THINK.match(content)
    return (found["thought"].strip(), content[found.end() :]) if found else ("", content)


def tool_calls_of(message: ReplyMessage, first: int = 0) -> Iterator[ToolCall]:
    """Yield the tool calls of a reply's message.

    Args:
        message: The message of a choice.
        first: The number of the first call, for the ids of calls that come without one.
    """
    calls: Sequence[ReplyCall] = getattr(message, "tool_calls", None) or ()
    for number, call in enumerate(calls, start=first):
        yield ToolCall(
            id=call.id or f"call_{number}",
            name=call.function.name or "",
            arguments=call.function.arguments or "",
        )


def finish_of(reason: str | None, native: str = "") -> Finish:
    """Return how a reply without tool calls ended.

    Args:
        reason: The end as LiteLLM words it.
        native: The provider's own word, where LiteLLM changed it.
    """
    if native == "OTHER" or (reason == "stop" and native and native not in PLAIN_ENDS):
        return "unknown"
    return FINISHES.get(reason or "", "unknown")


def usage_of(usage: object, silent: bool) -> Usage:
    """Return what a call used, with None for what the provider did not say.

    LiteLLM fills missing counts with zeros. No request is empty, and no reply that says
    something is free of tokens, so a zero there means unknown.

    Args:
        usage: The reply's usage, with counts as attributes, or None.
        silent: Whether the reply holds nothing at all.
    """
    asked = getattr(usage, "prompt_tokens", None) or None
    answered = getattr(usage, "completion_tokens", None) or None
    if asked is None:
        return Usage(output_tokens=answered)
    return Usage(
        input_tokens=asked,
        output_tokens=0 if answered is None and silent else answered,
        cached_tokens=_detail(usage, "prompt_tokens_details", "cached_tokens"),
        cache_write_tokens=_detail(usage, "prompt_tokens_details", "cache_creation_tokens"),
        reasoning_tokens=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _detail(usage: object, group: str, name: str) -> int | None:
    value = getattr(getattr(usage, group, None), name, None)
    return None if value is None else int(value)


def _aside(part: object, name: str) -> str:
    """Return a field that LiteLLM keeps aside of a choice or message, or nothing."""
    fields = getattr(part, "provider_specific_fields", None) or {}
    return str(fields.get(name) or "")


def _malformed(detail: str) -> Failure:
    return Failure(kind="malformed_reply", detail=detail, retryable=True)
