"""Thinking on the wire: kept apart from what is said, and sent back where a provider wants it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from peersim.models.asked import Message

Wire = dict[str, Any]

# A block of our own among the thinking: Gemini's signature of a text, which is no thinking.
SIGNED_TEXT = "signed_text"

OPEN, CLOSE = "<think>", "</think>"
THINK = re.compile(r"\s*<think>(?P<thought>.*?)</think>\s*", re.DOTALL)


def wire_thinking(message: Message) -> Wire:
    """Return what has to go back of the thinking behind a message.

    Signed blocks hold the thinking already; sent beside them, it would be there twice.
    """
    wire: Wire = {}
    blocks = [block for block in message.thinking_blocks if block.get("type") != SIGNED_TEXT]
    signed = [block["signature"] for block in message.thinking_blocks if block not in blocks]
    if message.thinking and not any(block.get("signature") for block in blocks):
        wire["reasoning_content"] = message.thinking
    if blocks:
        wire["thinking_blocks"] = blocks
    if signed:
        wire["provider_specific_fields"] = {"thought_signatures": signed}
    return wire


def unthought(content: str, whole: bool = True, apart: bool = False) -> tuple[str, str]:
    """Return thinking and content of a reply that holds both, as some own servers send it.

    A chat template may have put the opening ``<think>`` into the prompt, so that a reply holds
    the closing one alone. A reply that ended before it closed its thinking is all thinking.

    Args:
        content: What the server says the content is.
        whole: Whether the reply ended by itself, in words.
        apart: Whether the server keeps thinking apart, so that a lone mark is but a word.
    """
    if found := THINK.match(content):
        return found["thought"].strip(), content[found.end() :]
    if content.lstrip().startswith(OPEN):
        return ("", content) if whole else (content.lstrip().removeprefix(OPEN).strip(), "")
    if not apart and OPEN not in content and content.count(CLOSE) == 1:
        thought, _, said = content.partition(CLOSE)
        return thought.strip(), said.lstrip()
    return "", content


def thinking_blocks_of(message: Any) -> tuple[Wire, ...]:
    """Return a message's blocks of thinking, such that they can be sent back as they are.

    Gemini signs parts of any kind. LiteLLM carries the signatures of calls in their ids; a
    signed thought it sends back as a thought only if the block holds the whole part as JSON,
    and the signature of a text only as a field of its own.
    """
    blocks = [dict(block) for block in getattr(message, "thinking_blocks", None) or ()]
    signatures = aside(message, "thought_signatures")
    if not signatures:
        return tuple(blocks)
    signed = [block for block in blocks if block.get("signature")]
    ids = "".join(call.id or "" for call in getattr(message, "tool_calls", None) or ())
    known = {block["signature"] for block in signed}
    of_text = [one for one in signatures if one not in known and one not in ids]
    parts = [
        {**block, "thinking": json.dumps({"text": block["thinking"], "thought": True})}
        for block in signed
    ]
    return (*parts, *({"type": SIGNED_TEXT, "signature": one} for one in of_text[:1]))


def aside(part: object, name: str) -> Any:
    """Return a field that LiteLLM keeps aside of a choice or message, or None."""
    fields = getattr(part, "provider_specific_fields", None)
    return fields.get(name) if isinstance(fields, Mapping) else None
