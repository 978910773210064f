"""Beliefs: asked on calls of their own, and a missing one says why."""

import asyncio

import pytest
from support.models import FunctionModel, fails, line, says, tools

from peersim.beliefs import ANSWER, probe

GIVEN = {"trust": 70, "generosity": 60, "reciprocity": 50, "warmth": 40, "exercise": 30}


def asked(reply):
    model = FunctionModel(lambda request: reply)
    way = line(model, "probe")
    return asyncio.run(probe("You are Rowan.", "Rowan", "Linden", 0, way)), model


def test_an_answer_is_kept_number_by_number():
    found, model = asked(tools((ANSWER, GIVEN)))
    assert found.belief.model_dump() == GIVEN
    assert found.missing is None
    assert len(found.calls) == 1
    (request,) = model.requests
    assert request.messages[0].content == "You are Rowan."
    assert "Linden" in request.messages[1].content
    assert ANSWER in request.messages[1].content


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says("I would rather not."), "unparsed"),
        (tools((ANSWER, {**GIVEN, "trust": 101})), "unparsed"),
        (tools((ANSWER, {"trust": 50})), "unparsed"),
        (tools(("decline_to_move", {"reason": "private"})), "refused"),
        (says("", finish="content_filter"), "refused"),
        (fails("timeout"), "failed"),
    ],
)
def test_a_missing_belief_says_why_and_is_no_number(reply, kind):
    found, _ = asked(reply)
    assert found.belief is None
    assert found.missing.kind == kind
