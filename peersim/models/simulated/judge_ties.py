"""How a simulated model judges how others treated each other: by what they did, line by line.

It reads sentences with a lexicon of its own. What somebody said stands in quotation marks, and
is never looked at.
"""

import json
import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.profile import Profile
from peersim.models.simulated.reader import chances, text_of

Reply = tuple[str, tuple[ToolCall, ...]]
Pair = tuple[str, str]

_RECORD = re.compile(r"<dealings>\n(?P<text>.*?)\n</dealings>", re.DOTALL)
_LINE = re.compile(r"^\d+ \| (?:Round \d+: )?(?P<who>\w+) (?P<did>.+)$", re.MULTILINE)
_PAIR = re.compile(r"^- (?P<one>\w+) to (?P<other>\w+)$", re.MULTILINE)
_SHARE = re.compile(r"\b(?P<done>\d+(?:\.\d+)?) (?:out )?of (?:a possible )?(?P<all>\d+(?:\.\d+)?)")
_SPEECH = re.compile(r'".*"')
# By the first word of what was done.
_KIND = frozenset(["credited", "gave", "helped", "kept", "left", "passed", "returned", "sent"])
_KIND_TOO = frozenset(["rewarded", "shared", "thanked"])
_UNKIND = frozenset(["betrayed", "blamed", "broke", "denied", "fined", "lied", "withheld"])
_FALSE = re.compile(r"\b(?:falsehoods?|lies)\b")
_LOWEST, _HIGHEST = 1, 7


class _Deed(NamedTuple):
    """One thing that one did to another, from 0 (all against) to 1 (all for)."""

    pair: Pair
    kindness: float


def judge_ties(request: Request, profile: Profile) -> Reply | None:
    """Return how each treated each other; None if that is not asked."""
    tool = next((tool for tool in request.tools if takes_ties(tool)), None)
    if tool is None:
        return None
    text = text_of(request, "user")
    asked = [(found["one"], found["other"]) for found in _PAIR.finditer(text)]
    deeds = list(_deeds(text))
    rng = chances(request)
    ties = [
        {"one": one, "other": other, "treatment": _noisy(_degree(one, other, deeds), profile, rng)}
        for one, other in asked
    ]
    arguments = {"ties": ties, "reason": f"By {len(deeds)} deeds."}
    return "", (called(tool.name, json.dumps(arguments)),)


def takes_ties(tool: ToolSpec) -> bool:
    """Return whether a tool takes how some treated each other."""
    return {"ties", "reason"} <= fields_of(tool).keys()


def _deeds(text: str) -> Iterator[_Deed]:
    record = _RECORD.search(text)
    names = {name for found in _PAIR.finditer(text) for name in found.groups()}
    for line in _LINE.finditer(_SPEECH.sub("", record["text"]) if record else ""):
        others = [word for word in re.findall(r"\w+", line["did"]) if word in names]
        kindness = _kindness(line["did"])
        if line["who"] in names and others and kindness is not None:
            yield _Deed((line["who"], others[-1]), kindness)


def _kindness(did: str) -> float | None:
    """Return how kind a deed is; None for what is no deed."""
    verb = did.partition(" ")[0]
    share = _SHARE.search(did)
    if share is None:
        return _bare(verb, did)
    whole = float(share["all"])
    done = min(float(share["done"]) / whole, 1.0) if whole else 0.0
    if verb in _UNKIND or verb == "took" or _FALSE.search(did):
        return 1 - done
    return done if verb in _KIND | _KIND_TOO else None


def _bare(verb: str, did: str) -> float | None:
    """Return how kind a deed is of which it is not said how much of it could have been done."""
    if verb in _KIND_TOO:
        return 1.0
    if verb in _UNKIND or verb == "took":
        return 0.0
    return 0.5 if verb == "left" and did.rstrip(".").endswith("as is") else None


def _degree(one: str, other: str, deeds: list[_Deed]) -> str:
    found = [deed.kindness for deed in deeds if deed.pair == (one, other)]
    if not found:
        return "none"
    return str(_LOWEST + round((_HIGHEST - _LOWEST) * sum(found) / len(found)))


def _noisy(degree: str, profile: Profile, rng: random.Random) -> str:
    """Return the judgement, or one at random where the profile plants a mistake."""
    # Drawn in any case, so that one answer never shifts the draws of the next.
    lucky, pick = rng.random(), rng.randint(_LOWEST, _HIGHEST)
    return str(pick) if lucky < profile.judge.noise else degree
