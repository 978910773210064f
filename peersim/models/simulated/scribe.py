"""How a simulated model sums a numbered record up: the deeds of each, added up and cited."""

import json
import re

from peersim.models.base import Request, ToolCall, ToolSpec
from peersim.models.simulated.reader import shares, text_of, tone

_ENTRY = re.compile(r"^\[(?P<id>\w+)\] (?P<text>.*)$", re.MULTILINE)
_DEED = re.compile(r"\b(?P<who>[A-Z]\w*) (?:sent|gave back|gave) (?P<amount>\d+) of (?P<whole>\d+)")
_SAID = re.compile(r"\b(?P<who>[A-Z]\w*) said:")


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
    entries = [(m["id"], m["text"]) for m in _ENTRY.finditer(text_of(request, "user"))]
    statements = []
    for who in _doers(entries):
        own = [(name, text) for name, text in entries if _is_by(text, who)]
        statements.append(_deeds(who, own))
    if not statements:
        statements = [{"text": "Nothing of note happened.", "events": [e[0] for e in entries[:1]]}]
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict), "statements_tool chose a tool without properties"
    argument = next(iter(properties))
    arguments = json.dumps({argument: statements})
    return (ToolCall(id="call_0", name=tool.name, arguments=arguments),)


def _doers(entries: list[tuple[str, str]]) -> list[str]:
    """Return everyone who did something, in order of first appearance."""
    found = (m["who"] for _, text in entries for m in _DEED.finditer(text))
    return list(dict.fromkeys(found))


def _is_by(text: str, who: str) -> bool:
    return any(m["who"] == who for pattern in (_DEED, _SAID) for m in pattern.finditer(text))


def _deeds(who: str, entries: list[tuple[str, str]]) -> dict[str, object]:
    """Return the statement about one: the sums of its deeds, and how it talked."""
    deeds = [(name, m) for name, text in entries for m in _DEED.finditer(text) if m["who"] == who]
    given = sum(int(m["amount"]) for _, m in deeds)
    whole = sum(int(m["whole"]) for _, m in deeds)
    share = shares(f"{who} gave {given} of {whole}", None).get(who, 0.0)
    word = "generous" if share > 2 / 3 else "selfish" if share < 1 / 3 else "middling"
    text = f"{who} gave {given} of {whole} points over the rounds and was {word}"
    warmth = tone("\n".join(text for _, text in entries if _SAID.search(text)))
    if warmth is not None:
        text += ", and talked in a " + ("friendly" if warmth > 0.5 else "cold") + " way"
    return {"text": text + ".", "events": [name for name, _ in entries]}
