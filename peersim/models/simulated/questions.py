"""How a simulated model answers questions about another: by what it read, and no more."""

import json
import re

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.profile import Profile
from peersim.models.simulated.reader import cooperation, text_of
from peersim.models.simulated.suspicion import hinted

_ABOUT = re.compile(r"\babout (?P<who>[A-Z]\w*)")
_CANNOT_TELL = 50
_HARDLY = 10
_WHOLE = 100


def questions_tool(request: Request) -> ToolSpec | None:
    """Return the tool that takes answers in percent, trust among them, if there is one."""
    return next((tool for tool in request.tools if "trust" in _questions(tool)), None)


def answer(request: Request, tool: ToolSpec, profile: Profile) -> tuple[ToolCall, ...]:
    """Return the answers: the cooperation read, in percent, for all that is asked of the other.

    How likely all is an exercise is answered with the chance to take a job for one.
    """
    found = _ABOUT.search(text_of(request, "user"))
    read = cooperation(request, found["who"] if found else None, profile.reads)
    percent = _CANNOT_TELL if read is None else round(_WHOLE * read)
    exercise = max(_HARDLY, round(_WHOLE * profile.aware)) if hinted(request) else _HARDLY
    answers = {name: exercise if name == "exercise" else percent for name in _questions(tool)}
    return (ToolCall(id="call_0", name=tool.name, arguments=json.dumps(answers)),)


def _questions(tool: ToolSpec) -> list[str]:
    properties = tool.parameters.get("properties")
    return list(properties) if isinstance(properties, dict) else []
