"""Providers' quirks on local servers that refuse what the real ones refuse."""

import asyncio
import json
from itertools import pairwise

import pytest
import yaml
from servers.anthropic_server import AnthropicServer, text, thinking, tool_use
from servers.gemini_server import GeminiServer, call
from servers.openai_server import FaultServer, always
from servers.openai_wire import reply_of

from peersim.agents.assistant import Assistant
from peersim.agents.base import ToolResult
from peersim.config.models import conf_dir
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.heard import Heard
from peersim.models.journal import MemoryJournal
from peersim.models.line import Line
from peersim.models.litellm import (
    LiteLLMModel,
    close_connections,
    load_litellm,
    output_limit,
    price_of,
)
from peersim.models.money import Price, Usage
from peersim.models.needed import missing_key
from peersim.record import substituted
from peersim.seeding import SeedTree

CLAUDE = ModelRef(ref="anthropic/claude-haiku-4-5", sampling=Sampling(max_tokens=3000))
THINKING = CLAUDE.model_copy(
    update={"extra": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}
)
FLASH = ModelRef(ref="gemini/gemini-3-flash-preview")
ASK = Request(messages=(Message(role="user", content="Hi."),))
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
# What LiteLLM writes into a message that says nothing.
FOREIGN = "sanitised"


@pytest.fixture(autouse=True)
def _known_keys(monkeypatch):
    for name in (*KEYS, "OPENAI_BASE_URL", "ANTHROPIC_API_BASE", "PEERSIM_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in KEYS[:3]:
        monkeypatch.setenv(name, "sk-test-1234")


class Lamp:
    """Two tools of no consequence."""

    def __init__(self):
        schema = {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}
        self._specs = tuple(
            ToolSpec(name=name, description=f"Switch the {name}.", parameters=schema)
            for name in ("lamp", "fan")
        )
        self.calls = []

    def specs(self):
        return self._specs

    def call(self, name, arguments):
        self.calls.append((name, arguments))
        return ToolResult(text=f"{name} switched")


def talk(server, ref, *texts, endpoint=None):
    """Let an assistant take a step for each text; return the turns, the journal, the tools."""
    endpoint = endpoint or Endpoint(base_url=server.base_url)
    journal, tools = MemoryJournal(), Lamp()

    async def steps():
        line = Line(LiteLLMModel(ref, endpoint), journal, "trial-0", "Rowan", SeedTree(0))
        agent = Assistant("Rowan", "You keep the house.", line)
        turns = [await agent.step(said, tools) for said in texts]
        await close_connections()
        return turns

    return asyncio.run(steps()), journal, tools


def ask(ref, endpoint, request=ASK):
    """Make one call."""

    async def once():
        reply = await LiteLLMModel(ref, endpoint).complete(request)
        await close_connections()
        return reply

    return asyncio.run(once())


def test_claude_s_calls_results_and_system_text_stand_where_it_wants_them():
    replies = (
        [text("Both, then."), tool_use(1, "lamp", {"on": True}), tool_use(2, "fan", {"on": False})],
        [text("Done.")],
    )
    with AnthropicServer(*replies) as server:
        turns, _, tools = talk(server, CLAUDE, "Lamp on, fan off, please.", None)
    assert server.refused == []
    assert [turn.end for turn in turns] == ["acted", "spoke"]
    assert turns[0].said == "Both, then."
    assert tools.calls == [("lamp", {"on": True}), ("fan", {"on": False})]
    first, second = server.bodies
    assert "You keep the house." in str(first["system"])
    assert {message["role"] for message in second["messages"]} == {"user", "assistant"}
    results = [b for b in second["messages"][-1]["content"] if b["type"] == "tool_result"]
    assert [block["tool_use_id"] for block in results] == ["toolu_1", "toolu_2"]
    assert turns[0].called.served_model.startswith("claude-haiku-4-5")


def test_claude_s_signed_thinking_is_kept_apart_and_sent_back():
    replies = (
        [thinking("They want light."), tool_use(1, "lamp", {"on": True})],
        [text("There is light.")],
    )
    with AnthropicServer(*replies) as server:
        turns, journal, _ = talk(server, THINKING, "Light, please.", None)
    assert server.refused == []
    assert (turns[0].thought, turns[0].said) == ("They want light.", "")
    block = server.bodies[1]["messages"][1]["content"][0]
    assert (block["thinking"], block["signature"]) == (
        "They want light.",
        "signed:They want light.",
    )
    (first, _) = journal.entries.values()
    assert first.completion.thinking_blocks[0]["signature"] == "signed:They want light."


def test_claude_s_hidden_thinking_goes_back_too():
    hidden = {"type": "redacted_thinking", "data": "c2VhbGVk"}
    replies = ([hidden, tool_use(1, "lamp", {"on": True})], [text("There is light.")])
    with AnthropicServer(*replies) as server:
        turns, _, _ = talk(server, THINKING, "Light, please.", None)
    assert server.refused == []
    assert [turn.said for turn in turns] == ["", "There is light."]
    assert server.bodies[1]["messages"][1]["content"][0] == hidden


@pytest.mark.parametrize("silence", [[], [text(" \n")]], ids=["empty", "blank"])
def test_claude_s_empty_reply_is_not_sent_back_and_nothing_is_put_in_its_place(silence):
    with AnthropicServer(silence, [text("Here I am.")]) as server:
        turns, _, _ = talk(server, CLAUDE, "Are you there?", "Hello?")
    assert server.refused == []
    assert [turn.said.strip() for turn in turns] == ["", "Here I am."]
    (said,) = server.bodies[1]["messages"]
    assert [block["text"] for block in said["content"]] == ["Are you there?", "Hello?"]
    assert turns[0].called.finish == "stop"


def test_claude_s_blank_text_beside_a_call_is_not_sent_back():
    replies = ([text(" "), tool_use(1, "lamp", {"on": True})], [text("Done.")])
    with AnthropicServer(*replies) as server:
        talk(server, CLAUDE, "Light, please.", None)
    assert server.refused == []
    assert FOREIGN not in json.dumps(server.bodies)
    assert [block["type"] for block in server.bodies[1]["messages"][1]["content"]] == ["tool_use"]


def test_the_only_message_is_marked_once_and_keeps_its_words():
    with AnthropicServer([text("Hello.")]) as server:
        ask(CLAUDE, Endpoint(base_url=server.base_url, prompt_cache=True))
    assert server.refused == []
    (block,) = server.bodies[0]["messages"][0]["content"]
    assert block == {"type": "text", "text": "Hi.", "cache_control": {"type": "ephemeral"}}


def test_claude_s_cached_prefix_stays_the_same_through_calls_of_tools():
    replies = (
        [tool_use(1, "lamp", {"on": True}), tool_use(2, "fan", {"on": True})],
        [text("And the fan off."), tool_use(3, "fan", {"on": False})],
        [text("Done.")],
    )
    with AnthropicServer(*replies) as server:
        endpoint = Endpoint(base_url=server.base_url, prompt_cache=True)
        talk(server, CLAUDE, "Light, please.", None, None, endpoint=endpoint)
    assert server.refused == []
    sent = [without_marks(body["messages"]) for body in server.bodies]
    assert len(sent) == 3
    assert all(later[: len(early)] == early for early, later in pairwise(sent))


def without_marks(part):
    """A part of a body without the marks of the cache, however deep they stand."""
    if isinstance(part, list):
        return [without_marks(one) for one in part]
    if isinstance(part, dict):
        return {k: without_marks(v) for k, v in part.items() if k != "cache_control"}
    return part


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (529, "Overloaded", "overloaded"),
        (413, "Request exceeds the maximum size", "context_window"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "context_window"),
        (400, "Your credit balance is too low to access the Anthropic API.", "auth"),
        (400, "tools.0.name: Field required", "bad_request"),
        (404, "model: x", "bad_request"),
    ],
)
def test_claude_s_refusals(status, said, kind):
    error = {"type": "request_too_large" if status == 413 else "some_error", "message": said}
    with AnthropicServer(faults=[(status, {"type": "error", "error": error})]) as server:
        failure = ask(CLAUDE, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert failure.kind == kind


@pytest.mark.parametrize(
    "content", [None, "text", ["text"], [{"type": "tool_use", "id": "a", "input": {}}]]
)
def test_claude_s_unreadable_replies(content):
    reply = {"type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"}
    reply |= {"id": "m", "usage": {"input_tokens": 1, "output_tokens": 1}, "content": content}
    with AnthropicServer(faults=[(200, reply)]) as server:
        failure = ask(CLAUDE, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("malformed_reply", True)


def test_a_reply_for_which_claude_s_window_was_too_small_is_no_whole_one():
    reply = {"id": "m", "type": "message", "role": "assistant", "model": "claude-haiku-4-5"}
    reply |= {"stop_reason": "model_context_window_exceeded", "content": [text("half an ans")]}
    reply |= {"usage": {"input_tokens": 9, "output_tokens": 4}}
    with AnthropicServer(faults=[(200, reply)]) as server:
        (turn,), _, _ = talk(server, CLAUDE, "Well?")
    assert (turn.end, turn.called.finish) == ("cut", "length")


def test_thinking_that_litellm_counts_itself_is_no_count():
    with AnthropicServer([thinking("They want light."), text("Light.")]) as server:
        reply = ask(THINKING, Endpoint(base_url=server.base_url))
    assert reply.thinking == "They want light."
    assert reply.usage.reasoning_tokens is None


def test_claude_s_cache_is_marked_stable_counted_and_priced():
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 90,
        "output_tokens": 20,
    }
    price = Price(input=1.0, output=5.0, cached_input=0.1, cache_write=1.25)
    endpoint_of = {"prompt_cache": True, "price": price}
    with AnthropicServer([text("One.")], [text("Two.")], usage=usage) as server:
        endpoint = Endpoint(base_url=server.base_url, **endpoint_of)
        _, journal, _ = talk(server, CLAUDE, "First.", "Second.", endpoint=endpoint)
    assert server.refused == []
    first, second = server.bodies
    for body in (first, second):
        assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
        assert body["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert first["system"] == second["system"]
    assert first["tools"] == second["tools"]
    assert without_marks(second["messages"])[:1] == without_marks(first["messages"])
    entry = next(iter(journal.entries.values()))
    used = entry.completion.usage
    assert used.input_tokens == 700
    assert (used.cached_tokens, used.cache_write_tokens) == (600, 90)
    assert used.cost_usd == pytest.approx((10 * 1 + 600 * 0.1 + 90 * 1.25 + 20 * 5) / 1e6)


def test_claude_s_bill_counts_the_cache(monkeypatch):
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 90,
        "output_tokens": 20,
    }
    with AnthropicServer([text("One.")], usage=usage) as server:
        monkeypatch.setenv("ANTHROPIC_API_BASE", server.base_url)
        reply = ask(CLAUDE, Endpoint())
    by_hand = (10 * 1.00 + 600 * 0.10 + 90 * 1.25 + 20 * 5.00) / 1e6
    assert reply.usage.cost_usd == pytest.approx(by_hand)
    price = price_of(CLAUDE, Endpoint())
    assert price
    assert price.cost(reply.usage) == pytest.approx(by_hand)


def test_gpt_s_bill_counts_the_cache(monkeypatch):
    usage = Usage(input_tokens=1000, output_tokens=50, cached_tokens=600, reasoning_tokens=30)
    ref = ModelRef(ref="openai/gpt-5.2")
    with FaultServer(always(Completion(content="One.", usage=usage))) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        reply = ask(ref, Endpoint())
    by_hand = (400 * 1.75 + 600 * 0.175 + 50 * 14.00) / 1e6
    assert reply.usage == usage.model_copy(update={"cost_usd": reply.usage.cost_usd})
    assert reply.usage.cost_usd == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("ref", "dollars", "longest"),
    [
        ("openai/gpt-5.2", (1.75, 14.0), 128_000),
        ("gpt-5.2", (1.75, 14.0), 128_000),
        ("gemini/gemini-3-flash-preview", (0.5, 3.0), 65_536),
        ("gemini/gemini-3-pro-preview", None, None),
        ("anthropic/claude-haiku-4-5", (1.0, 5.0), 64_000),
        ("anthropic/claude-opus-4-5", (5.0, 25.0), 64_000),
        ("zai/glm-4.7", (0.6, 2.2), 128_000),
        ("moonshot/kimi-k2.5", (0.6, 3.0), 262_144),
        ("novita/deepseek/deepseek-v3.1", (0.27, 1.0), 32_768),
        ("openrouter/no-such/model", None, None),
        ("hosted_vllm/gpt-5.2", None, None),
    ],
)
def test_what_the_bundled_map_knows(ref, dollars, longest):
    price = price_of(ModelRef(ref=ref), Endpoint())
    assert (price and (price.input, price.output)) == (dollars and pytest.approx(dollars))
    assert output_limit(ModelRef(ref=ref)) == longest


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-5.2", "gemini-3-flash", "gemini-3-pro", "claude-haiku-4.5"),
        *("claude-opus-4.5", "glm-4.7", "kimi-k2.5", "deepseek-v3.1"),
    ],
)
def test_the_library_knows_the_paper_s_models_and_their_keys(name, monkeypatch):
    conf = yaml.safe_load((conf_dir() / "model" / f"{name}.yaml").read_text(encoding="utf-8"))
    ref, key = ModelRef(ref=conf["ref"]), conf["key_env"]
    monkeypatch.delenv(key, raising=False)
    litellm = load_litellm()
    assert missing_key(ref, Endpoint(key_env=key)) == key
    monkeypatch.setenv(key, "planted-key")
    _, provider, found, _ = litellm.get_llm_provider(ref.ref)
    assert ref.ref.startswith(f"{provider}/")
    # Where it does not find the key by itself at once, it says that nothing is missing any more.
    assert found == "planted-key" or litellm.validate_environment(ref.ref)["keys_in_environment"]


