"""Calls of blocked replies are never carried out, those of cut ones only if all are whole."""

import pytest

from peersim.models.asked import ToolCall
from peersim.models.base import Completion, Finish
from peersim.models.usable import usable_calls

WHOLE = ToolCall(id="a", name="ping", arguments='{"host": "x"}')
BROKEN = ToolCall(id="b", name="ping", arguments='{"host": ')
EMPTY = ToolCall(id="c", name="ping", arguments="")


@pytest.mark.parametrize(
    ("finish", "calls", "kept"),
    [
        ("tool_calls", (WHOLE, BROKEN, EMPTY), 3),
        ("unknown", (BROKEN,), 1),
        ("length", (WHOLE, WHOLE), 2),
        ("length", (WHOLE, BROKEN), 0),
        ("length", (EMPTY,), 0),
        ("content_filter", (WHOLE,), 0),
        ("stop", (), 0),
    ],
)
def test_which_calls_may_be_carried_out(
    finish: Finish, calls: tuple[ToolCall, ...], kept: int
) -> None:
    assert len(usable_calls(Completion(finish=finish, tool_calls=calls))) == kept
