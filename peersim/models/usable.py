"""Which tool calls of a reply may be carried out."""

import json

from peersim.models.asked import ToolCall
from peersim.models.base import Completion


def usable_calls(reply: Completion) -> tuple[ToolCall, ...]:
    """Return the tool calls of a reply that may be carried out.

    There are none in a reply that was blocked. Of one that was cut off they are all of them or
    none: if the arguments of any are broken off, the model was not done saying what it would do.
    """
    cut = reply.finish == "length" and not all(map(_whole, reply.tool_calls))
    return () if cut or reply.finish == "content_filter" else reply.tool_calls


def _whole(call: ToolCall) -> bool:
    """Return whether a call's arguments are JSON."""
    try:
        json.loads(call.arguments)
    except (ValueError, RecursionError):
        return False
    return True
