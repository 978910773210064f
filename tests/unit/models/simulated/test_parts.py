"""Which part is played is told by the tools, once for each set of them."""

import json

import pytest

from peersim.models.asked import Message, Sampling, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.model import respond
from peersim.models.simulated.parts import part_for
from peersim.models.simulated.profile import Profile


def tool(name, **fields):
    return ToolSpec(name=name, description="A tool.", parameters={"properties": fields})


def amount(low, high):
    return tool("give", points={"type": "integer", "minimum": low, "maximum": high})


def given(spec, seed):
    messages = (Message(role="user", content="Give."),)
    request = Request(messages=messages, tools=(spec,), sampling=Sampling(seed=seed))
    _, (call,) = respond(request, Profile())
    return json.loads(call.arguments)["points"]


def test_a_set_of_tools_that_was_seen_before_is_not_looked_through_again():
    part_for((amount(3, 8), tool("decline_to_move")))
    before = part_for.cache_info()
    part_for((amount(3, 8), tool("decline_to_move")))
    after = part_for.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


@pytest.mark.parametrize("seed", range(20))
def test_tools_alike_but_for_their_bounds_are_told_apart(seed):
    assert given(amount(0, 10), seed) <= 10
    assert 100 <= given(amount(100, 200), seed) <= 200


def test_without_tools_there_is_nothing_to_do():
    assert respond(Request(messages=()), Profile()) == ("I have nothing to add.", ())


def test_tools_are_equal_by_content():
    assert amount(0, 10) == amount(0, 10)
    assert hash(amount(0, 10)) == hash(amount(0, 10))
    assert len({amount(0, 10), amount(0, 10), amount(0, 11)}) == 2
    assert amount(0, 10) != "give"
