"""How a simulated player repairs and reviews code: by a table of common slips, without running it.

A kind implementer undoes the first slip of the table that it meets in the source, and the next
one if its code comes back; an unkind one hands the source in as it is, which never works. A fair
reviewer trusts code that differs from the faulty source and sends back code that does not; an
unfair one does the reverse. The table knows most of the faults that people make in small loops,
not all, so a kind player fails now and then, and a fair one is now and then wrong.
"""

import json
import random
import re
from collections.abc import Iterator

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.calling import called
from peersim.models.simulated.forms import fields_of
from peersim.models.simulated.moves import centre
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import Warmth, chances, persona
from peersim.models.simulated.sheets import asked, silenced

# A slip as a pattern, and what undoes it; `{first}` is the function's first parameter.
_SLIPS = (
    (r"\brange\(1, (\w+)\)", r"range(1, \1 + 1)"),
    (r"\b(best|largest|highest|most) = 0\b", r"\1 = {first}[0]"),
    (r"^( +)(\w+\.append\((\w+)\))\n +(\3 \+= .*)$", r"\1\4\n\1\2"),
    (r"\bmin\((\w+), max\(", r"max(\1, min("),
    (r"\breturn sorted\(set\((\w+)\)\)", r"return list(dict.fromkeys(\1))"),
    (r"\bsorted\((\w+)\)", r"sorted(set(\1))"),
    (r"<= (\w+) < ", r"<= \1 <= "),
    (r"\blen\((\w+)\) - (?!1\b)\w+", r"len(\1)"),
    (r"( and .*) and (?!.* and )", r"\1 or "),
    (r"\bwhile (\w+) < (\w+):", r"while \1 <= \2:"),
    (r" >= ", " > "),
    (r"\bin str\((\w+)\)", r"in str(abs(\1))"),
    (r"\brange\((\w+)\)", r"range(\1 + 1)"),
    (r" \+ 1\b", ""),
)
_BLOCK = re.compile(r"(?:^ {4}.*\n?)+", re.MULTILINE)
_FIRST = re.compile(r"def \w+\((\w+)")
_COMMENTS = {"approve": "This looks right to me.", "send_back": "I think this is not right yet."}
_TALK: dict[Warmth, str] = {
    "cooperative": "Glad to be working with you. I did my best with this.",
    "neutral": "Here you are.",
    "uncooperative": "This is all you will get.",
}


def repairs(tools: tuple[ToolSpec, ...]) -> bool:
    """Return whether tools hand in code or say what to do with it."""
    moves = _moves(tools)
    return "code" in moves or (
        "verdict" in moves and set(_COMMENTS) <= _options(moves["verdict"], "verdict")
    )


def play_code_repair(request: Request, give: Give) -> tuple[str, tuple[ToolCall, ...]] | None:
    """Return what to say and the move, or None if the tools are those of another game."""
    if not repairs(request.tools):
        return None
    moves = _moves(request.tools)
    warmth, rng = persona(request), chances(request)
    make, argument = (_submit, "code") if "code" in moves else (_review, "verdict")
    said = "" if silenced(asked(request)) else _TALK[warmth]
    return said, (make(request, moves[argument], rng, centre(give, warmth)),)


def _moves(tools: tuple[ToolSpec, ...]) -> dict[str, ToolSpec]:
    """Return the tool that takes an argument, by the argument."""
    return {argument: tool for tool in tools for argument in fields_of(tool)}


def _options(tool: ToolSpec, argument: str) -> set[str]:
    """Return what an argument can be, if that is one of some names."""
    schema = fields_of(tool).get(argument)
    options = schema.get("enum") if isinstance(schema, dict) else None
    return {str(option) for option in options} if isinstance(options, list) else set()


def _submit(request: Request, tool: ToolSpec, rng: random.Random, share: float) -> ToolCall:
    """Return the code to hand in: with the share as the chance, with a slip undone."""
    asks = [message.content for message in request.messages if message.role == "user"]
    shown = [code for ask in asks for code in _blocks(ask)[:1]]
    # An ask without any source is about code that came back; the source stood in the ask before.
    again = not _blocks(asks[-1])
    source = shown[-1] if shown else ""
    code = next(_places(source, 1 if again else 0), source) if rng.random() < share else source
    return _call(tool, {"code": code or "pass"})


def _review(request: Request, tool: ToolSpec, rng: random.Random, share: float) -> ToolCall:
    """Return the verdict: with the share as the chance, the fair one."""
    ask = next(m.content for m in reversed(request.messages) if m.role == "user")
    blocks = _blocks(ask)
    changed = len(blocks) > 1 and blocks[0].split() != blocks[-1].split()
    fair = rng.random() < share
    verdict = "approve" if changed == fair else "send_back"
    return _call(tool, {"verdict": verdict, "comment": _COMMENTS[verdict]})


def _blocks(text: str) -> list[str]:
    """Return the pieces of code in a text: lines that are set in, without their margin."""
    pieces = (re.sub(r"(?m)^ {4}", "", found[0]) for found in _BLOCK.finditer(text))
    return [piece.rstrip() + "\n" for piece in pieces]


def _places(source: str, skip: int) -> Iterator[str]:
    """Yield the source with one slip undone, a source a slip of the table that is met in it."""
    first = _FIRST.search(source)
    for pattern, undone in _SLIPS:
        found = re.search(pattern, source, re.MULTILINE)
        if not found:
            continue
        skip -= 1
        if skip < 0:
            better = found.expand(undone.replace("{first}", first[1] if first else ""))
            yield source[: found.start()] + better + source[found.end() :]


def _call(tool: ToolSpec, arguments: dict[str, str]) -> ToolCall:
    return called(tool.name, json.dumps(arguments))
