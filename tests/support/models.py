"""Models for tests: a function of the request behind the model port."""

import json

from peersim.models.asked import ToolCall
from peersim.models.base import Completion, Failure
from peersim.models.journal import MemoryJournal
from peersim.models.line import Line
from peersim.models.money import Usage
from peersim.seeding import SeedTree


class FunctionModel:
    """Answers with a function of the request and keeps what it was asked."""

    simulated = True

    def __init__(self, reply, name="simulated/test"):
        self.name = name
        self.requests = []
        self._reply = reply

    async def complete(self, request):
        self.requests.append(request)
        return self._reply(request)


class ListModel(FunctionModel):
    """Answers with one reply after the other."""

    def __init__(self, *replies):
        queue = list(replies)
        super().__init__(lambda request: queue.pop(0))


def tools(*calls, said=""):
    """A completion that calls tools; arguments may be a raw text."""
    made = tuple(
        ToolCall(
            id=f"c{i}",
            name=name,
            arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
        )
        for i, (name, arguments) in enumerate(calls)
    )
    return Completion(
        content=said, tool_calls=made, finish="tool_calls", served_model="m", usage=Usage()
    )


def says(text, finish="stop"):
    return Completion(content=text, finish=finish, served_model="m")


def fails(kind="overloaded"):
    return Failure(kind=kind, detail="down", retryable=False)


def line(model, caller="Rowan", journal=None):
    return Line(model, journal or MemoryJournal(), "trial-0", caller, SeedTree(0))
