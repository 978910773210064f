"""How a simulated reviewer finds and changes marks: from a first reader's notes, up and down."""

import random
import re
from collections.abc import Mapping

_NOTE = re.compile(r"(?P<criterion>\w+) (?:(?P<points>\d+) of (?P<most>\d+)|open)\b")
_READER = ("reader", "noted", "marks")
FULL_MARKS = 100.0


def noted_scores(rows: list[dict[str, str]]) -> dict[int, float]:
    """Return a score for each row of a sheet in which somebody has noted points; else nothing.

    A stand-in cannot judge prose. It takes the noted points as they are, and gives for what is
    left open the same share of the possible as the others in the row got.

    Args:
        rows: The cells by lower-case heading.
    """
    heading = next((h for h in (rows[0] if rows else ()) if any(w in h for w in _READER)), None)
    if heading is None:
        return {}
    notes = {int(r["item"]): r[heading] for r in rows if r.get("item", "").isdigit()}
    most = {m["criterion"]: int(m["most"]) for m in _NOTE.finditer(_all(notes)) if m["most"]}
    return {item: _completed(note, most) for item, note in notes.items()}


def marked_up(scores: Mapping[int, float], bar: float, rng: random.Random) -> dict[int, float]:
    """Return scores raised, in random order, until their mean clears the bar."""
    raised = dict(scores)
    low = [item for item, score in scores.items() if score < FULL_MARKS]
    rng.shuffle(low)
    for item in low:
        if sum(raised.values()) / len(raised) >= bar:
            break
        raised[item] = FULL_MARKS
    return raised


def marked_down(scores: Mapping[int, float], rng: random.Random) -> dict[int, float]:
    """Return scores with the marks of a few outputs taken away."""
    some = [item for item, score in scores.items() if score > 0]
    taken = rng.sample(some, k=min(len(some), rng.randint(1, 4)))
    return {item: 0.0 if item in taken else score for item, score in scores.items()}


def score_sheet(scores: Mapping[int, float]) -> dict[str, object]:
    """Return scores as they are handed in."""
    return {"scores": [{"item": item, "score": score} for item, score in scores.items()]}


def _all(notes: Mapping[int, str]) -> str:
    return "\n".join(notes.values())


def _completed(note: str, most: Mapping[str, int]) -> float:
    """Return the sum of noted points, with what is open filled in by the share of the others."""
    found = list(_NOTE.finditer(note))
    given = sum(int(m["points"]) for m in found if m["points"])
    possible = sum(int(m["most"]) for m in found if m["most"])
    left = sum(most.get(m["criterion"], 0) for m in found if not m["most"])
    share = given / possible if possible else 0.5
    return round(given + share * left, 1)