def test_a_price_from_the_bundled_map_counts_the_cache_as_the_map_says():
    ref = ModelRef(ref="openai/gpt-5.2")
    price = price_of(ref, Endpoint())
    assert price
    assert price.cached_input
    assert price.cached_input < price.input < price.output
    usage = Usage(input_tokens=1000, cached_tokens=800, output_tokens=10)
    by_hand = (200 * price.input + 800 * price.cached_input + 10 * price.output) / 1e6
    assert price.cost(usage) == pytest.approx(by_hand)
    assert price_of(ref, Endpoint(base_url="http://a/v1")) is None
    assert price_of(ModelRef(ref="openai/no-such-model"), Endpoint()) is None


def test_reasoning_that_came_with_a_call_goes_back_with_it():
    first = {"reasoning_content": "They want light.", "content": None}
    asked = {
        "id": "c1",
        "type": "function",
        "function": {"name": "lamp", "arguments": '{"on": true}'},
    }

    def policy(body, n):
        reply = reply_of(body, Completion(content="Lit."))
        if n == 0:
            reply["choices"][0]["message"] |= first | {"tool_calls": [asked]}
            reply["choices"][0]["finish_reason"] = "tool_calls"
        return reply

    with FaultServer(policy) as server:
        turns, _, _ = talk(server, ModelRef(ref="hosted_vllm/kimi"), "Light, please.", None)
        back = server.ledger[1].body["messages"]
    assert (turns[0].thought, turns[0].said, turns[0].end) == ("They want light.", "", "acted")
    (said,) = [message for message in back if message["role"] == "assistant"]
    assert said["reasoning_content"] == "They want light."


