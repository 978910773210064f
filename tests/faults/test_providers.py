"""Providers' quirks on local servers that refuse what the real ones refuse."""

import asyncio

import pytest
from servers.anthropic_server import AnthropicServer, text, thinking, tool_use
from servers.gemini_server import GeminiServer, call
from servers.openai_server import FaultServer
from servers.openai_wire import reply_of

from peersim.agents.assistant import Assistant
from peersim.agents.base import ToolResult
from peersim.models.base import Completion, Endpoint, ModelRef, Sampling, ToolSpec
from peersim.models.journal import MemoryJournal
from peersim.models.line import Line
from peersim.models.litellm import LiteLLMModel, close_connections, price_of
from peersim.models.money import Price, Usage
from peersim.seeding import SeedTree

CLAUDE = ModelRef(ref="anthropic/claude-haiku-4-5", sampling=Sampling(max_tokens=3000))
THINKING = CLAUDE.model_copy(
    update={"extra": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}
)


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


def talk(server, ref, *texts, endpoint=None, key="sk-test"):
    """Let an assistant take a step for each text; return the turns, the journal, the tools."""
    endpoint = endpoint or Endpoint(base_url=server.base_url)
    journal, tools = MemoryJournal(), Lamp()

    async def steps():
        line = Line(LiteLLMModel(ref, endpoint), journal, "trial-0", "Rowan", SeedTree(0))
        agent = Assistant("Rowan", "You keep the house.", line)
        turns = [await agent.step(said, tools) for said in texts]
        await close_connections()
        return turns

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_API_KEY", key)
        patch.setenv("OPENAI_API_KEY", key)
        patch.setenv("GEMINI_API_KEY", key)
        turns = asyncio.run(steps())
    return turns, journal, tools


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


def test_claude_s_empty_reply_is_kept_as_empty_and_the_talk_goes_on():
    with AnthropicServer([], [text("Here I am.")]) as server:
        turns, _, _ = talk(server, CLAUDE, "Are you there?", "Hello?")
    assert server.refused == []
    assert [turn.said for turn in turns] == ["", "Here I am."]
    assert "Are you there?" in str(server.bodies[1]["messages"])
    assert "Hello?" in str(server.bodies[1]["messages"])


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
    assert unmarked(second["messages"])[: len(first["messages"])] == unmarked(first["messages"])
    entry = next(iter(journal.entries.values()))
    used = entry.completion.usage
    assert used.input_tokens == 700
    assert (used.cached_tokens, used.cache_write_tokens) == (600, 90)
    assert used.cost_usd == pytest.approx((10 * 1 + 600 * 0.1 + 90 * 1.25 + 20 * 5) / 1e6)


def unmarked(messages):
    """Messages without the marks of the cache."""
    return [
        {
            "role": message["role"],
            "content": [
                {key: value for key, value in block.items() if key != "cache_control"}
                for block in message["content"]
            ],
        }
        for message in messages
    ]


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
    ("sent", "thought", "said"),
    [
        ("<think>\nHm.\n</think>\n\nYes.", "Hm.", "Yes."),
        ("I say <think>no</think> out loud.", "", "I say <think>no</think> out loud."),
        ("<think>never closed", "", "<think>never closed"),
    ],
)
def test_thinking_in_front_of_the_content_is_taken_apart(sent, thought, said):
    with FaultServer(lambda body, n: reply_of(body, Completion(content=sent))) as server:
        (turn,), _, _ = talk(server, ModelRef(ref="hosted_vllm/own"), "Well?")
    assert (turn.thought, turn.said) == (thought, said)


def test_gemini_s_thought_signatures_go_back_with_the_calls_they_signed():
    flash = ModelRef(ref="gemini/gemini-3-flash-preview")
    replies = ([call("lamp", {"on": True}, "c2lnbmVk")], [{"text": "There is light."}])
    with GeminiServer(*replies) as server:
        turns, _, tools = talk(server, flash, "Light, please.", None)
    assert server.refused == []
    assert tools.calls == [("lamp", {"on": True})]
    assert [turn.end for turn in turns] == ["acted", "spoke"]
    assert turns[1].said == "There is light."
    first, second = server.bodies
    assert "You keep the house." in str(
        first.get("system_instruction") or first["systemInstruction"]
    )
    said = [content for content in second["contents"] if content["role"] == "model"]
    assert said[0]["parts"][0]["thoughtSignature"] == "c2lnbmVk"
    usage = turns[0].called
    assert (usage.input_tokens, usage.output_tokens) == (50, 12)
