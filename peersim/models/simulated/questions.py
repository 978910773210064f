"""How a simulated model answers questions about another: by what it read, and no more."""

import json
import re

from peersim.models.base import Request, ToolCall, ToolSpec
from peersim.models.simulated.reader import Reads, cooperation, text_of

_ABOUT = re.compile(r"\babout (?P<who>[A-Z]\w*)")
_CANNOT_TELL = 50
_HARDLY = 10
_WHOLE = 100


def questions_tool(request: Request) -> ToolSpec | None:
    """Return the tool that takes answers in percent, trust among them, if there is one."""
    return next((tool for tool in request.tools if "trust" in _questions(tool)), None)


def answer(request: Request, tool: ToolSpec, reads: Reads) -> tuple[ToolCall, ...]:
    """Return the answers: the cooperation read, in percent, for all that is asked of the other."""
    found = _ABOUT.search(text_of(request, "user"))
    read = cooperation(request, found["who"] if found else None, reads)
    percent = _CANNOT_TELL if read is None else round(_WHOLE * read)
    answers = {name: _HARDLY if name == "exercise" else percent for name in _questions(tool)}
    return (ToolCall(id="call_0", name=tool.name, arguments=json.dumps(answers)),)


def _questions(tool: ToolSpec) -> list[str]:
    properties = tool.parameters.get("properties")
    return list(properties) if isinstance(properties, dict) else []
