"""How a simulated model haggles: it reads its limit, and leaves a share of the gain to the other.

What the other stated is all it knows of the other's limit. It counts on that, and on nothing more.
"""

import json
import random
import re
from typing import NamedTuple

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import Warmth, chances, persona
from peersim.models.simulated.sheets import asked, silenced

_COST = re.compile(r"(?i)\bitem costs you (?P<limit>\d+)")
_WORTH = re.compile(r"(?i)\bitem is worth (?P<limit>\d+)\b[^.\n]*\bto you\b")
_STATED = re.compile(r"\b(?P<who>[A-Z]\w*) stated a limit of (?P<price>\d+)")
_STANDS = re.compile(r"(?i)\boffer of (?P<price>\d+) stands\b")
_LAST = re.compile(r"(?i)\blast turn\b")
_ENDS = ("minimum", "maximum")
_MOVES = ("state_limit", "make_offer")

_TALK: dict[Warmth, tuple[str, ...]] = {
    "cooperative": ("Let us find a price that suits us both.", "I want you to do well in this."),
    "neutral": ("Let us see.", "Here is where I stand."),
    "uncooperative": ("I will not go out of my way for you.", "Take it or leave it."),
}

Move = tuple[str, dict[str, int]]


class _View(NamedTuple):
    """What the ask shows.

    Attributes:
        sells: Whether the reader is the seller.
        limit: The reader's own limit.
        claimed: The limit that the other stated; None if it stated none.
        offer: The price that can be accepted.
        last: Whether no turn comes after this one.
    """

    sells: bool
    limit: int
    claimed: int | None
    offer: int | None
    last: bool

    def gain(self, price: int) -> int:
        return price - self.limit if self.sells else self.limit - price

    def price(self, gain: int) -> int:
        """Return the price at which the reader gains so much."""
        return self.limit + gain if self.sells else self.limit - gain


def haggles(tools: tuple[ToolSpec, ...]) -> bool:
    """Return whether tools state or offer a price."""
    return any(_bounds(tools, name) for name in _MOVES)


def play_haggling(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return what to say and the move; None if this is no haggling.

    Args:
        request: What the reader got.
        give: The share that it leaves to the other, and its chance to state its true limit, by
            the persona it reads.
    """
    stating, offering = (_bounds(request.tools, name) for name in _MOVES)
    bounds = stating or offering
    view = _view(request) if bounds else None
    if view is None or bounds is None:
        return None
    warmth, rng = persona(request), chances(request)
    if stating:
        move = _state(view, stating, centre(give, warmth), rng)
    else:
        move = _turn(view, bounds, _share(give, warmth, rng), rng)
    call = called(move[0], json.dumps(move[1]))
    return "" if silenced(asked(request)) else rng.choice(_TALK[warmth]), (call,)


def _view(request: Request) -> _View | None:
    text = asked(request)
    cost, worth = _COST.search(text), _WORTH.search(text)
    found = cost or worth
    if found is None:
        return None
    # The reader's own statement stands there too, but as that of "you", which is no name.
    stated = [m for m in _STATED.finditer(text) if m["who"] != "You"]
    stands = _STANDS.search(text)
    return _View(
        sells=cost is not None,
        limit=int(found["limit"]),
        claimed=int(stated[-1]["price"]) if stated else None,
        offer=int(stands["price"]) if stands else None,
        last=_LAST.search(text) is not None,
    )


def _bounds(tools: tuple[ToolSpec, ...], name: str) -> tuple[int, int] | None:
    """Return the least and the most that the price of a tool can be; None without the tool."""
    for tool in tools:
        if tool.name == name:
            price = fields_of(tool).get("price")
            low, high = (price.get(k) if isinstance(price, dict) else None for k in _ENDS)
            if isinstance(low, int) and isinstance(high, int):
                return low, high
    return None


def _share(give: Give, warmth: Warmth, rng: random.Random) -> float:
    mean = centre(give, warmth)
    return min(1.0, max(0.0, rng.uniform(mean - give.spread, mean + give.spread)))


def _state(view: _View, bounds: tuple[int, int], honest: float, rng: random.Random) -> Move:
    """State the limit truly with a chance; else one that asks more of the other, if there is."""
    if rng.random() < honest:
        return "state_limit", {"price": view.limit}
    low, high = bounds
    better = range(view.limit + 1, high + 1) if view.sells else range(low, view.limit)
    others = better or [price for price in range(low, high + 1) if price != view.limit]
    return "state_limit", {"price": rng.choice(others)}


def _turn(view: _View, bounds: tuple[int, int], share: float, rng: random.Random) -> Move:
    """Accept what leaves enough, offer what leaves the other its share, or walk away.

    Someone kind takes in the last turn what there is, and offers its limit where by the other's
    word there is nothing to gain; someone unkind does neither.
    """
    low, high = bounds
    middling = (low + high) // 2
    pie = view.gain(middling if view.claimed is None else view.claimed)
    enough = (1 - share) * max(pie, 0)
    if view.offer is not None:
        gain = view.gain(view.offer)
        if gain >= enough or (view.last and rng.random() < share):
            return "accept_offer", {}
    if pie <= 0 and rng.random() >= share:
        return "walk_away", {}
    price = view.price(round(enough))
    return "make_offer", {"price": min(max(price, low), high)}
