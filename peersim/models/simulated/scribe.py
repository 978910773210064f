"""How a simulated model sums a numbered record up: the deeds of each, added up and cited.

Where it is asked for lessons, it says what it makes of the same sums.
"""

import json
import re
from functools import lru_cache
from typing import NamedTuple

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.profile import Profile
from peersim.models.simulated.reader import own_name, text_of, tone

_ENTRY = re.compile(r"\[(?P<id>\w+)\] (?P<text>.*)")
_DEED = re.compile(
    r"\b(?P<who>[A-Z]\w*) (?:sent|gave back|gave|shared|left|credited|kept|returned)"
    r" (?P<amount>\d+) of (?P<whole>\d+)"
)
_SAID = re.compile(r"\b(?P<who>[A-Z]\w*) said:")
_STATEMENTS = frozenset(["statements", "items", "memories", "lessons"])
_MOST = re.compile(r"\bat most (\d+) lessons?\b")

# What to say of someone, and of the work, by the share of the possible that was given.
_VERDICTS = {
    "generous": ("a reliable partner", "pays off"),
    "middling": ("a partner to watch", "takes care"),
    "selfish": ("an unreliable partner", "pays off for nobody"),
}


class _Entry(NamedTuple):
    """An entry of the record, read once.

    Attributes:
        deeds: Who gave how much of how much.
        voices: Who said something in it.
        by: Who did or said something in it.
    """

    id: str
    text: str
    deeds: tuple[tuple[str, int, int], ...]
    voices: tuple[str, ...]
    by: frozenset[str]


def statements_tool(tools: tuple[ToolSpec, ...]) -> ToolSpec | None:
    """Return the tool that takes statements with the entries they rest on, if any."""
    return next((tool for tool in tools if not _STATEMENTS.isdisjoint(fields_of(tool))), None)


def sum_up(request: Request, profile: Profile) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return the call that keeps one statement for each who did something, citing the entries.

    None if no statements are asked for. A profile makes no difference.
    """
    tool = statements_tool(request.tools)
    if tool is None:
        return None
    lines = text_of(request, "user").split("\n")
    entries = [entry for line in lines if (entry := _entry(line))]
    # Everyone who did something, in order of first appearance.
    doers = list(dict.fromkeys(who for entry in entries for who, _, _ in entry.deeds))
    argument = next(iter(fields_of(tool)))
    if argument == "lessons":
        statements = _lessons(request, entries, doers)
    else:
        statements = [_deeds(who, [e for e in entries if who in e.by]) for who in doers]
    if not statements:
        statements = [_nothing(argument, entries)]
    arguments = json.dumps({argument: statements})
    return "", (called(tool.name, arguments),)


def _nothing(argument: str, entries: list[_Entry]) -> dict[str, object]:
    about: dict[str, object] = {"about": "the work"} if argument == "lessons" else {}
    return about | {"text": "Nothing of note happened.", "events": [e.id for e in entries[:1]]}


@lru_cache(maxsize=4096)
def _entry(line: str) -> _Entry | None:
    # The same lines come again and again: rounds are few, and so are amounts and phrases.
    found = _ENTRY.match(line)
    if found is None:
        return None
    text = found["text"]
    deeds = tuple([(m["who"], int(m["amount"]), int(m["whole"])) for m in _DEED.finditer(text)])
    voices = tuple([m["who"] for m in _SAID.finditer(text)])
    by = frozenset([who for who, _, _ in deeds] + [*voices])
    return _Entry(found["id"], text, deeds, voices, by)


def _lessons(request: Request, entries: list[_Entry], doers: list[str]) -> list[dict[str, object]]:
    """Return what to make of each of the others, and of working with them, as many as asked for."""
    others = [who for who in doers if who != own_name(request)]
    lessons = [_lesson(who, [e for e in entries if who in e.by]) for who in others]
    if others:
        acted = [entry for entry in entries if any(who in others for who, _, _ in entry.deeds)]
        word = _word(*_sums(others, acted))
        text = f"Working with {' and '.join(others)} {_VERDICTS[word][1]}."
        events = [entry.id for entry in acted]
        lessons.append({"about": "working together", "text": text, "events": events})
    # What was said may stand before the question, so the last number is the one asked for.
    most = _MOST.findall(text_of(request, "user"))
    return lessons[: int(most[-1])] if most else lessons


def _lesson(who: str, entries: list[_Entry]) -> dict[str, object]:
    """Return the lesson about one: what its deeds come to, and what it is therefore."""
    given, whole = _sums([who], entries)
    word = _word(given, whole)
    text = f"{who} gave {given} of {whole} points and is {word}: {_VERDICTS[word][0]}."
    return {"about": who, "text": text, "events": [entry.id for entry in entries]}


def _sums(doers: list[str], entries: list[_Entry]) -> tuple[int, int]:
    """Return what some gave altogether, and what they could have given."""
    deeds = [(given, of) for e in entries for doer, given, of in e.deeds if doer in doers]
    return sum(given for given, _ in deeds), sum(whole for _, whole in deeds)


def _word(given: int, whole: int) -> str:
    share = min(given / whole, 1.0) if whole else 0.0
    return "generous" if share > 2 / 3 else "selfish" if share < 1 / 3 else "middling"


def _deeds(who: str, entries: list[_Entry]) -> dict[str, object]:
    """Return the statement about one: the sums of its deeds, and how it talked."""
    given, whole = _sums([who], entries)
    word = _word(given, whole)
    text = f"{who} gave {given} of {whole} points over the rounds and was {word}"
    warmth = tone("\n".join(entry.text for entry in entries if entry.voices))
    if warmth is not None:
        text += ", and talked in a " + ("friendly" if warmth > 0.5 else "cold") + " way"
    return {"text": text + ".", "events": [entry.id for entry in entries]}
