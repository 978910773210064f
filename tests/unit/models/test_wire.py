"""Requests become wire keywords and replies become completions, without any provider library."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from peersim.errors import ConfigError
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Failure, ModelRef, Request
from peersim.models.money import Usage
from peersim.models.reserved import check_extra
from peersim.models.wire import completion_of, wire_request

REF = ModelRef(ref="openai/some-model")
ASK = Request(messages=(Message(role="user", content="Hi."),))
PAST = ToolCall(id="a", name="ping", arguments="{}")
PING = ToolSpec(name="ping", description="Pings.", parameters={"type": "object"})


def call(given: str = "a", arguments: Any = "{}") -> SimpleNamespace:
    return SimpleNamespace(id=given, function=SimpleNamespace(name="ping", arguments=arguments))


def reply(finish: str = "stop", native: str = "", **message: Any) -> Any:
    said = SimpleNamespace(**({"content": None, "tool_calls": None} | message))
    aside = {"native_finish_reason": native} if native else {}
    choice = SimpleNamespace(message=said, finish_reason=finish, provider_specific_fields=aside)
    return SimpleNamespace(choices=[choice], model="served", usage=None)


def completed(answer: Any, request: Request = ASK) -> Completion:
    completion = completion_of(answer, request)
    assert isinstance(completion, Completion)
    return completion


def test_a_bare_request_sends_nothing_but_model_and_messages() -> None:
    wire = wire_request(REF, ASK)
    assert wire == {"model": "openai/some-model", "messages": [{"role": "user", "content": "Hi."}]}


def test_every_sampling_parameter_that_is_set_is_sent_and_zero_is_set() -> None:
    sampling = Sampling(temperature=0.0, top_p=0.9, max_tokens=7)
    wire = wire_request(REF, ASK.model_copy(update={"sampling": sampling}))
    assert (wire["temperature"], wire["top_p"], wire["max_tokens"]) == (0.0, 0.9, 7)


def test_the_request_s_sampling_comes_before_the_reference_s() -> None:
    ref = REF.model_copy(update={"sampling": Sampling(temperature=1.0, top_p=0.5)})
    request = ASK.model_copy(update={"sampling": Sampling(temperature=0.0)})
    wire = wire_request(ref, request)
    assert (wire["temperature"], wire["top_p"]) == (0.0, 0.5)


@pytest.mark.parametrize(("send", "sent"), [(True, 11), (False, None)])
def test_the_seed_is_sent_only_when_the_reference_says_so(send: bool, sent: int | None) -> None:
    request = ASK.model_copy(update={"sampling": Sampling(seed=11)})
    wire = wire_request(REF.model_copy(update={"send_seed": send}), request)
    assert wire.get("seed") == sent


@pytest.mark.parametrize(
    ("choice", "sent"), [("auto", None), ("required", "required"), ("none", "none")]
)
def test_tool_choice_is_sent_when_it_is_not_the_default(choice: str, sent: str | None) -> None:
    wire = wire_request(REF, ASK.model_copy(update={"tools": (PING,), "tool_choice": choice}))
    assert wire.get("tool_choice") == sent
    assert wire["tools"][0]["function"]["name"] == "ping"


def test_tool_choice_is_not_sent_without_tools() -> None:
    assert "tool_choice" not in wire_request(REF, ASK.model_copy(update={"tool_choice": "none"}))


def test_calls_and_their_results_keep_their_ids() -> None:
    calls = (
        ToolCall(id="a", name="ping", arguments='{"n":1}'),
        ToolCall(id="b", name="ping", arguments="x"),
    )
    talk = (
        Message(role="assistant", content="", tool_calls=calls),
        Message(role="tool", content="pong", tool_call_id="a"),
    )
    asked, result = wire_request(REF, Request(messages=talk))["messages"]
    assert asked["content"] is None
    assert [c["id"] for c in asked["tool_calls"]] == ["a", "b"]
    assert asked["tool_calls"][1]["function"]["arguments"] == '{"unreadable": "x"}'
    assert result == {"role": "tool", "content": "pong", "tool_call_id": "a"}


def test_extra_parameters_pass_through() -> None:
    wire = wire_request(REF.model_copy(update={"extra": {"reasoning_effort": "low"}}), ASK)
    assert wire["reasoning_effort"] == "low"


def test_extra_parameters_may_not_carry_a_key_or_turn_on_retries() -> None:
    ref = REF.model_copy(update={"extra": {"api_key": "planted", "num_retries": 3}})
    with pytest.raises(ConfigError, match="api_key, num_retries") as caught:
        check_extra(ref)
    assert "planted" not in str(caught.value)


def test_a_plain_reply() -> None:
    completion = completed(reply(content="Hello.", reasoning_content="Hm."))
    assert completion == Completion(content="Hello.", thinking="Hm.", served_model="served")


def test_a_reply_without_choices_is_a_failure() -> None:
    empty: Any = SimpleNamespace(choices=[])
    failure = completion_of(empty, ASK)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("malformed_reply", True)


@pytest.mark.parametrize(
    ("said", "native", "finish"),
    [
        ("stop", "", "stop"),
        ("stop", "end_turn", "stop"),
        ("length", "", "length"),
        ("content_filter", "", "content_filter"),
        ("content_filter", "refusal", "content_filter"),
        ("stop", "MALFORMED_FUNCTION_CALL", "unknown"),
        ("content_filter", "OTHER", "unknown"),
        ("function_call", "", "unknown"),
    ],
)
def test_how_a_reply_ended(said: str, native: str, finish: str) -> None:
    assert completed(reply(said, native, content="x")).finish == finish


def test_an_error_passed_off_as_a_stop_is_a_failure() -> None:
    failure = completion_of(reply("stop", "error", content="half a rep"), ASK)
    assert isinstance(failure, Failure)
    assert failure.retryable


@pytest.mark.parametrize(
    ("native", "kind", "retryable"),
    [
        ("insufficient_system_resource", "overloaded", True),
        ("abort", "malformed_reply", True),
        ("model_context_window_exceeded", "context_window", False),
        ("MISSING_THOUGHT_SIGNATURE", "bad_request", False),
    ],
)
def test_a_breakdown_of_the_provider_is_no_reply(native: str, kind: str, retryable: bool) -> None:
    failure = completion_of(reply("stop", native, content="half a rep"), ASK)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable, failure.begun) == (kind, retryable, True)
    assert native in failure.detail


def test_an_end_that_nobody_knows_keeps_its_own_word() -> None:
    odd = completed(reply("stop", "repetition", content="x"))
    assert (odd.finish, odd.ended) == ("unknown", "repetition")
    assert completed(reply("stop", content="x")).ended == ""


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (("a", "a", "a"), ["a", "call_1", "call_2"]),
        (("call_1", "call_1"), ["call_1", "call_1_"]),
        (("a", ""), ["a", "call_1"]),
    ],
)
def test_no_two_calls_of_a_reply_share_an_id(ids: tuple[str, ...], kept: list[str]) -> None:
    calls = completed(reply(tool_calls=[call(one) for one in ids])).tool_calls
    assert [one.id for one in calls] == kept


def test_a_reply_with_calls_ends_in_tool_calls_whatever_it_says() -> None:
    assert completed(reply("stop", tool_calls=[call()])).finish == "tool_calls"
    assert completed(reply("stop", "weird", tool_calls=[call()])).finish == "tool_calls"


@pytest.mark.parametrize("end", ["content_filter", "length"])
def test_calls_do_not_hide_that_a_reply_was_filtered_or_cut_off(end: str) -> None:
    completion = completed(reply(end, tool_calls=[call(arguments='{"host": ')]))
    assert completion.finish == end
    assert completion.tool_calls[0].arguments == '{"host": '


def test_calls_without_an_id_are_numbered_on_from_the_conversation() -> None:
    earlier = Message(role="assistant", content="", tool_calls=(PAST,) * 2)
    request = Request(messages=(*ASK.messages, earlier))
    calls = completed(reply(tool_calls=[call(""), call("given"), call("")]), request).tool_calls
    assert [c.id for c in calls] == ["call_2", "given", "call_4"]


@pytest.mark.parametrize(("sent", "kept"), [("{not json", "{not json"), (None, "")])
def test_arguments_are_text_that_need_not_parse(sent: str | None, kept: str) -> None:
    assert completed(reply(tool_calls=[call(arguments=sent)])).tool_calls[0].arguments == kept


def test_a_refusal_apart_from_the_content_is_what_the_model_said() -> None:
    said = reply(provider_specific_fields={"refusal": "I will not."})
    assert completed(said).content == "I will not."


@pytest.mark.parametrize(
    ("asked", "answered", "content", "usage"),
    [
        (0, 0, "x", Usage()),
        (9, 2, "x", Usage(input_tokens=9, output_tokens=2)),
        (9, 0, "x", Usage(input_tokens=9)),
        (9, 0, None, Usage(input_tokens=9, output_tokens=0)),
        (0, 2, "x", Usage(output_tokens=2)),
    ],
)
def test_zeros_that_cannot_be_true_are_unknown(
    asked: int, answered: int, content: str | None, usage: Usage
) -> None:
    answer = reply(content=content)
    answer.usage = SimpleNamespace(prompt_tokens=asked, completion_tokens=answered)
    assert completed(answer).usage == usage


def test_cached_and_reasoning_tokens() -> None:
    answer = reply(content="x")
    answer.usage = SimpleNamespace(
        prompt_tokens=9,
        completion_tokens=5,
        prompt_tokens_details=SimpleNamespace(cached_tokens=0),
        completion_tokens_details=SimpleNamespace(reasoning_tokens=4),
    )
    usage = completed(answer).usage
    assert (usage.cached_tokens, usage.reasoning_tokens) == (0, 4)


def test_thinking_goes_back_as_text_or_as_the_signed_blocks_that_hold_it() -> None:
    plain = Message(role="assistant", content="a", thinking="Hm.")
    block = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    signed = plain.model_copy(update={"thinking_blocks": (block,)})
    bare = plain.model_copy(update={"thinking_blocks": ({"type": "thinking", "thinking": "Hm."},)})
    for message, text, blocks in [
        (plain, "Hm.", None),
        (signed, None, [block]),
        (bare, "Hm.", list(bare.thinking_blocks)),
    ]:
        (wire,) = wire_request(REF, Request(messages=(message,)))["messages"]
        assert (wire.get("reasoning_content"), wire.get("thinking_blocks")) == (text, blocks)


def test_an_empty_reply_is_left_out_and_empty_results_are_not() -> None:
    talk = (
        *ASK.messages,
        Message(role="assistant", content=" ", thinking="Hm."),
        Message(role="assistant", content="\n", tool_calls=(PAST,)),
        Message(role="tool", content="", tool_call_id="a"),
    )
    for mark in (False, True):
        sent = wire_request(REF, Request(messages=talk), mark)["messages"]
        assert [one["role"] for one in sent] == ["user", "assistant", "tool"]
        assert [one["content"] for one in sent[1:]] == [None, ""]


TEXTS = st.text(max_size=6)
CALLS = st.builds(ToolCall, id=TEXTS, name=TEXTS, arguments=TEXTS)
MESSAGES = st.one_of(
    st.builds(Message, role=st.just("user"), content=TEXTS),
    st.builds(Message, role=st.just("tool"), content=TEXTS, tool_call_id=TEXTS),
    st.builds(
        Message,
        role=st.just("assistant"),
        content=TEXTS,
        thinking=TEXTS,
        tool_calls=st.lists(CALLS, max_size=2).map(tuple),
    ),
)


@drawn(st.lists(MESSAGES, min_size=1, max_size=8), st.integers(min_value=0), st.booleans())
def test_what_was_sent_once_is_sent_again_in_the_same_bytes(
    talk: list[Message], cut: int, mark: bool
) -> None:
    whole = Request(messages=tuple(talk))
    part = Request(messages=tuple(talk[: cut % len(talk) + 1]))
    early, late = (wire_request(REF, one, mark)["messages"] for one in (part, whole))
    marks = [json.dumps(one).count('cache_control": {') for one in late]
    assert sum(marks) <= (2 if mark else 0)
    assert unmarked(late).startswith(unmarked(early).removesuffix("]"))
    assert json.dumps(late) == json.dumps(wire_request(REF, whole, mark)["messages"])


def unmarked(messages: list[dict[str, Any]]) -> str:
    """The JSON of messages without their marks."""
    return json.dumps(messages).replace(', "cache_control": {"type": "ephemeral"}', "")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "text", "signature"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@drawn(
    st.fixed_dictionaries(
        {"content": JUNK},
        optional=dict.fromkeys(
            ("tool_calls", "function_call", "reasoning_content", "thinking_blocks"), JUNK
        ),
    ),
    JUNK,
    JUNK,
)
def test_no_reply_however_odd_is_more_than_a_failure(
    message: dict[str, Any], finish: Any, usage: Any
) -> None:
    answer = reply(finish, **message)
    answer.usage = SimpleNamespace(prompt_tokens=usage, completion_tokens=usage)
    found = completion_of(answer, ASK)
    assert isinstance(found, Completion) or found.kind == "malformed_reply"


@pytest.mark.parametrize("odd", [None, 7, "x", SimpleNamespace(choices=7)])
def test_what_is_no_reply_is_a_failure(odd: Any) -> None:
    failure = completion_of(odd, ASK)
    assert isinstance(failure, Failure)
    assert failure.kind == "malformed_reply"


def test_a_call_in_the_old_form_is_a_call_and_one_without_a_name_is_a_failure() -> None:
    old = SimpleNamespace(name="ping", arguments={"n": 1})
    assert completed(reply("function_call", function_call=old)).tool_calls == (
        ToolCall(id="call_0", name="ping", arguments='{"n": 1}'),
    )
    old.name = None
    failure = completion_of(reply(function_call=old), ASK)
    assert isinstance(failure, Failure)


def test_content_in_parts_is_their_text() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "audio"}, {"type": "text", "text": "lo."}]
    assert completed(reply(content=parts)).content == "Hello."
    assert isinstance(completion_of(reply(content=[{"type": "audio"}]), ASK), Failure)


def test_counts_that_are_none_are_unknown_and_labels_are_text() -> None:
    answer = reply(content="x")
    details = SimpleNamespace(cached_tokens="many", cache_creation_tokens=-1)
    answer.usage = SimpleNamespace(
        prompt_tokens=9, completion_tokens=-3, prompt_tokens_details=details
    )
    answer.model, answer.system_fingerprint = 7, 12
    completion = completed(answer)
    assert completion.usage == Usage(input_tokens=9)
    assert (completion.served_model, completion.fingerprint) == ("7", "12")


def test_the_wire_s_schema_is_a_copy_that_may_be_rewritten() -> None:
    (sent,) = wire_request(REF, ASK.model_copy(update={"tools": (PING,)}))["tools"]
    sent["function"]["parameters"].clear()
    assert PING.parameters == {"type": "object"}