@pytest.mark.parametrize(
    ("sent", "finish", "thought", "said"),
    [
        ("<think>\nHm.\n</think>\n\nYes.", "stop", "Hm.", "Yes."),
        ("Hm.\n</think>\n\nYes.", "stop", "Hm.", "Yes."),
        ("Hm.</think>Ye", "length", "Hm.", "Ye"),
        ("I say <think>no</think> out loud.", "stop", "", "I say <think>no</think> out loud."),
        ("First </think> and </think>.", "stop", "", "First </think> and </think>."),
        ("<think>never closed", "stop", "", "<think>never closed"),
        ("<think>\nnever clo", "length", "never clo", ""),
    ],
)
def test_thinking_in_front_of_the_content_is_taken_apart(sent, finish, thought, said):
    reply = Completion(content=sent, finish=finish)
    with FaultServer(lambda body, n: reply_of(body, reply)) as server:
        (turn,), _, _ = talk(server, ModelRef(ref="hosted_vllm/own"), "Well?")
    assert (turn.thought, turn.said) == (thought, said)


def test_a_lone_mark_is_a_word_where_the_server_keeps_thinking_apart():
    def policy(body, n):
        reply = reply_of(body, Completion(content="The tag is </think>."))
        reply["choices"][0]["message"]["reasoning_content"] = "Which tag?"
        return reply

    with FaultServer(policy) as server:
        (turn,), _, _ = talk(server, ModelRef(ref="hosted_vllm/own"), "Which tag?")
    assert (turn.thought, turn.said) == ("Which tag?", "The tag is </think>.")


