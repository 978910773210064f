"""A model without a role for instructions gets them with the first message of its user."""

import asyncio

import pytest
from servers.openai_server import FaultServer, always

from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.litellm import LiteLLMModel

ASK = Request(
    messages=(
        Message(role="system", content="You are Rowan."),
        Message(role="user", content="Hello."),
        Message(role="assistant", content="Hi."),
        Message(role="user", content="Begin."),
    )
)


@pytest.mark.parametrize("ref", ["hosted_vllm/gemma", "openai/gemma"])
def test_it_is_said_in_the_model_s_extra_parameters_and_not_sent(ref, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")

    async def ask(server):
        model = LiteLLMModel(
            ModelRef(ref=ref, extra={"supports_system_message": False}),
            Endpoint(base_url=server.base_url),
        )
        reply = await model.complete(ASK)
        await model.aclose()
        return reply

    with FaultServer(always(Completion(content="Yes."))) as server:
        assert asyncio.run(ask(server)).content == "Yes."
        (served,) = server.ledger
    said = [(message["role"], message["content"]) for message in served.body["messages"]]
    assert said == [("user", "You are Rowan. Hello."), ("assistant", "Hi."), ("user", "Begin.")]
    assert "supports_system_message" not in served.body
