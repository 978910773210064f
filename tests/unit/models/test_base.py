"""What a model writes can always be stored."""

import pytest
from pydantic import JsonValue

from peersim.models.asked import Message, ToolCall
from peersim.models.base import Completion

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


def test_the_provider_s_own_blocks_can_be_stored_whatever_stands_in_them() -> None:
    block: dict[str, JsonValue] = {HALF: [HALF, {"deep": HALF}, 1, None, True, 0.5]}
    reply = Completion(thinking_blocks=(block,))
    said = "half ? a pair"
    assert reply.thinking_blocks == ({said: [said, {"deep": said}, 1, None, True, 0.5]},)
    assert Completion.model_validate_json(reply.model_dump_json()) == reply


def test_blocks_count_without_a_word_of_thinking_beside_them() -> None:
    plain = Message(role="assistant", content="Done.")
    signed = plain.model_copy(update={"thinking_blocks": ({"signature": "abc"},)})
    assert signed.digest != plain.digest
    assert signed.size > plain.size


def test_messages_keep_the_texts_that_runs_of_before_have_digests_of() -> None:
    plain = Message(role="assistant", content="Done.")
    thought = Message(role="assistant", content="Done.", thinking="Hm.")
    assert plain.text == '["assistant","Done.",[],""]'
    assert thought.text == '["assistant","Done.",[],"","Hm.",[]]'
