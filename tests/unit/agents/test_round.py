"""The one round of our assistant against AutoGen's own loop: the same but for its events."""

import asyncio

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage, ToolCallSummaryMessage
from autogen_core import CancellationToken
from autogen_core.model_context import UnboundedChatCompletionContext
from pydantic import JsonValue
from support.models import ListModel, line, says, tools

from peersim.agents.assistant import Assistant
from peersim.agents.base import ToolResult
from peersim.agents.bench import Bench
from peersim.agents.client import LineClient
from peersim.agents.round import HOST, OneRound
from peersim.models.asked import ToolSpec

SCHEMA: dict[str, JsonValue] = {"type": "object", "properties": {"n": {"type": "integer"}}}
REPLIES = {
    "text": says("done"),
    "nothing": says(""),
    "cut off": says("and so", finish="length"),
    "a call": tools(("a", {"n": 1})),
    "a call and text": tools(("a", {"n": 1}), said="looking"),
    "calls in order": tools(("b", {}), ("a", {"n": 0}), ("b", {"n": 2})),
    "an unknown tool": tools(("nonsense", {}), ("a", {})),
    "no JSON": tools(("a", "{not json"), ("b", {})),
}


class Bag:
    """Two tools that answer with their arguments."""

    def specs(self):
        return tuple(ToolSpec(name=n, description=n, parameters=SCHEMA) for n in "ab")

    def call(self, name, arguments):
        return ToolResult(text=f"{name} {arguments}", error=arguments == {"n": 0})


async def stock(client, bench, rounds):
    """What AutoGen's own assistant makes of so many rounds, and its context."""
    agent = AssistantAgent(
        name="Rowan",
        model_client=client,
        workbench=bench,
        model_context=UnboundedChatCompletionContext(),
        system_message="You are Rowan.",
        reflect_on_tool_use=False,
        max_tool_iterations=1,
    )
    done = []
    for _ in range(rounds):
        told = [TextMessage(content="go", source=HOST)]
        message = (await agent.on_messages(told, CancellationToken())).chat_message
        if isinstance(message, ToolCallSummaryMessage):
            done.append([*zip(message.tool_calls, message.results, strict=True)])
        else:
            done.append([])
    return done, await agent.model_context.get_messages()


async def ours(client, bench, rounds):
    """The same of ours."""
    agent = OneRound("Rowan", client, bench, "You are Rowan.")
    done = [[*await agent.take("go")] for _ in range(rounds)]
    return done, await agent.model_context.get_messages()


def followed(make, *replies):
    """Return what comes of the calls in replies, what stays in the context, and the requests."""
    model, bench = ListModel(*replies), Bench()
    bench.lay(Bag())
    done, context = asyncio.run(make(LineClient(line(model), bench), bench, len(replies)))
    return done, context, model.requests


@pytest.mark.parametrize("name", REPLIES)
def test_a_round_is_autogens_own(name):
    replies = (REPLIES[name], says("over"))
    assert followed(ours, *replies) == followed(stock, *replies)


def test_a_bug_in_a_tool_is_raised_at_once():
    class Broken(Bag):
        def call(self, name, arguments):
            raise RuntimeError("a bug")

    agent = Assistant("Rowan", "You are Rowan.", line(ListModel(REPLIES["a call"])))
    with pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(agent.step("go", Broken()))


@pytest.mark.parametrize("name", REPLIES)
def test_a_step_leaves_nothing_for_the_event_loop_to_close(name):
    async def go():
        agent = Assistant("Rowan", "You are Rowan.", line(ListModel(REPLIES[name])))
        await agent.step("go", Bag())
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(go()) == set()
