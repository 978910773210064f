"""What must not stand in a configuration, since it would go into records and reports."""

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

# What the last word of a name says of its value: ``max_tokens`` and ``budget_tokens`` are none.
_LAST_WORDS = frozenset(
    {"token", "secret", "password", "passwd", "passphrase", "authorization", "bearer"}
    | {"credential", "credentials", "header", "headers", "cookie", "cookies", "apikey"}
)
_KEYS = re.compile(r"(^|_)(api|access|secret|private|auth|subscription|signing|master)_?key(_id)?$")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_USER_INFO = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#]*@", re.IGNORECASE)
_QUERY = re.compile(r"[a-z][a-z0-9+.-]*://[^\s?#,{}]*\?", re.IGNORECASE)


def is_secretive(name: str) -> bool:
    """Return whether a parameter of this name is likely to hold a secret."""
    words = [word.lower() for word in _WORD.split(name) if word]
    return bool(words) and (words[-1] in _LAST_WORDS or bool(_KEYS.search("_".join(words))))


def secretive_names(value: JsonValue) -> list[str]:
    """Return the names in nested parameters that are likely to hold a secret, in order."""
    return sorted({name for name in _names(value) if is_secretive(name)})


def has_user_info(text: str) -> bool:
    """Return whether an address holds a user's name or password."""
    return bool(_USER_INFO.search(text))


def has_query(text: str) -> bool:
    """Return whether an address has a query, where some servers take a key under any name."""
    return bool(_QUERY.search(text))


def _names(value: JsonValue) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
