"""AutoGen assistants behind the agent port."""

import asyncio

import pytest
from pydantic import JsonValue
from support.models import ListModel, fails, line, says, tools

from peersim.agents.assistant import Assistant
from peersim.agents.base import ToolResult
from peersim.models.asked import ToolSpec

SCHEMA: dict[str, JsonValue] = {"type": "object", "properties": {"n": {"type": "integer"}}}


class Counter:
    """Tools over a list of what was called."""

    def __init__(self, *names):
        self.calls = []
        self._specs = tuple(ToolSpec(name=n, description=n, parameters=SCHEMA) for n in names)

    def specs(self):
        return self._specs

    def call(self, name, arguments):
        self.calls.append((name, arguments))
        return ToolResult(text=f"did {name}", error=arguments == {"n": 0})


def steps(model, *turns):
    """Take steps of an assistant; each turn is (text, tools)."""

    async def go():
        agent = Assistant("Rowan", "You are Rowan.", line(model))
        return [await agent.step(text, bench) for text, bench in turns]

    return asyncio.run(go())


def test_a_step_is_one_call_and_its_tools_in_order():
    model = ListModel(tools(("a", {"n": 1}), ("b", {"n": 0}), said="here"))
    bench = Counter("a", "b")
    (turn,) = steps(model, ("go", bench))
    assert len(model.requests) == 1
    assert bench.calls == [("a", {"n": 1}), ("b", {"n": 0})]
    assert [(u.tool, u.result, u.error) for u in turn.uses] == [
        ("a", "did a", False),
        ("b", "did b", True),
    ]
    assert (turn.end, turn.said, turn.called.number) == ("acted", "here", 0)


def test_the_model_sees_the_system_text_the_talk_and_the_results_and_nothing_else():
    model = ListModel(tools(("a", {"n": 1}), said="thinking aloud"), says("done"))
    bench = Counter("a")
    steps(model, ("go", bench), (None, bench))
    first, second = model.requests
    assert [(m.role, m.content) for m in first.messages] == [
        ("system", "You are Rowan."),
        ("user", "go"),
    ]
    assert [(m.role, m.content) for m in second.messages[2:]] == [
        ("assistant", "thinking aloud"),
        ("tool", "did a"),
    ]
    assert second.messages[2].tool_calls[0].name == "a"
    assert second.messages[3].tool_call_id == "c0"
    assert "TERMINATE" not in str(first)


def test_tools_may_change_from_step_to_step():
    model = ListModel(says("one"), says("two"))
    steps(model, ("go", Counter("a")), ("on", Counter("b", "c")))
    assert [[t.name for t in r.tools] for r in model.requests] == [["a"], ["b", "c"]]


@pytest.mark.parametrize("raw", ["{not json", '{"n": ', "'n': 1"])
def test_arguments_that_are_no_json_are_an_error_the_model_is_told_of(raw):
    model = ListModel(tools(("a", raw)), says("sorry"))
    bench = Counter("a")
    turn, _ = steps(model, ("go", bench), (None, bench))
    assert bench.calls == []
    assert turn.uses[0].error
    assert turn.uses[0].arguments == raw
    assert model.requests[1].messages[-1].role == "tool"


def test_an_unknown_tool_is_an_error_and_is_kept():
    (turn,) = steps(ListModel(tools(("nonsense", {}))), ("go", Counter("a")))
    assert [(use.tool, use.error) for use in turn.uses] == [("nonsense", True)]


@pytest.mark.parametrize("raw", ["", "  "])
def test_empty_arguments_are_no_arguments(raw):
    bench = Counter("a")
    steps(ListModel(tools(("a", raw))), ("go", bench))
    assert bench.calls == [("a", {})]


@pytest.mark.parametrize("raw", ["[1, 2]", "3", '"text"', "null"])
def test_arguments_of_any_json_reach_the_tools(raw):
    bench = Counter("a")
    (turn,) = steps(ListModel(tools(("a", raw))), ("go", bench))
    assert turn.uses[0].tool == "a"


def test_a_failure_comes_through_autogen_with_its_kind():
    (turn,) = steps(ListModel(fails("timeout")), ("go", Counter("a")))
    assert turn.end == "failed"
    assert turn.failure.kind == "timeout"
    assert turn.called is None


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        (says("text"), "spoke"),
        (says("", finish="content_filter"), "blocked"),
        (says("cut off", finish="length"), "cut"),
    ],
)
def test_how_a_turn_without_tools_ends(reply, end):
    (turn,) = steps(ListModel(reply), ("go", Counter("a")))
    assert turn.end == end


@pytest.mark.parametrize(
    ("finish", "raw", "end", "done"),
    [
        ("content_filter", '{"n": 1}', "blocked", []),
        ("length", '{"n": ', "cut", []),
        ("length", '{"n": 1}', "acted", [("a", {"n": 1})]),
    ],
)
def test_calls_of_a_reply_that_did_not_end_by_itself(finish, raw, end, done):
    cut = tools(("a", raw), said="First").model_copy(update={"finish": finish})
    model = ListModel(cut, says("on"))
    bench = Counter("a")
    turn, _ = steps(model, ("go", bench), ("go on", bench))
    assert (turn.end, turn.said, bench.calls, len(turn.uses)) == (end, "First", done, len(done))
    assert turn.called.finish == finish
    sent = model.requests[1].messages[2]
    assert (sent.content, len(sent.tool_calls)) == ("First", len(done))


@pytest.mark.parametrize("raw", ['{"n": ' + "1" * 5000 + "}", "[" * 100_000 + "]" * 100_000])
def test_arguments_that_no_parser_takes_are_an_error_and_never_a_hang(raw):
    async def go():
        agent = Assistant("Rowan", "You are Rowan.", line(ListModel(tools(("a", raw)))))
        return await asyncio.wait_for(agent.step("go", Counter("a")), timeout=10)

    turn = asyncio.run(go())
    assert turn.uses[0].error


def test_a_bug_in_a_tool_is_raised_and_never_a_hang():
    class Broken(Counter):
        def call(self, name, arguments):
            raise KeyError("oops")

    async def go():
        agent = Assistant("Rowan", "You are Rowan.", line(ListModel(tools(("a", {})))))
        await asyncio.wait_for(agent.step("go", Broken("a")), timeout=10)

    with pytest.raises(KeyError, match="oops"):
        asyncio.run(go())


def test_thinking_goes_back_to_the_very_reply_that_it_came_with():
    def thinks(thought):
        block = {"type": "thinking", "signature": thought}
        return says("Done.").model_copy(update={"thinking": thought, "thinking_blocks": (block,)})

    model = ListModel(says("Done."), thinks("first"), says("Well."), thinks("second"), says("x"))
    bench = Counter("a")
    steps(model, *((text, bench) for text in "abcde"))
    last = [m for m in model.requests[-1].messages if m.role == "assistant"]
    assert [(m.content, m.thinking) for m in last] == [
        ("Done.", ""),
        ("Done.", "first"),
        ("Well.", ""),
        ("Done.", "second"),
    ]
    assert [m.thinking_blocks[0]["signature"] for m in last if m.thinking] == ["first", "second"]


def test_thinking_is_told_apart_where_a_server_numbers_the_calls_of_each_reply_anew():
    def calls(thought):
        return tools(("a", {})).model_copy(update={"thinking": thought})

    model, bench = ListModel(calls("first"), calls("second"), says("x")), Counter("a")
    steps(model, ("go", bench), (None, bench), (None, bench))
    last = [m for m in model.requests[-1].messages if m.role == "assistant"]
    assert [m.thinking for m in last] == ["first", "second"]
