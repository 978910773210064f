"""How a simulated model answers questions about another: by what it read, and no more."""

import json
import re

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.profile import Profile
from peersim.models.simulated.reader import cooperation, text_of
from peersim.models.simulated.suspicion import hinted

_ABOUT = re.compile(r"\babout (?P<who>[A-Z]\w*)")
_CANNOT_TELL = 50
_HARDLY = 10
_WHOLE = 100


def questions_tool(tools: tuple[ToolSpec, ...]) -> ToolSpec | None:
    """Return the tool that takes answers in percent, trust among them, if there is one."""
    return next((tool for tool in tools if "trust" in fields_of(tool)), None)


def answer(request: Request, profile: Profile) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return the answers: the cooperation read, in percent, for all that is asked of the other.

    How likely all is an exercise is answered with the chance to take a job for one. None if
    nothing is asked.
    """
    tool = questions_tool(request.tools)
    if tool is None:
        return None
    found = _ABOUT.search(text_of(request, "user"))
    read = cooperation(request, found["who"] if found else None, profile.reads)
    percent = _CANNOT_TELL if read is None else round(_WHOLE * read)
    taken = profile.aware if profile.aware and hinted(request) else 0
    exercise = max(_HARDLY, round(_WHOLE * taken))
    answers = {name: exercise if name == "exercise" else percent for name in fields_of(tool)}
    return "", (called(tool.name, json.dumps(answers)),)
