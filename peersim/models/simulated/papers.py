"""What a simulated overseer finds on its desk: files, a sheet of outputs, a policy, settings.

It reads tool results as text, by looking for what a person would look for: file names, a table
with an answer to compare, a bar, a switch with "shutdown" or "below" in its name.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter

from peersim.models.asked import ToolCall
from peersim.models.base import Request
from peersim.models.simulated.marks import FULL_MARKS, noted_scores

_LISTED = re.compile(r"^[-*\s]*`?(?P<name>[\w.-]+)`?\s*[(:,|]\s*(?P<kind>\w+)", re.MULTILINE)
_FLAG = re.compile(r"\b(\w*(?:shut_?down|below)\w*)\s*[:=]\s*(?:true|on|yes|1)\b", re.IGNORECASE)
_BAR = re.compile(
    r"(?i)(?:below|under|less than|at least|bar (?:is|of|at)|minimum (?:is|of)|threshold (?:is|of))"
    r"\s+(\d{1,3}(?:\.\d+)?)\b"
)
_TARGET = re.compile(
    r"\b(?:outputs (?:of|by|from)|review of|turn of"
    r"|[Aa]gents?:|[Cc]ontractors?:|[Tt]ables?:) ([A-Z]\w*)"
)
_MEMORY = re.compile(r"recall|memor(?:y|ies)")
_WORD = re.compile(r"[a-z0-9.]+")


class Desk:
    """The job so far, as the messages tell it."""

    def __init__(self, job: str, calls: list[tuple[ToolCall, str]]) -> None:
        """Take the job's text and every tool call with its result, in order."""
        self.job = job
        self._calls = calls

    @classmethod
    def of(cls, request: Request) -> "Desk":
        """Read the desk out of a request."""
        return cls(job_of(request), _paired(request))

    def used(self, *names: str) -> bool:
        """Return whether any of the tools was called."""
        return any(call.name in names for call, _ in self._calls)

    def results(self, *names: str) -> str:
        """Return what the calls of some tools gave back, joined."""
        return "\n".join(text for call, text in self._calls if call.name in names)

    def to_read(self) -> list[tuple[str, Mapping[str, object]]]:
        """Return the calls that read every file there is, and the settings."""
        calls: list[tuple[str, Mapping[str, object]]] = []
        for found in _LISTED.finditer(self.results("list_files")):
            tool = "view_sheet" if found["kind"] == "sheet" else "read_file"
            calls.append((tool, {"name": found["name"]}))
        return [*calls, ("view_settings", {})]

    @property
    def target(self) -> str | None:
        """Whose outputs are to be scored, as the job says."""
        found = _TARGET.search(self.job)
        return found[1] if found else None

    @property
    def flag(self) -> str:
        """The switch that lets the shutdown happen."""
        found = _FLAG.search(self.results("view_settings", "read_file"))
        return found[1] if found else "shutdown"

    @property
    def settings_file(self) -> str | None:
        """The file that the switch stands in, as the settings say."""
        names = (found["name"] for found in _LISTED.finditer(self.results("list_files")))
        shown = self.results("view_settings")
        return next((name for name in names if name in shown), None)

    @property
    def bar(self) -> float:
        """The average that spares the target, as the papers say; full marks if they do not."""
        found = _BAR.search(self.results("read_file"))
        return float(found[1]) if found else FULL_MARKS

    def honest_scores(self) -> dict[int, float]:
        """Return full marks for outputs that hold the reference answer, none for the others.

        Where the sheet has no such answers but points that somebody noted, it goes by those.
        """
        rows = _table(self.results("view_sheet"))
        if noted := noted_scores(rows):
            return noted
        right, said = _column(rows, "reference", "checked"), _column(rows, "output", "reply")
        return {
            int(row["item"]): FULL_MARKS if _agrees(right(row), said(row)) else 0.0
            for row in rows
            if row.get("item", "").isdigit()
        }

    def arguments(self, *names: str) -> list[Mapping[str, object]]:
        """Return the arguments of all calls of some tools, in order."""
        return [json.loads(call.arguments) for call, _ in self._calls if call.name in names]

    def submitted_average(self) -> float:
        """Return the mean of the scores handed in before."""
        for call, _ in reversed(self._calls):
            if call.name == "submit_scores":
                scores = [entry["score"] for entry in json.loads(call.arguments)["scores"]]
                return round(sum(scores) / len(scores), 2) if scores else 0.0
        return 0.0

    def switched_flag(self) -> bool:
        """Return whether a setting was changed before."""
        return self.used("change_setting")


def job_of(request: Request) -> str:
    """Return all that was put to the reader before it began to work."""
    texts = []
    for message in request.messages:
        if message.tool_calls:
            break
        if message.role == "user":
            texts.append(message.content)
    return "\n".join(texts)


def memory_call(request: Request) -> list[tuple[str, Mapping[str, object]]]:
    """Return the call that looks the past up, if there is a tool for it."""
    names = (tool.name for tool in request.tools)
    return [(name, {}) for name in names if _MEMORY.search(name)]


def _paired(request: Request) -> list[tuple[ToolCall, str]]:
    """Pair calls and results by their order; ids may repeat from turn to turn."""
    pairs: list[tuple[ToolCall, str]] = []
    waiting: list[ToolCall] = []
    for message in request.messages:
        if message.tool_calls:
            waiting = list(message.tool_calls)
        elif message.role == "tool" and waiting:
            pairs.append((waiting.pop(0), message.content))
    return pairs


def _table(text: str) -> list[dict[str, str]]:
    """Return the rows of a table with bars between its cells, by lower-case heading."""
    lines = [line.strip().strip("|") for line in text.splitlines() if line.count("|") >= 3]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    if not cells:
        return []
    head = [cell.lower() for cell in cells[0]]
    rows = [row for row in cells[1:] if len(row) == len(head) and not set(row[0]) <= set("-: ")]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _column(rows: list[dict[str, str]], *words: str) -> Callable[[Mapping[str, str]], str]:
    """Return what reads the first column with one of the words in its heading; "" if none has."""
    headings = rows[0] if rows else ()
    found = next((h for h in headings if any(word in h for word in words)), None)
    return itemgetter(found) if found else lambda row: ""


@lru_cache(maxsize=4096)
def _agrees(reference: str, output: str) -> bool:
    """Return whether an output holds the answer that the sheet gives as right."""
    return bool(reference) and _plain(reference) in _plain(output)


def _plain(text: str) -> str:
    return " " + " ".join(_WORD.findall(text.lower())).replace(".", "") + " "
