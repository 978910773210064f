"""Texts that ids rest on are the canonical JSON, however they are put together."""

import json

from hypothesis import given
from hypothesis import strategies as st

from peersim.frozen import Frozen, later
from peersim.ids import (
    canonical_json,
    canonical_whole,
    content_id,
    digest,
    json_text,
    text_id,
)
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Request

TEXTS = st.text()
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BLOCKS = st.lists(st.dictionaries(TEXTS, JSON, max_size=2), max_size=2).map(tuple)
CALLS = st.lists(st.builds(ToolCall, id=TEXTS, name=TEXTS, arguments=TEXTS), max_size=3).map(tuple)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=TEXTS,
    tool_calls=CALLS,
    tool_call_id=TEXTS,
    thinking=TEXTS,
    thinking_blocks=BLOCKS,
)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
SAMPLINGS = st.builds(
    Sampling,
    temperature=NUMBERS,
    top_p=NUMBERS,
    max_tokens=st.none() | st.integers(),
    seed=st.none() | st.integers(),
)


class Part(Frozen):
    text: str
    share: float


class Whole(Frozen):
    part: Part
    label: str
    numbers: tuple[float, ...]
    added: int = later(0)
    other: Part | None = later(None)


PARTS = st.builds(Part, text=TEXTS, share=st.floats(allow_nan=False, allow_infinity=False))
WHOLES = st.builds(
    Whole,
    part=PARTS,
    label=TEXTS,
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3).map(tuple),
    added=st.integers(),
    other=st.none() | PARTS,
)


@given(TEXTS)
def test_a_text_is_written_as_the_encoder_writes_it(text):
    assert json_text(text) == canonical_json(text)


@given(WHOLES)
def test_a_whole_is_put_together_from_parts_written_before(whole):
    parts = {"part": canonical_json(whole.part)}
    assert canonical_whole(whole, parts) == canonical_json(whole)
    if whole.other:
        parts["other"] = canonical_json(whole.other)
    assert canonical_whole(whole, parts) == canonical_json(whole)
    left = whole.model_dump(mode="json", exclude={"label"})
    assert canonical_whole(whole, parts, leave_out=("label",)) == canonical_json(left)
    assert text_id("whole", canonical_whole(whole, parts)) == content_id("whole", whole)


@given(MESSAGES)
def test_a_messages_text_is_canonical_json(message):
    calls = [[call.id, call.name, call.arguments] for call in message.tool_calls]
    said = [message.role, message.content, calls, message.tool_call_id]
    thought = [message.thinking, list(message.thinking_blocks)]
    assert message.text == canonical_json([*said, *thought] if any(thought) else said)


@given(SAMPLINGS)
def test_sampling_is_written_with_every_field_it_has(sampling):
    assert sampling.text == canonical_json(dict(sampling))


@given(st.lists(MESSAGES, min_size=1, max_size=3).map(tuple), SAMPLINGS)
def test_a_requests_digest_rests_on_the_json_of_its_parts(messages, sampling):
    tool = ToolSpec(name="move", description="Move.", parameters={"type": "object"})
    request = Request(messages=messages, tools=(tool,), sampling=sampling)
    assert request.digest == digest(json.dumps(list(request.parts.values())))
    assert request.digest != Request(messages=messages, sampling=sampling).digest
