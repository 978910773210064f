"""What a model writes can always be stored."""

import pytest

from peersim.models.base import Completion, ToolCall

HALF = "half \ud800 a pair"


@pytest.mark.parametrize("part", ["content", "thinking"])
def test_half_a_surrogate_pair_is_replaced(part: str) -> None:
    reply = Completion(**{part: HALF})
    assert getattr(reply, part) == "half \x3f a pair"
    assert Completion.model_validate_json(reply.model_dump_json()) == reply


def test_tool_calls_can_be_stored_too() -> None:
    call = ToolCall(id=HALF, name=HALF, arguments=HALF)
    assert "\ud800" not in call.id + call.name + call.arguments
    assert ToolCall.model_validate_json(call.model_dump_json()) == call
