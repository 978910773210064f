"""An agent that follows a script: for partners whose behaviour is fixed, and for tests."""

import json
from collections.abc import Callable, Sequence

from pydantic import JsonValue

from peersim.agents.base import Tools, Turn, Use
from peersim.frozen import Frozen


class Line(Frozen):
    """One turn of a script: what to say, and which tools to call with which arguments."""

    said: str = ""
    calls: tuple[tuple[str, JsonValue], ...] = ()


Script = Callable[[str | None, Tools, int], Line]


class Scripted:
    """An agent whose every turn comes from a function of what it is told."""

    def __init__(self, name: str, script: Script) -> None:
        """Follow a script, which gets the text, the tools and the turn's number from 0."""
        self.name = name
        self._script = script
        self._turn = 0

    async def step(self, text: str | None, tools: Tools) -> Turn:
        """Take the script's next turn."""
        line = self._script(text, tools, self._turn)
        self._turn += 1
        uses = tuple(_use(tools, name, arguments) for name, arguments in line.calls)
        return Turn(end="acted" if uses else "spoke", said=line.said, uses=uses)


def follow(lines: Sequence[Line]) -> Script:
    """Return the script that says its lines one after the other, then nothing."""
    return lambda text, tools, turn: lines[turn] if turn < len(lines) else Line()


def _use(tools: Tools, name: str, arguments: JsonValue) -> Use:
    offered = {spec.name for spec in tools.specs()}
    raw = json.dumps(arguments)
    if name not in offered:
        return Use(tool=name, arguments=raw, result=f"no tool {name!r}", error=True)
    result = tools.call(name, arguments)
    return Use(tool=name, arguments=raw, result=result.text, error=result.error)
