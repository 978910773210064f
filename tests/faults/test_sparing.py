"""What is left out beside a call changes nothing of what is sent."""

import asyncio

import pytest
from servers.openai_server import FaultServer, always

from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections, load_litellm

SCHEMA = {
    "type": "object",
    "properties": {"on": {"type": "boolean"}, "why": {"enum": ["a", "b"]}},
    "required": ["on"],
}
LAMP = ToolSpec(name="lamp", description="Switch the lamp.", parameters=SCHEMA)
ASKED = Request(
    messages=(
        Message(role="system", content="You are «Ada»."),
        Message(role="user", content="Switch it on."),
        Message(
            role="assistant",
            content="I will.",
            tool_calls=(ToolCall(id="c1", name="lamp", arguments='{"on": true}'),),
        ),
        Message(role="tool", content="It is on.", tool_call_id="c1"),
        Message(role="assistant", content="Done."),
        Message(role="user", content="And off."),
    ),
    tools=(LAMP,),
    tool_choice="required",
    sampling=Sampling(temperature=0.5, max_tokens=90, seed=7),
)


# LiteLLM asks the last but one through OpenAI's client, but not as it does OpenAI itself.
@pytest.mark.parametrize(
    "ref", ["openai/gpt-4o-mini", "openai/stand-in", "custom_openai/some", "hosted_vllm/some"]
)
def test_a_request_is_sent_as_litellm_alone_sends_it(ref: str) -> None:
    with FaultServer(always(Completion(content="Hello."))) as server:
        endpoint = Endpoint(base_url=server.base_url, timeout_seconds=20)
        model = LiteLLMModel(ModelRef(ref=ref, send_seed=True), endpoint)

        async def both() -> None:
            assert isinstance(await model.complete(ASKED), Completion)
            await load_litellm().acompletion(**model._keywords(ASKED))
            await close_connections()

        asyncio.run(both())
        ours, bare = (served.body for served in server.ledger)
    assert ours == bare
    assert [message["role"] for message in ours["messages"]] == [m.role for m in ASKED.messages]
    assert ours["tools"][0]["function"]["parameters"]["required"] == ["on"]


def test_the_walk_for_keys_to_rename_is_left_out_of_our_calls_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_litellm()
    from openai._utils import _transform

    walked: list[object] = []
    whole = _transform._async_transform_typeddict

    async def counted(data: dict[str, object], kind: type) -> object:
        walked.append(kind)
        return await whole(data, kind)

    monkeypatch.setattr(_transform, "_async_transform_typeddict", counted)
    with FaultServer(always(Completion(content="Hello."))) as server:
        model = LiteLLMModel(ModelRef(ref="openai/some"), Endpoint(base_url=server.base_url))

        async def both() -> int:
            await model.complete(ASKED)
            before = len(walked)
            await load_litellm().acompletion(**model._keywords(ASKED))
            await close_connections()
            return before

        assert asyncio.run(both()) == 0
    assert walked
