"""The one round of our assistant against AutoGen's own loop: the same but for ids and tasks."""

import asyncio

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.model_context import UnboundedChatCompletionContext
from pydantic import JsonValue
from support.models import ListModel, line, says, tools

from peersim.agents.assistant import Assistant
from peersim.agents.base import ToolResult
from peersim.agents.bench import Bench
from peersim.agents.client import LineClient
from peersim.agents.round import OneRound
from peersim.models.base import ToolSpec

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


def stock(client, bench):
    return AssistantAgent(
        name="Rowan",
        model_client=client,
        workbench=bench,
        model_context=UnboundedChatCompletionContext(),
        system_message="You are Rowan.",
        reflect_on_tool_use=False,
        max_tool_iterations=1,
    )


def ours(client, bench):
    return OneRound("Rowan", client, bench, "You are Rowan.")


def followed(make, *replies):
    """Return all that comes out of an agent's stream and stays in its context, and the ids."""
    model, bench = ListModel(*replies), Bench()
    bench.lay(Bag())
    agent = make(LineClient(line(model), bench), bench)

    async def go():
        found = []
        for _ in replies:
            told = [TextMessage(content="go", source="host")]
            found += [e async for e in agent.on_messages_stream(told, CancellationToken())]
        return found, await agent.model_context.get_messages()

    stream, context = asyncio.run(go())
    ids = [e.id for e in stream if not isinstance(e, Response)]
    ids += [e.chat_message.id for e in stream if isinstance(e, Response)]
    return [seen(e) for e in stream], context, model.requests, ids


def seen(event):
    if isinstance(event, Response):
        inner = [seen(e) for e in event.inner_messages]
        return "Response", seen(event.chat_message), inner
    return type(event).__name__, event.model_dump(exclude={"id", "created_at"})


@pytest.mark.parametrize("name", REPLIES)
def test_a_round_is_autogens_own(name):
    replies = (REPLIES[name], says("over"))
    assert followed(ours, *replies)[:3] == followed(stock, *replies)[:3]


def test_messages_have_ids_of_their_own():
    *_, ids = followed(ours, *(REPLIES[name] for name in REPLIES))
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", REPLIES)
def test_a_step_leaves_nothing_for_the_event_loop_to_close(name):
    async def go():
        agent = Assistant("Rowan", "You are Rowan.", line(ListModel(REPLIES[name])))
        await agent.step("go", Bag())
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(go()) == set()
