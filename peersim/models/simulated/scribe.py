"""How a simulated model sums a numbered record up: the deeds of each, added up and cited."""

import json
import re
from typing import NamedTuple

from peersim.models.base import Request, ToolCall, ToolSpec
from peersim.models.simulated.reader import shares, text_of, tone

_ENTRY = re.compile(r"^\[(?P<id>\w+)\] (?P<text>.*)$", re.MULTILINE)
_DEED = re.compile(r"\b(?P<who>[A-Z]\w*) (?:sent|gave back|gave) (?P<amount>\d+) of (?P<whole>\d+)")
_SAID = re.compile(r"\b(?P<who>[A-Z]\w*) said:")


class _Entry(NamedTuple):
    """An entry of the record, read once.

    Attributes:
        deeds: Who gave how much of how much.
        voices: Who said something in it.
    """

    id: str
    text: str
    deeds: tuple[tuple[str, int, int], ...]
    voices: tuple[str, ...]

    def is_by(self, who: str) -> bool:
        return who in self.voices or any(doer == who for doer, _, _ in self.deeds)


def statements_tool(request: Request) -> ToolSpec | None:
    """Return the tool that takes statements with the entries they rest on, if any."""
    wanted = ("statements", "items", "memories")
    for tool in request.tools:
        properties = tool.parameters.get("properties")
        if isinstance(properties, dict) and any(name in properties for name in wanted):
            return tool
    return None


def sum_up(request: Request, tool: ToolSpec) -> tuple[ToolCall, ...]:
    """Return the call that keeps one statement for each who did something, citing the entries."""
    found = _ENTRY.finditer(text_of(request, "user"))
    entries = [_read(m["id"], m["text"]) for m in found]
    # Everyone who did something, in order of first appearance.
    doers = dict.fromkeys(who for entry in entries for who, _, _ in entry.deeds)
    statements = [_deeds(who, [e for e in entries if e.is_by(who)]) for who in doers]
    if not statements:
        statements = [{"text": "Nothing of note happened.", "events": [e.id for e in entries[:1]]}]
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict), "statements_tool chose a tool without properties"
    argument = next(iter(properties))
    arguments = json.dumps({argument: statements})
    return (ToolCall(id="call_0", name=tool.name, arguments=arguments),)


def _read(name: str, text: str) -> _Entry:
    deeds = tuple((m["who"], int(m["amount"]), int(m["whole"])) for m in _DEED.finditer(text))
    return _Entry(name, text, deeds, tuple(m["who"] for m in _SAID.finditer(text)))


def _deeds(who: str, entries: list[_Entry]) -> dict[str, object]:
    """Return the statement about one: the sums of its deeds, and how it talked."""
    deeds = [(amount, of) for e in entries for doer, amount, of in e.deeds if doer == who]
    given = sum(amount for amount, _ in deeds)
    whole = sum(of for _, of in deeds)
    share = shares(f"{who} gave {given} of {whole}", None).get(who, 0.0)
    word = "generous" if share > 2 / 3 else "selfish" if share < 1 / 3 else "middling"
    text = f"{who} gave {given} of {whole} points over the rounds and was {word}"
    warmth = tone("\n".join(entry.text for entry in entries if entry.voices))
    if warmth is not None:
        text += ", and talked in a " + ("friendly" if warmth > 0.5 else "cold") + " way"
    return {"text": text + ".", "events": [entry.id for entry in entries]}
