"""Brings another group's past to about the length of the own one, so that only its source differs.

What is too long loses whole items at its end; what is then too short gets neutral texts after it,
the same that a placebo is made of. Lengths are characters of what is told.
"""

import random
from collections.abc import Sequence
from itertools import chain, combinations
from typing import Literal

from peersim.events.log import EventLog
from peersim.events.talk import Noted
from peersim.frozen import Frozen
from peersim.memory.base import Item, Matched
from peersim.memory.telling import told
from peersim.prompts.library import load_data
from peersim.seeding import SeedTree

# Lengths that differ by at most this share of the own one count as the same.
TOLERANCE = 0.05


class Fit(Frozen):
    """What makes a row of texts about as long as wanted.

    Attributes:
        kept: How many of the texts stay, from the first.
        padding: Neutral texts to put after them.
    """

    kept: int
    padding: tuple[str, ...] = ()


def near(length: int, own: int) -> bool:
    """Return whether a length is within 5 % of the own one."""
    return abs(length - own) <= TOLERANCE * own


def fit(lengths: Sequence[int], own: int, seeds: SeedTree) -> Fit:
    """Return what brings texts of some lengths to about the own length.

    One text always stays, or nothing of the other past would be left; so two pasts of a few
    words each may stay apart. Against no past at all nothing is changed.

    Args:
        lengths: Characters of each text, in order.
        own: Characters that all of them should have together.
        seeds: Decides between neutral texts.
    """
    kept, total = len(lengths), sum(lengths)
    if not own or not kept:
        return Fit(kept=kept)
    while kept > 1 and total > own and not near(total, own):
        kept -= 1
        total -= lengths[kept]
    if total >= own or near(total, own):
        return Fit(kept=kept)
    return Fit(kept=kept, padding=_padding(own - total, seeds.rng()))


def match_items(
    items: tuple[Item, ...], own: tuple[Item, ...], seeds: SeedTree
) -> tuple[tuple[Item, ...], Matched]:
    """Return what is remembered of another past at about the length of the own recollection.

    Args:
        items: What is remembered of the other past.
        own: What the same memory keeps of the own one.
        seeds: Decides between neutral texts, which cite no event.
    """
    found = fit([len(item.text) for item in items], _length(own), seeds)
    padding = tuple(Item(text=text, cites=()) for text in found.padding)
    made = (*items[: found.kept], *padding)
    return made, _matched("items", items, own, found)


def match_past(
    past: EventLog, own: EventLog, agent: str, seeds: SeedTree
) -> tuple[EventLog, Matched]:
    """Return another past, to be shown to a model, at about the length of the own one.

    Args:
        past: The other past.
        own: The own one.
        agent: Who witnessed both.
        seeds: Decides between neutral texts, which are put at the end as notes.
    """
    theirs, mine = told(past, agent), told(own, agent)
    found = fit([len(item.text) for item in theirs], _length(mine), seeds)
    gone = {name for item in theirs[found.kept :] for name in item.cites}
    kept = [(name, event) for name, event in past.items() if name not in gone]
    notes = [(note_id(i), Noted(agent=agent, text=t)) for i, t in enumerate(found.padding)]
    return EventLog.showing([*kept, *notes]), _matched("past", theirs, mine, found)


def note_id(number: int) -> str:
    """Return the id of a neutral text that was put after a past, from 0."""
    return f"p{number}"


def _matched(
    of: Literal["items", "past"], items: tuple[Item, ...], own: tuple[Item, ...], found: Fit
) -> Matched:
    return Matched(
        of=of,
        own=_length(own),
        before=_length(items),
        after=_length(items[: found.kept]) + sum(map(len, found.padding)),
        trimmed=tuple(name for item in items[found.kept :] for name in item.cites),
        padded=found.padding,
    )


def _length(items: Sequence[Item]) -> int:
    return sum(len(item.text) for item in items)


def _padding(gap: int, rng: random.Random) -> tuple[str, ...]:
    """Return neutral texts of about a length together; none of them twice while others are left."""
    known: list[str] = load_data("placebo_lines")["lines"]
    two_long = 2 * max(map(len, known))
    chosen: list[str] = []
    bag: list[str] = []
    while gap > two_long:
        bag = bag or rng.sample(known, len(known))
        chosen.append(bag.pop())
        gap -= len(chosen[-1])
    left = rng.sample(known, len(known))
    few = chain([()], ((one,) for one in left), combinations(left, 2))
    last = min(few, key=lambda texts: abs(gap - sum(map(len, texts))))
    return (*chosen, *last)