def ending(native):
    """A policy of half a reply that ends in a provider's own way."""

    def policy(body, n):
        reply = reply_of(body, Completion(content="half an ans"))
        reply["choices"][0]["finish_reason"] = native
        return reply

    return policy


@pytest.mark.parametrize("ref", ["zai/glm-4.7", "novita/deepseek/deepseek-v3.1", "hosted_vllm/m"])
@pytest.mark.parametrize(
    ("native", "kind", "retryable"),
    [
        ("insufficient_system_resource", "overloaded", True),
        ("network_error", "malformed_reply", True),
        ("abort", "malformed_reply", True),
        ("model_context_window_exceeded", "context_window", False),
    ],
)
def test_a_breakdown_of_the_provider_is_a_failure(ref, native, kind, retryable):
    with FaultServer(ending(native)) as server:
        (turn,), journal, _ = talk(server, ModelRef(ref=ref), "Well?")
    assert (turn.end, turn.said, journal.entries) == ("failed", "", {})
    assert (turn.failure.kind, turn.failure.retryable) == (kind, retryable)


def test_an_end_that_nobody_knows_is_kept_in_its_own_word():
    with FaultServer(ending("repetition")) as server:
        (turn,), journal, _ = talk(server, ModelRef(ref="hosted_vllm/m"), "Well?")
    assert (turn.end, turn.called.finish) == ("spoke", "unknown")
    (entry,) = journal.entries.values()
    assert entry.completion.ended == "repetition"


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "OTHER"])
def test_gemini_s_odd_ends_are_kept_in_its_own_words(reason):
    reply = {
        "candidates": [{"content": {"parts": [{"text": "half"}]}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1, "totalTokenCount": 6},
    }
    with GeminiServer(faults=[(200, reply)]) as server:
        found = ask(FLASH, Endpoint(base_url=server.base_url))
    assert (found.finish, found.ended) == ("unknown", reason)


def test_gemini_says_what_lacks_in_what_was_sent_back():
    reply = {
        "candidates": [{"content": {"parts": []}, "finishReason": "MISSING_THOUGHT_SIGNATURE"}],
        "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
    }
    with GeminiServer(faults=[(200, reply)]) as server:
        failure = ask(FLASH, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert failure.kind == "bad_request"


def test_two_calls_with_one_id_go_back_with_two():
    asked = {"id": "same", "type": "function", "function": {"name": "lamp", "arguments": "{}"}}

    def policy(body, n):
        reply = reply_of(body, Completion(content="Lit."))
        if n == 0:
            reply["choices"][0]["message"] |= {"content": None, "tool_calls": [asked, asked]}
        return reply

    with FaultServer(policy) as server:
        talk(server, ModelRef(ref="hosted_vllm/own"), "Light, please.", None)
        *_, said, first, second = server.ledger[1].body["messages"]
    sent = [call["id"] for call in said["tool_calls"]]
    assert sent == ["same", "call_1"] == [first["tool_call_id"], second["tool_call_id"]]


def test_gemini_s_thought_signatures_go_back_with_the_calls_they_signed():
    both = [
        {"text": "They want light.", "thought": True},
        {"text": "Both, then."},
        call("lamp", {"on": True}, "c2lnbmVk"),
        call("fan", {"on": True}),
    ]
    replies = (both, [call("fan", {"on": False}, "YWdhaW4=")], [{"text": "There is light."}])
    with GeminiServer(*replies) as server:
        turns, journal, tools = talk(server, FLASH, "Light, please.", None, None)
    assert server.refused == []
    assert tools.calls == [("lamp", {"on": True}), ("fan", {"on": True}), ("fan", {"on": False})]
    assert [turn.end for turn in turns] == ["acted", "acted", "spoke"]
    assert (turns[0].said, turns[0].thought) == ("Both, then.", "They want light.")
    first, _, third = server.bodies
    assert "You keep the house." in str(
        first.get("system_instruction") or first["systemInstruction"]
    )
    said = [content["parts"] for content in third["contents"] if content["role"] == "model"]
    signatures = [[part.get("thoughtSignature") for part in parts] for parts in said]
    assert signatures == [[None, None, "c2lnbmVk", None], ["YWdhaW4="]]
    assert said[0][0] == {"text": "They want light.", "thought": True}
    entry = next(iter(journal.entries.values()))
    usage = entry.completion.usage
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == (50, 12, 7)


def test_gemini_s_signed_texts_and_thoughts_go_back_as_they_came():
    reply = [
        {"text": "Dark here.", "thought": True, "thoughtSignature": "dGhvdWdodA=="},
        {"text": "Hello.", "thoughtSignature": "dGV4dA=="},
    ]
    with GeminiServer(reply, [{"text": "Well."}]) as server:
        turns, _, _ = talk(server, FLASH, "Hello?", "How are you?")
    assert server.refused == []
    assert (turns[0].said, turns[0].thought) == ("Hello.", "Dark here.")
    assert server.bodies[1]["contents"][1] == {"role": "model", "parts": reply}


def test_gemini_s_empty_reply_is_not_sent_back():
    with GeminiServer([], [{"text": "Here."}]) as server:
        turns, _, _ = talk(server, FLASH, "Are you there?", "Hello?")
    assert server.refused == []
    assert [turn.said for turn in turns] == ["", "Here."]


@pytest.mark.parametrize(
    "reply",
    [
        ["a list"],
        {"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}},
        {"candidates": [{"content": {"parts": [{"text": "no usage"}]}, "finishReason": "STOP"}]},
        {
            "candidates": [{"content": {"parts": [{"functionCall": {"name": "lamp"}}]}}],
            "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
        },
    ],
    ids=["list", "nothing", "no usage", "no arguments"],
)
def test_gemini_s_unreadable_replies_stop_no_study(reply):
    with GeminiServer(faults=[(200, reply)]) as server:
        failure = ask(FLASH, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("malformed_reply", True)
    assert not failure.stops_study


@pytest.mark.parametrize(
    ("code", "said", "kind", "wait"),
    [
        (429, "You exceeded your current quota.", "rate_limited", 37.5),
        (400, "API key not valid. Please pass a valid API key.", "auth", None),
        (400, "Invalid value at generation_config.", "bad_request", None),
        (503, "The model is overloaded.", "overloaded", None),
    ],
)
def test_gemini_s_refusals(code, said, kind, wait):
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37.5s"}
    error = {"code": code, "message": said, "status": "X", "details": [info] if wait else []}
    with GeminiServer(faults=[(code, {"error": error})]) as server:
        failure = ask(FLASH, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retry_after) == (kind, wait)


def test_gpt_gets_its_system_text_and_limits_under_its_own_names():
    ref = ModelRef(ref="openai/gpt-5.2", sampling=Sampling(temperature=1.0, max_tokens=900))
    system = Message(role="system", content="You keep the house.")
    with FaultServer(always(Completion(content="Hello."))) as server:
        ask(ref, Endpoint(base_url=server.base_url), Request(messages=(system, *ASK.messages)))
    body = server.ledger[0].body
    assert body["messages"][0]["role"] in ("system", "developer")
    assert body["messages"][0]["content"] == "You keep the house."
    assert (body["temperature"], body["max_completion_tokens"]) == (1.0, 900)


def test_a_broker_says_who_answered_and_what_it_cost():
    usage = Usage(input_tokens=100, output_tokens=10)

    def policy(body, n):
        reply = reply_of(body, Completion(content="Hello.", usage=usage)) | {"provider": "Novita"}
        reply["usage"]["cost"] = 0.0123
        return reply

    with FaultServer(policy) as server:
        endpoint = Endpoint(base_url=server.base_url)
        reply = ask(ModelRef(ref="openrouter/deepseek/deepseek-chat-v3.1"), endpoint)
    assert reply.provider == "Novita"
    assert reply.usage.cost_usd == 0.0123


NAMESAKES = ("zai/glm-4.7", "moonshot/kimi-k2.5", "novita/deepseek/deepseek-v3.1")


@pytest.mark.parametrize("named", ["own", "other-thing", None])
@pytest.mark.parametrize("asked", [*NAMESAKES, "hosted_vllm/m", "openai/m"])
def test_who_served_is_what_the_reply_says_and_never_made_up(asked, named, monkeypatch):
    monkeypatch.setenv(f"{asked.partition('/')[0].upper()}_API_KEY", "sk-test-1234")
    own = asked.partition("/")[2] if named == "own" else named

    def policy(body, n):
        return reply_of(body, Completion(content="Hello.")) | {"model": own}

    with FaultServer(policy) as server:
        reply = ask(ModelRef(ref=asked), Endpoint(base_url=server.base_url))
    assert reply.served_model == (own or "")
    assert bool(own and substituted(asked, own)) == (named == "other-thing")


def test_a_name_that_litellm_may_have_made_up_is_none_where_the_reply_was_not_heard():
    made_up, other = Completion(served_model="zai/glm"), Completion(served_model="zai/glm-5")
    assert Heard().named(made_up, "zai/glm").served_model == ""
    assert Heard().named(other, "zai/glm").served_model == "zai/glm-5"


@pytest.mark.parametrize("where", ["beside", "among"])
@pytest.mark.parametrize("priced", ["by us", "by the map"])
def test_kimi_s_cached_tokens_are_counted_and_priced_wherever_they_stand(
    where, priced, monkeypatch
):
    monkeypatch.setenv("MOONSHOT_API_KEY", "sk-test-1234")
    count = {"cached_tokens": 18_000}
    usage = {"prompt_tokens": 19_000, "completion_tokens": 21, "total_tokens": 19_021}
    usage |= count if where == "beside" else {"prompt_tokens_details": count}

    def policy(body, n):
        return reply_of(body, Completion(content="Hello.")) | {"usage": usage}

    with FaultServer(policy) as server:
        monkeypatch.setenv("MOONSHOT_API_BASE", server.base_url)
        price = Price(input=0.6, output=3.0, cached_input=0.1)
        endpoint = Endpoint(base_url=server.base_url, price=price)
        reply = ask(ModelRef(ref=NAMESAKES[1]), endpoint if priced == "by us" else Endpoint())
    assert reply.usage.cached_tokens == 18_000
    by_hand = (1_000 * 0.6 + 18_000 * 0.1 + 21 * 3.0) / 1e6
    assert reply.usage.cost_usd == pytest.approx(by_hand)


def test_a_parameter_that_would_not_be_sent_fails_before_anything_is():
    ref = ModelRef(ref="moonshot/kimi-k2.5", sampling=Sampling(temperature=0.0))
    with FaultServer(always(Completion(content="Lit."))) as server:
        failure = ask(ref, Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert (failure.kind, server.ledger) == ("bad_request", [])
    assert "temperature" in failure.detail


def test_kimi_is_given_its_reasoning_back():
    ref = ModelRef(ref="moonshot/kimi-k2.5")
    asked = ToolCall(id="c1", name="lamp", arguments="{}")
    said = Message(role="assistant", content="", tool_calls=(asked,), thinking="Dark here.")
    result = Message(role="tool", content="lit", tool_call_id="c1")
    with FaultServer(always(Completion(content="Lit."))) as server:
        endpoint = Endpoint(base_url=server.base_url)
        ask(ref, endpoint, Request(messages=(*ASK.messages, said, result)))
    body = server.ledger[0].body
    assert "temperature" not in body
    assert body["messages"][1]["reasoning_content"] == "Dark here."


UNREADABLE = {
    "no message": {"message": None},
    "not a choice": "text",
    "content is a number": {"message": {"role": "assistant", "content": 7}},
    "calls are text": {"message": {"role": "assistant", "content": None, "tool_calls": "x"}},
    "a call of nothing": {
        "message": {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}
    },
    "a call without a name": {
        "message": {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "", "arguments": "{}"}}
            ],
        }
    },
}


@pytest.mark.parametrize("ref", ["openai/m", "hosted_vllm/m"])
@pytest.mark.parametrize("choice", [*UNREADABLE.values(), None], ids=[*UNREADABLE, "no choices"])
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_unreadable_replies_are_malformed_whoever_reads_them(ref, choice):
    def policy(body, n):
        whole = {"index": 0, "finish_reason": "stop"}
        choices = [whole | choice if isinstance(choice, dict) else choice] if choice else None
        return reply_of(body, Completion()) | {"choices": choices}

    with FaultServer(policy) as server:
        failure = ask(ModelRef(ref=ref), Endpoint(base_url=server.base_url))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("malformed_reply", True)
    assert len(server.ledger) == 1


@pytest.mark.parametrize("ref", ["openai/m", "hosted_vllm/m"])
@pytest.mark.parametrize("arguments", [{"on": True}, '{"on": true}'], ids=["dict", "text"])
def test_a_call_in_the_old_form_or_with_plain_arguments_is_a_call(ref, arguments):
    function = {"name": "lamp", "arguments": arguments}
    new = {"tool_calls": [{"id": "a", "type": "function", "function": function}]}
    old = {"function_call": {**function, "arguments": '{"on": true}'}}

    def policy(body, n):
        reply = reply_of(body, Completion())
        message = {"role": "assistant", "content": None} | (new if n == 0 else old)
        reply["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return reply

    with FaultServer(policy) as server:
        endpoint = Endpoint(base_url=server.base_url)
        replies = [ask(ModelRef(ref=ref), endpoint) for _ in range(2)]
    for reply, given in zip(replies, ("a", "call_0"), strict=True):
        assert reply.tool_calls == (ToolCall(id=given, name="lamp", arguments='{"on": true}'),)
        assert reply.finish == "tool_calls"


def test_the_key_file_is_known_to_every_call(tmp_path, monkeypatch):
    keys = tmp_path / "keys"
    endpoint = Endpoint(key_env="PEERSIM_TEST_FILED", base_url="http://127.0.0.1:9")
    monkeypatch.setenv("PEERSIM_KEYS_FILE", str(keys))
    failure = ask(CLAUDE, endpoint)
    assert isinstance(failure, Failure)
    assert (failure.kind, str(keys) in failure.detail) == ("auth", True)
    # Removed again at the end, with what the file puts there.
    monkeypatch.setenv("PEERSIM_TEST_FILED", "")
    monkeypatch.delenv("PEERSIM_TEST_FILED")
    keys.write_text("PEERSIM_TEST_FILED=filed-5e0c2\n", encoding="utf-8")
    assert missing_key(CLAUDE, endpoint) is None
    said = "no such key: filed-5e0c2"
    error = {"type": "error", "error": {"type": "authentication_error", "message": said}}
    with AnthropicServer(faults=[(401, error)]) as server:
        named = endpoint.model_copy(update={"base_url": server.base_url})
        failure = ask(CLAUDE, named)
    assert isinstance(failure, Failure)
    assert "filed-5e0c2" not in repr(failure)
    assert "[secret]" in failure.detail
