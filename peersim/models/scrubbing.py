"""Secrets taken out of what others say, in whatever form they come back.

A server that repeats a key may write it as JSON, in an address or as base64, break it over two
lines, or show its beginning alone.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

DETAIL_LENGTH = 300
MARK = "[secret]"
# Of shorter ones no other form is looked for: those would be found in any text.
SHORTEST = 8

SECRET_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|hf)[-_][\w*-]{6,}|\bAIza[\w-]{20,}"
    r"|[\w/+.-]+\*{3,}[\w/+=-]*"
    r"|(?i:bearer\s+)[^\s\"',]+"
    r"|(?i:(?:api[-_]?key|access[-_]?token|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"',}&]+"
    r"|(?<=://)[^/\s@]+@"
)


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text on one line, at most 300 characters long, and without secrets."""
    text = without(text, secrets)
    text = SECRET_SHAPES.sub(MARK, text.partition("Traceback (most recent call")[0])
    return " ".join(text.split())[:DETAIL_LENGTH]


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text with a mark in the place of each secret, and of each form of one."""
    known = tuple(sorted(filter(None, secrets)))
    return _any_form(known).sub(MARK, text) if known else text


@lru_cache(maxsize=8)
def _any_form(secrets: tuple[str, ...]) -> re.Pattern[str]:
    found = {pattern for secret in secrets for pattern in _patterns(secret)}
    return re.compile("|".join(sorted(found, key=len, reverse=True)), re.IGNORECASE)


def _patterns(secret: str) -> Iterator[str]:
    """Yield what finds a secret, in each of its forms and in large parts of it."""
    if len(secret) < SHORTEST:
        yield re.escape(secret)
        return
    yield r"\s*".join(map(re.escape, secret))
    yield from map(re.escape, {*_written(secret), *_encoded(secret.encode())})
    half = max(len(secret) // 2, SHORTEST)
    if len(secret) >= 2 * SHORTEST and not secret.startswith(("/", "~")):  # which are places
        yield re.escape(secret[:half]) + r"[^\s\"',}]*"
        yield r"[^\s\"',{]*" + re.escape(secret[-half:])


def _written(secret: str) -> Iterator[str]:
    """Yield a secret as JSON, Python, HTML and addresses write it."""
    once = json.dumps(secret)[1:-1]
    yield from (once, json.dumps(once)[1:-1], repr(secret)[1:-1], html.escape(secret))
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))


def _encoded(secret: bytes) -> Iterator[str]:
    """Yield a secret in hexadecimal and base64, wherever in a base64 text it may begin."""
    yield secret.hex()
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"\0" * before + secret).decode()
        # What a letter shares with the bytes around is not the secret's alone.
        last = None if (before + len(secret)) % 3 == 0 else -1
        alone = whole.rstrip("=")[shared:last]
        yield from (alone, alone.translate(str.maketrans("+/", "-_")))
