"""How a simulated model takes from a shared stock: it works out what lasts, and takes up to more.

Someone kind takes what all could take again and again, someone unkind all that it may.
"""

import json
import re

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre, talk
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import chances, persona, text_of
from peersim.models.simulated.sheets import asked

_STOCK = re.compile(r"(?i)\bstock holds (?P<units>\d+) units")
_TAKERS = re.compile(r"(?i)\b(?P<takers>\d+) of you in all\b")
_FACTOR = re.compile(r"(?i)\bunits left are multiplied by (?P<factor>\d+)")


def takes_units(tools: tuple[ToolSpec, ...]) -> bool:
    """Return whether one of the tools takes units, up to a most."""
    return _most(tools) is not None


def play_commons(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return what to say and how much to take; None if there is no stock to take from."""
    most = _most(request.tools)
    lasting = None if most is None else _lasting(request)
    if most is None or lasting is None:
        return None
    rng, warmth = chances(request), persona(request)
    mean = centre(give, warmth)
    share = min(1.0, max(0.0, rng.uniform(mean - give.spread, mean + give.spread)))
    units = most - round(share * (most - min(lasting, most)))
    call = called("take_units", json.dumps({"units": units}))
    return talk(request, warmth, rng), (call,)


def _most(tools: tuple[ToolSpec, ...]) -> int | None:
    """Return the most that the tool lets one take; None without the tool."""
    for tool in tools:
        if tool.name == "take_units":
            units = fields_of(tool).get("units")
            most = units.get("maximum") if isinstance(units, dict) else None
            return most if isinstance(most, int) else None
    return None


def _lasting(request: Request) -> int | None:
    """Return what each can take so that the stock grows back; None if the sheet does not say."""
    sheet = asked(request)
    stock, takers = _STOCK.search(sheet), _TAKERS.search(sheet)
    factor = _FACTOR.search(text_of(request, "system")) or _FACTOR.search(sheet)
    if stock is None or takers is None or factor is None:
        return None
    units = int(stock["units"])
    return (units - -(-units // int(factor["factor"]))) // int(takers["takers"])
