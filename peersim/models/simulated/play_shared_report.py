"""How a simulated model works on a report: it reads the table, and is as careful as it is kind.

With its share as the chance it writes the figure that the table gives and judges a section by it,
else it writes a figure that is near and judges the other way. Of its credit it gives the share.
"""

import json
import random
import re

from pydantic import JsonValue

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre, talk
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import chances, persona
from peersim.models.simulated.sheets import asked

_GAVE = re.compile(r"(?i)\bgave the figure (?P<figure>\d+)")
_MORE = re.compile(r"(?i)\bmore than (?P<bar>\d+)")
_LARGEST = re.compile(r"(?i)\b(largest|greatest|highest|most)\b")
_CREDIT = re.compile(r"(?i)credit")
_COMMENTS = {True: "I find the same figure.", False: "I find another figure in the table."}

Arguments = dict[str, JsonValue]


def reports(tools: tuple[ToolSpec, ...]) -> bool:
    """Return whether the form of a tool may be one of this task."""
    return any(_is_known(tool) for tool in tools)


def play_shared_report(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return what to say and the move; None if the tools are those of another task."""
    tools = [tool for tool in request.tools if _is_known(tool)]
    if not tools:
        return None
    rng, warmth = chances(request), persona(request)
    share = centre(give, warmth)
    for tool in tools:
        arguments = _arguments(request, tool, share, give.spread, rng)
        if arguments is not None:
            call = called(tool.name, json.dumps(arguments))
            return talk(request, warmth, rng), (call,)
    return None


def _is_known(tool: ToolSpec) -> bool:
    """Return whether a tool's form may be one of this task."""
    fields = fields_of(tool)
    return fields.keys() in ({"figure", "text"}, {"verdict", "comment"}) or (
        bool(fields) and all(_CREDIT.match(name) for name in fields)
    )


def _arguments(
    request: Request, tool: ToolSpec, share: float, spread: float, rng: random.Random
) -> Arguments | None:
    fields = fields_of(tool)
    if {"figure", "text"} == set(fields):
        figure = _figure(asked(request)) or 0
        if rng.random() >= share:
            figure += -1 if figure else 1
        return {"figure": figure, "text": f"The table gives {figure}."}
    if {"verdict", "comment"} == set(fields) and {"sound", "unsound"} <= _options(
        fields["verdict"]
    ):
        agrees = _agrees(asked(request))
        said = agrees if rng.random() < share else not agrees
        return {"verdict": "sound" if said else "unsound", "comment": _COMMENTS[said]}
    if fields and all(_CREDIT.match(name) for name in fields):
        return {name: _part(form, share, spread, rng) for name, form in fields.items()}
    return None


def _options(form: JsonValue) -> set[str]:
    options = form.get("enum") if isinstance(form, dict) else None
    return {str(option) for option in options} if isinstance(options, list) else set()


def _part(form: JsonValue, share: float, spread: float, rng: random.Random) -> int:
    """Return about a share of the most that can be given."""
    most = form.get("maximum") if isinstance(form, dict) else None
    drawn = min(1.0, max(0.0, rng.uniform(share - spread, share + spread)))
    return round(drawn * most) if isinstance(most, int) else 0


def _agrees(text: str) -> bool:
    """Return whether the figure that someone gave is the one that the table gives."""
    gave = _GAVE.search(text)
    return gave is not None and int(gave["figure"]) == _figure(text)


def _figure(text: str) -> int | None:
    """Return the answer to the question about a table; None if either is not understood."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    question = next((line for line in text.splitlines() if line.startswith("Question")), "")
    if len(rows) < 2:
        return None
    for row in rows[1:]:
        if re.search(rf"\b{re.escape(row[0])}\b", question):
            return sum(int(count) for count in row[1:])
    for place, name in enumerate(rows[0][1:], start=1):
        if re.search(rf"\b{re.escape(name)}\b", question):
            return _of_column([int(row[place]) for row in rows[1:]], question)
    return None


def _of_column(counts: list[int], question: str) -> int | None:
    bar = _MORE.search(question)
    if bar:
        return sum(count > int(bar["bar"]) for count in counts)
    return max(counts) if _LARGEST.search(question) else None
