"""How a simulated model writes tool calls: without a thought, and the same ones again and again."""

import json
from functools import lru_cache

from peersim.models.asked import ToolCall


@lru_cache(maxsize=1024)
def called(name: str, arguments: str, number: int = 0) -> ToolCall:
    """Return a call of a tool.

    Args:
        name: The tool.
        arguments: As JSON.
        number: Its place among the calls of the reply.
    """
    return ToolCall(id=f"call_{number}", name=name, arguments=arguments)


def as_calls(*calls: tuple[str, object]) -> tuple[ToolCall, ...]:
    """Return tool calls by name and arguments."""
    return tuple([called(name, json.dumps(a), number) for number, (name, a) in enumerate(calls)])
