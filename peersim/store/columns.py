"""What columns hold as texts: labels, and who answered."""

import json
from collections.abc import Iterable

# Made once: json.dumps would make it anew for every column.
_LABELS = json.JSONEncoder(ensure_ascii=False)


def labels(values: dict[str, str]) -> str:
    """Return labels as the JSON text of a column; the order of keys is kept."""
    return _LABELS.encode(values)


def served_text(played: Iterable[tuple[str, Iterable[str], Iterable[str]]]) -> str:
    """Return who answered as the text of a column.

    Args:
        played: Of each role the model asked for, the names served, and who served behind a broker.
    """
    pairs = {
        f"{asked}\t{name}"
        for asked, served, brokered in played
        for name in (*served, *(f"via {one}" for one in brokered))
    }
    return "\n".join(sorted(pairs))
