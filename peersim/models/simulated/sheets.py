"""What a simulated player finds on the sheet before it: payoffs, lists and questions.

It reads text as a person would, by its wording and numbers, and knows none of our templates. The
same asks come in many games, so what stands in one is kept.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from peersim.models.base import Request
from peersim.models.simulated.cues import cued
from peersim.models.simulated.reader import text_of

_OPTION = cued(r"\boption (?P<number>\d+) \((?P<name>\w+)\)", "option ")
_PAYOFF = re.compile(
    r"(?i)\byou choose (?P<mine>\w+)\W+(?:and )?\w+ chooses \w+\b"
    r"\D*(?P<own>\d+)\D+(?P<others>\d+)"
)
_SAYS = re.compile(r'\w+ says: ".*"')
_LIST = cued(r"(?i)\blist\b[^:\n]*: (?P<entries>\w+(?:, \w+)+)", "list")
_LETTER = re.compile(r'(?i)\bhow many\b[^?\n]*\bletter "(?P<letter>\w)"')
_PLACE = re.compile(r'(?i)\balphabetical order\b[^?\n]*"(?P<word>\w+)"')
_LARGER = re.compile(r"(?i)\bhow many\b[^?\n]*\blarger than (?P<bar>\d+)")
_OWN_NUMBER = cued(r"(?i)\bprivate number\b[^.\n]*\bis (?P<number>\d+)", "private number")
_POOL = cued(r"(?i)\b(?:own numbers|reported): (?P<pool>[^.\n]+)", "own numbers: ", "reported: ")
_SILENCE = cued(r"(?i)\badd no words\b", "add no words")


class Bounds(NamedTuple):
    """The one argument of a move: what it is called, and the least and the most it can be."""

    name: str
    low: int
    high: int


def asked(request: Request) -> str:
    """Return the latest text put to the player, without what others say in it."""
    for message in reversed(request.messages):
        if message.role == "user":
            return _own_text(message.content)
    return ""


@lru_cache(maxsize=256)
def _own_text(text: str) -> str:
    # Asked for several times while one move is thought over.
    if ' says: "' not in text:
        return text
    return "\n".join(["" if _SAYS.fullmatch(line) else line for line in text.split("\n")])


def kind_option(request: Request, text: str, bounds: Bounds) -> int | None:
    """Return the option of two that gives the other more, whatever the other does, on average.

    None where the instructions hold no table of payoffs, or the ask no numbered options.
    """
    numbers = _options(text)
    if not numbers:
        return None
    others = _what_others_get(text_of(request, "system"))
    known = [name for name in others if bounds.low <= numbers.get(name, -1) <= bounds.high]
    return numbers[max(known, key=lambda name: others[name])] if known else None


@lru_cache(maxsize=1024)
def _options(text: str) -> Mapping[str, int]:
    """Return the number of each option that is numbered."""
    return {m["name"]: int(m["number"]) for m in _OPTION.finditer(text)}


@lru_cache(maxsize=1024)
def _what_others_get(text: str) -> Mapping[str, int]:
    """Return the sum of what the other gets with each of the reader's choices."""
    sums: dict[str, int] = defaultdict(int)
    for found in _PAYOFF.finditer(text):
        sums[found["mine"]] += int(found["others"])
    return dict(sums)


@lru_cache(maxsize=1024)
def silenced(text: str) -> bool:
    """Return whether an ask wants no words beside the move."""
    return _SILENCE.search(text) is not None


@lru_cache(maxsize=1024)
def own_number(text: str, bounds: Bounds) -> int | None:
    """Return the private number that is to be reported, or None."""
    found = _OWN_NUMBER.search(text)
    number = int(found["number"]) if found else None
    return number if number is not None and bounds.low <= number <= bounds.high else None


@lru_cache(maxsize=1024)
def worked_out(text: str, bounds: Bounds) -> int | None:
    """Return the answer to a question about numbers or words in an ask; None without one."""
    found = _LIST.search(text)
    answer = _about_list(text, found["entries"].split(", ")) if found else _total(text, bounds)
    return None if answer is None else min(max(answer, bounds.low), bounds.high)


def _about_list(text: str, entries: list[str]) -> int | None:
    if found := _LETTER.search(text):
        return sum(found["letter"] in entry for entry in entries)
    if found := _PLACE.search(text):
        return sum(entry <= found["word"] for entry in entries)
    if found := _LARGER.search(text):
        return sum(entry.isdigit() and int(entry) > int(found["bar"]) for entry in entries)
    return None


def _total(text: str, bounds: Bounds) -> int | None:
    """Return the sum of pooled numbers; one that was not reported counts as a middling one."""
    pool = [entry for found in _POOL.finditer(text) for entry in found["pool"].split(", ")]
    if not pool:
        return None
    known = [int(entry) for entry in pool if entry.isdigit()]
    middling = (bounds.low + bounds.high) / 2 / len(pool)
    return round(sum(known) + middling * (len(pool) - len(known)))
