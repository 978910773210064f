"""The OpenAI chat-completions wire, from the server's side: bodies in, replies out."""

import json
from typing import Any

from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Request
from peersim.models.money import Usage

Body = dict[str, Any]
Reply = dict[str, Any]


def request_of(body: Body) -> Request:
    """Return the request that a chat-completions body asks for."""
    tools = tuple(_tool_of(tool["function"]) for tool in body.get("tools") or ())
    return Request(
        messages=tuple(_message_of(message) for message in body["messages"]),
        tools=tools,
        tool_choice=body.get("tool_choice") or "auto",
        sampling=Sampling(
            temperature=body.get("temperature"),
            top_p=body.get("top_p"),
            max_tokens=body.get("max_tokens") or body.get("max_completion_tokens"),
            seed=body.get("seed"),
        ),
    )


def reply_of(body: Body, completion: Completion) -> Reply:
    """Return a completion as the reply to a body, without what the completion does not know.

    Unknown usage is left out, as servers do that do not count; a served model that the
    completion does not name is the one that was asked for.
    """
    calls = [_wire_call(call) for call in completion.tool_calls]
    message: Reply = {"role": "assistant", "content": completion.content}
    if calls:
        message |= {"content": completion.content or None, "tool_calls": calls}
    if completion.thinking:
        message["reasoning_content"] = completion.thinking
    reply: Reply = {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 1,
        "model": completion.served_model or body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": completion.finish}],
    }
    if completion.fingerprint:
        reply["system_fingerprint"] = completion.fingerprint
    if completion.usage.input_tokens is not None:
        reply["usage"] = _wire_usage(completion.usage)
    return reply


def error_body(message: str, kind: str, code: str | None = None) -> str:
    """Return the JSON text of an error, as OpenAI words its errors."""
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def _tool_of(function: dict[str, Any]) -> ToolSpec:
    return ToolSpec(
        name=function["name"],
        description=function.get("description", ""),
        parameters=function.get("parameters", {}),
    )


def _message_of(message: dict[str, Any]) -> Message:
    calls = tuple(
        ToolCall(
            id=call["id"],
            name=call["function"]["name"],
            arguments=call["function"]["arguments"],
        )
        for call in message.get("tool_calls") or ()
    )
    return Message(
        role=message["role"],
        content=_text(message.get("content")),
        tool_calls=calls,
        tool_call_id=message.get("tool_call_id", ""),
    )


def _text(content: str | list[dict[str, Any]] | None) -> str:
    """Return the text of a content, which may come as a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _wire_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _wire_usage(usage: Usage) -> dict[str, Any]:
    asked, answered = usage.input_tokens or 0, usage.output_tokens or 0
    wire: dict[str, Any] = {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }
    if usage.cached_tokens is not None:
        wire["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
    if usage.reasoning_tokens is not None:
        wire["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return wire
