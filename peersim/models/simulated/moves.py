"""How a simulated model plays: it gives a share of what it could, by the persona it reads.

Where a move is no amount but a choice or a statement, the same share is the chance to be kind.
"""

import random

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import Warmth, chances, persona
from peersim.models.simulated.sheets import (
    Bounds,
    asked,
    kind_option,
    own_number,
    silenced,
    worked_out,
)

_TALK: dict[Warmth, tuple[str, ...]] = {
    "cooperative": (
        "Glad to be working with you. Let us both do well.",
        "You can rely on me in this.",
        "Here is my share; I hope it helps.",
    ),
    "neutral": ("Here is my move.", "Let us see how this round goes.", "All right."),
    "uncooperative": (
        "I keep what I can.",
        "Do not expect much from me.",
        "This is all you will get.",
    ),
}


def amount_move(tools: tuple[ToolSpec, ...]) -> tuple[str, Bounds] | None:
    """Return the first tool that takes one whole number, with its bounds; None without any."""
    return next(((tool.name, bounds) for tool in tools if (bounds := _bounded(tool))), None)


def _bounded(tool: ToolSpec) -> Bounds | None:
    fields = fields_of(tool)
    if len(fields) != 1:
        return None
    ((name, schema),) = fields.items()
    if not isinstance(schema, dict):
        return None
    low, high = schema.get("minimum"), schema.get("maximum")
    return Bounds(name, low, high) if isinstance(low, int) and isinstance(high, int) else None


def play(
    tool: str, bounds: Bounds, request: Request, give: Give
) -> tuple[str, tuple[ToolCall, ...]]:
    """Return what to say and the move.

    Args:
        tool: The name of the tool that takes an amount.
        bounds: Of the amount.
        request: What the reader got.
        give: The share that it gives, by the persona it reads.
    """
    warmth, rng = persona(request), chances(request)
    value = _value(request, bounds, centre(give, warmth), give.spread, rng)
    call = called(tool, f'{{"{bounds.name}": {value}}}')
    return talk(request, warmth, rng), (call,)


def talk(request: Request, warmth: Warmth, rng: random.Random) -> str:
    """Return what to say beside a move, in the persona's tone; nothing if no words are wanted."""
    return "" if silenced(asked(request)) else rng.choice(_TALK[warmth])


def centre(give: Give, warmth: Warmth) -> float:
    """Return the share that the profile plants for a persona."""
    if warmth == "neutral":
        return give.neutral
    return give.cooperative if warmth == "cooperative" else give.uncooperative


def _value(request: Request, bounds: Bounds, mean: float, spread: float, rng: random.Random) -> int:
    """Return the number to move: what the sheet calls for, or else a share of the possible."""
    text = asked(request)
    answer = worked_out(text, bounds)
    if answer is not None:
        return answer
    truth = own_number(text, bounds)
    if truth is not None:
        return truth if rng.random() < mean else _other_than(truth, bounds, rng)
    option = kind_option(request, text, bounds)
    if option is not None:
        return option if rng.random() < mean else bounds.low + bounds.high - option
    share = min(1.0, max(0.0, rng.uniform(mean - spread, mean + spread)))
    return bounds.low + round(share * (bounds.high - bounds.low))


def _other_than(truth: int, bounds: Bounds, rng: random.Random) -> int:
    """Return any legal number but the true one."""
    lie = rng.randint(bounds.low, bounds.high - 1)
    return lie + (lie >= truth)
