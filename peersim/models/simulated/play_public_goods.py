"""How a simulated model reacts to what others contributed to a common pot.

Someone kind rewards who contributed most, someone unkind deducts from who contributed least; both
spend the more on it the more they are so. What it contributes itself is an amount like any other.
"""

import json
import random
import re

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre, talk
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import chances, persona
from peersim.models.simulated.sheets import asked

_CONTRIBUTED = re.compile(r"\b(?P<who>[A-Z]\w*) contributed (?P<points>\d+)")
_REWARD, _DEDUCT, _LEAVE = "reward_member", "deduct_from_member", "leave_as_is"

Arguments = dict[str, str | int]


def reacts(tools: tuple[ToolSpec, ...]) -> bool:
    """Return whether tools reward or deduct, or leave it."""
    names = {tool.name for tool in tools}
    return _LEAVE in names and (_REWARD in names or _DEDUCT in names)


def play_public_goods(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return what to say and the reaction; None if there is nobody to react to.

    Args:
        request: What the reader got.
        give: The chance to reward, by the persona it reads, and the chance not to deduct.
    """
    if not reacts(request.tools):
        return None
    tools = {tool.name: tool for tool in request.tools}
    rng, warmth = chances(request), persona(request)
    share = centre(give, warmth)
    name, arguments = _LEAVE, Arguments()
    if _REWARD in tools and rng.random() < share:
        name, arguments = _REWARD, _spent(request, tools[_REWARD], share, rng, best=True)
    elif _DEDUCT in tools and rng.random() >= share:
        name, arguments = _DEDUCT, _spent(request, tools[_DEDUCT], 1 - share, rng, best=False)
    call = called(name, json.dumps(arguments))
    return talk(request, warmth, rng), (call,)


def _spent(
    request: Request, tool: ToolSpec, share: float, rng: random.Random, *, best: bool
) -> Arguments:
    """Return on whom how much is spent: a share of the most, on who contributed most or least."""
    fields = fields_of(tool)
    member, points = fields.get("member"), fields.get("points")
    options = member.get("enum") if isinstance(member, dict) else None
    most = points.get("maximum") if isinstance(points, dict) else None
    names = [str(option) for option in options] if isinstance(options, list) else []
    found = {m["who"]: int(m["points"]) for m in _CONTRIBUTED.finditer(asked(request))}
    sums = [found.get(name, 0) for name in names]
    wanted = max(sums) if best else min(sums)
    target = rng.choice([name for name, given in zip(names, sums, strict=True) if given == wanted])
    high = most if isinstance(most, int) else 1
    return {"member": target, "points": 1 + round(share * (high - 1))}
