"""How a simulated model makes a move that it knows nothing about: by the form of the tools alone.

What is listed first counts as the kind choice, as people list things; a number is kinder the
larger it is; a text is a polite nothing. A task whose moves are like that needs no player of its
own.
"""

import json
import random

from pydantic import JsonValue

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre, talk
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import chances, persona

_WAY_OUT = "decline"


def known_moves(tools: tuple[ToolSpec, ...]) -> list[ToolSpec]:
    """Return the tools that make a move; the way to make none is left out."""
    return [tool for tool in tools if not tool.name.startswith(_WAY_OUT)]


def play_anything(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]]:
    """Return what to say and some legal move, as kind as the persona that was read."""
    tools, rng = known_moves(request.tools), chances(request)
    warmth = persona(request)
    share = centre(give, warmth)
    tool = tools[0] if rng.random() < share else tools[-1]
    fields = fields_of(tool).items()
    arguments = {name: _value(form, share, give.spread, rng) for name, form in fields}
    call = called(tool.name, json.dumps(arguments))
    return talk(request, warmth, rng), (call,)


def _value(form: JsonValue, share: float, spread: float, rng: random.Random) -> int | str:
    schema = form if isinstance(form, dict) else {}
    options, low, high = schema.get("enum"), schema.get("minimum"), schema.get("maximum")
    if isinstance(options, list) and options:
        return str(options[0] if rng.random() < share else options[-1])
    if isinstance(low, int) and isinstance(high, int):
        drawn = min(1.0, max(0.0, rng.uniform(share - spread, share + spread)))
        return low + round(drawn * (high - low))
    return "Nothing to add."
