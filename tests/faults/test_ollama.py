"""Ollama over its own wire: its window is asked for, and a prompt that it cut is a failure."""

import asyncio

import pytest
import yaml
from servers.ollama_server import OllamaServer, called

from peersim.config.models import conf_dir
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections, price_of
from peersim.models.money import Usage
from peersim.models.truncated import cut_prompt

CONF = yaml.safe_load((conf_dir() / "model" / "ollama.yaml").read_text(encoding="utf-8"))
BARE = ModelRef(ref=CONF["ref"])
REF = ModelRef(ref=CONF["ref"], extra=CONF["extra"])
LAMP = ToolSpec(
    name="lamp",
    description="Switch the lamp.",
    parameters={"type": "object", "properties": {"on": {"type": "boolean"}}},
)
SYSTEM = Message(role="system", content="You keep the house.")
HELLO = {"message": {"content": "Hello."}}


def said(text):
    return Message(role="user", content=text)


def ask(server, ref, *messages, tools=()):
    async def once():
        model = LiteLLMModel(ref, Endpoint(base_url=server.base_url))
        reply = await model.complete(Request(messages=messages, tools=tools))
        await close_connections()
        return reply

    return asyncio.run(once())


def test_the_shipped_file_asks_for_a_window_and_nothing_but_the_chat_is_asked(monkeypatch):
    ref = REF.model_copy(
        update={"ref": f"{REF.ref}-new", "sampling": Sampling(temperature=0.0, max_tokens=50)}
    )
    with OllamaServer(HELLO) as server:
        # Where LiteLLM would ask about a model that it does not know.
        monkeypatch.setenv("OLLAMA_API_BASE", server.base_url)
        reply = ask(server, ref, SYSTEM, said("Hi."))
    assert server.paths == ["/api/chat"]
    assert server.bodies[0]["options"] == {"num_ctx": 32768, "temperature": 0.0, "num_predict": 50}
    assert (reply.content, reply.finish) == ("Hello.", "stop")
    assert price_of(ref, Endpoint()) is None  # made known, but not as free of charge
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 7)


@pytest.mark.parametrize("served", [BARE.ref.partition("/")[2], "other:70b", ""])
def test_who_served_is_what_the_server_says(served):
    with OllamaServer(HELLO | {"model": served}) as server:
        assert ask(server, REF, said("Hi.")).served_model == served


@pytest.mark.parametrize(
    ("uncounted", "usage"),
    [
        ([], (12, 7)),
        (["prompt_eval_count"], (None, 7)),
        (["prompt_eval_count", "eval_count"], (None, None)),
    ],
)
def test_what_the_server_did_not_count_is_unknown_and_no_guess_of_litellm_s(uncounted, usage):
    with OllamaServer(HELLO | {"uncounted": uncounted}) as server:
        reply = ask(server, REF, SYSTEM, said("Hi."))
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == usage


def test_calls_get_ids_and_their_results_go_back():
    both = {"content": "Both.", "tool_calls": [called("lamp", on=True), called("lamp", on=False)]}
    with OllamaServer({"message": both}, HELLO) as server:
        reply = ask(server, REF, said("Light!"), tools=(LAMP,))
        first, second = reply.tool_calls
        asked = Message(role="assistant", content="Both.", tool_calls=reply.tool_calls)
        results = [
            Message(role="tool", content="switched", tool_call_id=call.id)
            for call in reply.tool_calls
        ]
        ask(server, REF, said("Light!"), asked, *results, tools=(LAMP,))
    assert (reply.finish, reply.content) == ("tool_calls", "Both.")
    assert first == ToolCall(id=first.id, name="lamp", arguments='{"on": true}')
    assert first.id != second.id
    back = server.bodies[1]["messages"]
    assert [message["role"] for message in back] == ["user", "assistant", "tool", "tool"]
    assert back[1]["tool_calls"][0]["function"]["arguments"] == {"on": True}


@pytest.mark.parametrize(
    "message",
    [
        {"thinking": "Who is it?", "content": "Hello."},
        {"content": "<think>Who is it?</think>Hello."},
        {"content": "Who is it?\n</think>\nHello."},
    ],
)
def test_thinking_is_kept_apart(message):
    with OllamaServer({"message": message}) as server:
        reply = ask(server, REF, said("Hi."))
    assert (reply.thinking, reply.content) == ("Who is it?", "Hello.")


def test_a_reply_that_meets_its_limit_is_cut():
    with OllamaServer({"message": {"content": "Hel"}, "done_reason": "length"}) as server:
        assert ask(server, REF, said("Hi.")).finish == "length"


def test_a_prompt_that_the_server_cut_is_a_failure_and_no_reply():
    past = [said("Long ago. " * 6000), said("And then?")]
    with OllamaServer(HELLO, HELLO) as server:
        cut = ask(server, BARE, SYSTEM, *past)
        whole = ask(server, REF, SYSTEM, *past)
    assert [len(texts) for texts in server.read] == [2, 3]
    assert isinstance(cut, Failure)
    assert (cut.kind, cut.retryable, cut.begun) == ("context_window", False, True)
    assert "num_ctx" in cut.detail
    assert isinstance(whole, Completion)


def test_other_providers_counts_are_their_own():

    request = Request(messages=(said("x" * 50_000),))
    reply = Completion(usage=Usage(input_tokens=10))
    assert cut_prompt(ModelRef(ref="hosted_vllm/m"), request, reply) is None
    assert cut_prompt(BARE, request, reply) is not None
    assert cut_prompt(BARE, request, Completion()) is None
