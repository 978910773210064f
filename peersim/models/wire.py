"""The OpenAI wire, from the client's side: requests as keywords, replies as completions.

Nothing here imports the provider library: a reply is read by its attributes.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from peersim.models.asked import Message, ToolCall, ToolSpec
from peersim.models.base import Completion, Failure, FailureKind, ModelRef, Request
from peersim.models.ends import BROKEN_ENDS, finish_of
from peersim.models.failures import RETRYABLE
from peersim.models.prices import usage_of
from peersim.models.thinking import aside, thinking_blocks_of, unthought, wire_thinking

Wire = dict[str, Any]

# What a reply raises that is not of the shape it should be; a validation error is a ValueError.
UNREADABLE = (AttributeError, TypeError, ValueError, LookupError, RecursionError)


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
    said = [message for message in request.messages if not _says_nothing(message)]
    wire["messages"] = [wire_message(message, as_blocks=mark_prefix) for message in said]
    if mark_prefix:
        _mark_ends(wire["messages"])
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


def _says_nothing(message: Message) -> bool:
    """Return whether a message is an empty reply of the model's.

    Anthropic, Moonshot and others refuse it, and LiteLLM would put words of its own there,
    so it is not sent back: the log keeps it.
    """
    blank = message.role == "assistant" and not message.content.strip()
    return blank and not message.tool_calls


def wire_message(message: Message, as_blocks: bool = False) -> Wire:
    """Return a message as the wire has it.

    Args:
        message: The message.
        as_blocks: Send what may come to bear a mark as a block, marked or not: what a
            provider's cache holds is found again only if nothing before its end changes.
    """
    wire: Wire = {"role": message.role, "content": message.content}
    if message.tool_calls:
        wire["content"] = message.content if message.content.strip() else None
        wire["tool_calls"] = [_wire_call(call) for call in message.tool_calls]
    if message.tool_call_id:
        wire["tool_call_id"] = message.tool_call_id
    if as_blocks and message.role != "assistant" and message.content.strip():
        wire["content"] = [{"type": "text", "text": message.content}]
    return wire | wire_thinking(message) if message.role == "assistant" else wire


def _wire_call(call: ToolCall) -> Wire:
    function = {"name": call.name, "arguments": sendable(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


@lru_cache(maxsize=4096)  # a conversation sends its earlier calls again with every turn
def sendable(arguments: str) -> str:
    """Return a call's arguments as a JSON object, which is all that some providers take back.

    What a model wrote that is none is wrapped as text; the journal and the log keep it as it was.
    """
    try:
        whole = isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        whole = False
    return arguments if whole else json.dumps({"unreadable": arguments[:2000]})


def _mark_ends(messages: list[Wire]) -> None:
    """Mark the first message and the last as ends of prefixes worth caching.

    What is no block of text is left alone. Anthropic takes four marks, and these are two.
    """
    for place in {0, len(messages) - 1}:
        if messages and isinstance(messages[place]["content"], list):
            messages[place]["content"][-1]["cache_control"] = {"type": "ephemeral"}


def wire_tool(tool: ToolSpec) -> Wire:
    """Return a tool as the wire has it.

    The schema is a copy of its own: LiteLLM rewrites it in place for some providers, and the
    tool is shared by all requests.
    """
    named = {"name": tool.name, "description": tool.description}
    return {"type": "function", "function": {**named, "parameters": json.loads(tool.schema_text)}}


def completion_of(reply: Any, request: Request) -> Completion | Failure:
    """Return a reply object as a completion, or as a failure if it holds no usable answer.

    A reply that says nothing and calls nothing is an answer too, and ends as its provider says.

    Args:
        reply: What LiteLLM returned: a chat completion, read by its attributes.
        request: What was asked; calls without an id are numbered on from the calls in it.
    """
    try:
        return _completion_of(reply, request)
    except UNREADABLE as error:
        return _malformed(f"the reply cannot be read ({type(error).__name__})")


def _completion_of(reply: Any, request: Request) -> Completion | Failure:
    if not reply.choices:
        return _malformed("the reply has no choices")
    choice = reply.choices[0]
    native = str(aside(choice, "native_finish_reason") or "")
    if native in BROKEN_ENDS:
        return _broken(native, BROKEN_ENDS[native])
    message = choice.message
    calls = tuple(tool_calls_of(message, sum(len(m.tool_calls) for m in request.messages)))
    if not all(call.name for call in calls):
        return _malformed("the reply calls a tool without a name")
    finish = finish_of(choice.finish_reason, native, calling=bool(calls))
    apart = getattr(message, "reasoning_content", None) or ""
    said = text_of(message.content) or text_of(aside(message, "refusal"))
    thought, content = unthought(said, whole=finish == "stop", apart=bool(apart))
    thinking = (apart or thought).strip()
    # Where thinking was cut off the front of a text, a gap is left over.
    content = content.lstrip() if thinking else content
    return Completion(
        content=content,
        tool_calls=calls,
        finish=finish,
        ended=(native or str(choice.finish_reason)) if finish == "unknown" else "",
        thinking=thinking,
        thinking_blocks=thinking_blocks_of(message),
        served_model=_label(reply, "model"),
        fingerprint=_label(reply, "system_fingerprint"),
        provider=_label(reply, "provider"),
        usage=usage_of(getattr(reply, "usage", None), silent=not (content or thinking or calls)),
    )


def text_of(content: Any) -> str:
    """Return the text of a content, which may come as a list of parts.

    Raises:
        ValueError: If it is neither text nor parts with text among them.
    """
    if content is None or isinstance(content, str):
        return content or ""
    texts = [part["text"] for part in content if part["type"] == "text"]
    if content and not texts:
        raise ValueError("no text among the parts")
    return "".join(texts)


def tool_calls_of(message: Any, first: int = 0) -> Iterator[ToolCall]:
    """Yield the tool calls of a reply's message, or the one call that older servers send.

    Args:
        message: The message of a choice.
        first: The number of the first call, for the ids of calls that come without one of their
            own: providers refuse a conversation in which two calls of a message share one.
    """
    taken: set[str] = set()
    asked = [(call.id, call.function) for call in getattr(message, "tool_calls", None) or ()]
    legacy = getattr(message, "function_call", None)
    if legacy and not asked:
        asked = [("", legacy)]
    for number, (given, function) in enumerate(asked, start=first):
        arguments = function.arguments
        # Some servers number their calls, where the protocol wants a text.
        named = str(given) if given else ""
        own = named if named and named not in taken else _fresh(number, taken)
        taken.add(own)
        yield ToolCall(
            id=own,
            name=(function.name or "").strip(),
            arguments=arguments if isinstance(arguments, str) else _written(arguments),
        )


def _fresh(number: int, taken: set[str]) -> str:
    """Return an id for a call by its number; nobody else of its message has it."""
    own = f"call_{number}"
    while own in taken:
        own += "_"
    return own


def _written(arguments: Any) -> str:
    return "" if arguments is None else json.dumps(arguments)


def _label(reply: object, name: str) -> str:
    value = getattr(reply, name, None)
    return "" if value is None else str(value)


def _broken(native: str, kind: FailureKind) -> Failure:
    """Return a reply that its provider broke off, and may bill all the same, as a failure."""
    return Failure(
        kind=kind,
        detail=f"the provider broke off the reply ({native})",
        retryable=kind in RETRYABLE,
        begun=True,
    )


def _malformed(detail: str) -> Failure:
    return Failure(kind="malformed_reply", detail=detail, retryable=True)
