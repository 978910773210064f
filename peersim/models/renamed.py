"""Whether a type of OpenAI's client says that something in it is written otherwise when sent."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_type_hints, is_typeddict


@cache
def renames_keys(expected: Any) -> bool:
    """Return whether a typed dictionary, or any within it, bears a rule for how to send it.

    Such rules are annotations: another name for a key, or a form for a date or a file. What
    cannot be looked through may hold one.
    """
    try:
        return any(True for _ in _rules(expected, set()))
    except (TypeError, NameError, AttributeError):
        return True


def _rules(kind: Any, seen: set[Any]) -> Iterator[object]:
    """Yield all annotations of a type and of what it is made of."""
    if kind in seen:
        return
    seen.add(kind)
    yield from getattr(kind, "__metadata__", ())
    hints = get_type_hints(kind, include_extras=True) if is_typeddict(kind) else {}
    for part in (*hints.values(), *get_args(kind)):
        yield from _rules(part, seen)
