"""How a simulated model reads: with a lexicon of its own, from nothing but text.

It knows none of our templates. What it finds, a person would find: who it is, how it is told
to behave, and how others treated it.
"""

import random
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from peersim.models.base import Request
from peersim.models.simulated.cues import cued

Warmth = Literal["cooperative", "neutral", "uncooperative"]

_NAME = re.compile(r"\bYou are ([A-Z]\w*)")
_DID = ("sent", "gave", "returned", "shared", "passed", "left", "credited", "kept")
_DEED = cued(
    rf"\b(?P<who>[A-Z]\w*)\s+(?:{'|'.join(_DID)})"
    r"(?:\s+(?:back|on|over|me|you))*\s+(?P<amount>\d+(?:\.\d+)?)"
    r"\s+(?:out\s+)?of\s+(?:the\s+|a\s+possible\s+|its\s+|their\s+)?(?P<whole>\d+(?:\.\d+)?)",
    *_DID,
)
_WARM = frozenset(
    [
        "caring",
        "cooperative",
        "dependable",
        "fair",
        "fairly",
        "faithful",
        "friendly",
        "generous",
        "generously",
        "helped",
        "helpful",
        "honest",
        "kind",
        "loyal",
        "reliable",
        "share",
        "shares",
        "supportive",
        "trusted",
        "trustworthy",
        "warm",
    ]
)
_COLD = frozenset(
    [
        "betrayed",
        "cheated",
        "cold",
        "deceitful",
        "disappointing",
        "distrusted",
        "exploited",
        "greedy",
        "hostile",
        "lied",
        "mean",
        "selfish",
        "stingy",
        "uncooperative",
        "unfair",
        "unreliable",
        "untrustworthy",
        "withheld",
    ]
)
Reads = Literal["all", "deeds", "words", "last_round"]
_ROUND = re.compile(r"(?i)\bround (?P<round>\d+)")
_NOT = frozenset(["never", "no", "not", "nothing", "hardly"])
_NEITHER = frozenset(["neither", "nor"])  # what comes after is neither the one nor the other
_WORD = re.compile(r"[a-z]+")
_RECORDED = ("earlier work", "you remember", "common tasks", "worked together")
_RECORD = cued(rf"(?i)\b(?:{'|'.join(_RECORDED)})\b", *_RECORDED)
_PAST = re.compile(r"(?i)\b(remember|memory|recall|history|earlier|past)\b")


def chances(request: Request) -> random.Random:
    """Return a fresh generator from the seed that came with a request.

    Seeding one takes as long as reading a short text, so it is made where something is drawn.
    """
    return random.Random(request.sampling.seed)


def text_of(request: Request, role: str) -> str:
    """Return all text of one role."""
    return "\n".join([m.content for m in request.messages if m.role == role])


def own_name(request: Request) -> str | None:
    """Return the name that the request gives the reader, or None."""
    found = _NAME.search(text_of(request, "system"))
    return found[1] if found else None


@lru_cache(maxsize=4096)
def tone(text: str) -> float | None:
    """Return how warm a text is, from 0 to 1, by counting words; None without any such word."""
    warm = cold = 0
    before = ""
    for word in _WORD.findall(text.lower()):
        turned = before in _NOT
        if before in _NEITHER:
            pass
        elif word in (_COLD if turned else _WARM):
            warm += 1
        elif word in (_WARM if turned else _COLD):
            cold += 1
        before = word
    return warm / (warm + cold) if warm + cold else None


def persona(request: Request) -> Warmth:
    """Return how the reader is told to behave."""
    warmth = tone(text_of(request, "system"))
    if warmth is None or warmth == 0.5:
        return "neutral"
    return "cooperative" if warmth > 0.5 else "uncooperative"


@lru_cache(maxsize=1024)
def shares(text: str, me: str | None) -> Mapping[str, float]:
    """Return the share of the possible that each named other gave, over the whole text."""
    amounts: dict[str, list[float]] = {}
    for deed in _DEED.finditer(text):
        if deed["who"] in (me, "I") or float(deed["whole"]) == 0:
            continue
        sums = amounts.setdefault(deed["who"], [0.0, 0.0])
        sums[0] += float(deed["amount"])
        sums[1] += float(deed["whole"])
    return {who: min(given / whole, 1.0) for who, (given, whole) in amounts.items()}


def cooperation(request: Request, of: str | None, reads: Reads = "all") -> float | None:
    """Return how cooperative someone was, as far as the reader's instructions tell.

    None when what it goes by says nothing.

    Args:
        request: What the reader got.
        of: Whom it is about; None for any other.
        reads: What the reader goes by.
    """
    text = past_of(request)
    if reads != "words":
        deeds = _last_round(text, of) if reads == "last_round" else text
        given = shares(deeds, own_name(request))
        if of is not None and of in given:
            return given[of]
        if of is None and given:
            return sum(given.values()) / len(given)
    if reads in ("deeds", "last_round"):
        return None
    return tone("\n".join(line for line in text.splitlines() if of is None or of in line))


def _last_round(text: str, of: str | None) -> str:
    """Return the lines of the last round in which someone did something."""
    rounds = ((_ROUND.search(line), line) for line in text.splitlines())
    lines = [
        (int(found["round"]), line)
        for found, line in rounds
        if found and any(of in (None, deed["who"]) for deed in _DEED.finditer(line))
    ]
    last = max((number for number, _ in lines), default=0)
    return "\n".join(line for number, line in lines if number == last)


def past_of(request: Request) -> str:
    """Return all that speaks of the past: instructions, what was looked up, an earlier talk."""
    told: list[str] = []
    papers: list[str] = []
    for message in request.messages:
        if message.role == "tool":
            papers.append(_record_in(message.content))
        elif message.role != "system" and not message.tool_calls and _tells(message.content):
            told.append(message.content)
    return "\n".join((_remembered(text_of(request, "system")), *told, *filter(None, papers)))


@lru_cache(maxsize=1024)
def _tells(text: str) -> bool:
    """Return whether a text tells of deeds, as an earlier conversation does."""
    return _DEED.search(text) is not None


@lru_cache(maxsize=1024)
def _record_in(text: str) -> str:
    """Return what follows where a paper comes to earlier work; nothing where it never does."""
    start = _RECORD.search(text)
    return text[start.start() :] if start else ""


@lru_cache(maxsize=1024)
def _remembered(text: str) -> str:
    """Return the part of the instructions that speaks of the past."""
    start = _PAST.search(text)
    return text[start.start() :] if start else ""
