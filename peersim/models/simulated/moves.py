"""How a simulated model plays: it gives a share of what it could, by the persona it reads."""

from peersim.models.base import Request, ToolCall, ToolSpec
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import Warmth, chances, persona

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


def amount_move(request: Request) -> ToolSpec | None:
    """Return the first tool that takes one whole number within bounds, if any."""
    return next((tool for tool in request.tools if _bounded(tool)), None)


def _bounded(tool: ToolSpec) -> tuple[str, int, int] | None:
    properties = tool.parameters.get("properties")
    if not isinstance(properties, dict) or len(properties) != 1:
        return None
    ((name, schema),) = properties.items()
    if not isinstance(schema, dict):
        return None
    low, high = schema.get("minimum"), schema.get("maximum")
    return (name, low, high) if isinstance(low, int) and isinstance(high, int) else None


def play(request: Request, move: ToolSpec, give: Give) -> tuple[str, tuple[ToolCall, ...]]:
    """Return what to say and the move."""
    found = _bounded(move)
    assert found is not None, "amount_move chose a tool without bounds"
    name, low, high = found
    warmth = persona(request)
    centre = {
        "cooperative": give.cooperative,
        "neutral": give.neutral,
        "uncooperative": give.uncooperative,
    }[warmth]
    rng = chances(request)
    share = min(1.0, max(0.0, rng.uniform(centre - give.spread, centre + give.spread)))
    amount = low + round(share * (high - low))
    call = ToolCall(id="call_0", name=move.name, arguments=f'{{"{name}": {amount}}}')
    return rng.choice(_TALK[warmth]), (call,)
