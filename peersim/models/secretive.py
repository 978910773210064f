"""What must not stand in a configuration, since it would go into records and reports.

A name that only might hold a secret is refused as well: whoever means something else by it can say
so elsewhere, and a key that was written into a record stays there.
"""

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

# What the last word of a name says of its value: ``max_tokens`` and ``budget_tokens`` are none.
_LAST_WORDS = frozenset(
    {"token", "secret", "secrets", "password", "passwords", "passwd", "passphrase", "passcode"}
    | {"pass", "pwd", "auth", "authorization", "authentication", "bearer", "jwt", "key", "keys"}
    | {"credential", "credentials", "cred", "creds", "header", "headers", "cookie", "cookies"}
)
# Words in one, as some write them, such as ``apikey`` and ``openaikey``, but not ``monkey``.
_RUN_TOGETHER = re.compile(
    r"(api|access|secret|private|auth|master|signing|client|session|user|service|ai)"
    r"(keys?|token|secrets?|pass(word)?|pwd)$"
)
# What may follow without changing what it is: ``private_key_pem``, ``token2``.
_FORMS = frozenset({"pem", "der", "b64", "base64", "hex", "value", "string", "text", "raw"})
_NUMBER = re.compile(r"(?<=[a-z])\d+$")
# Keys of things, and tokens that a model writes.
_PLAIN = re.compile(
    r"(^|_)((cache|sort|primary|foreign|partition|idempotency)_key"
    r"|(bos|eos|pad|unk|sep|cls|mask|stop|end|start|special|next|first|last)_token|per(_[a-z]+)*_token)$"
)
_KEY_ID = re.compile(r"(^|_)(api|access|secret|private|auth|signing|master)_?key_id$")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_KEY_SHAPE = re.compile(
    r"(?<![\w-])((sk|pk|rk|xai|gsk|hf|ghp|gho|glpat)[-_][A-Za-z0-9_-]{16,}"
    r"|AIza[\w-]{30,}|AKIA[A-Z0-9]{16}|eyJ[\w-]{10,}\.[\w-]{10,})"
)
_USER_INFO = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#]*@", re.IGNORECASE)
_QUERY = re.compile(r"[a-z][a-z0-9+.-]*://[^\s?#,{}]*\?", re.IGNORECASE)


def is_secretive(name: str) -> bool:
    """Return whether a parameter of this name is likely to hold a secret."""
    words = [word.lower() for word in _WORD.split(name) if word and not word.isdigit()]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    words[-1:] = [_NUMBER.sub("", word) for word in words[-1:]]
    whole = "_".join(words)
    if not words or _PLAIN.search(whole):
        return False
    last = words[-1]
    return last in _LAST_WORDS or bool(_RUN_TOGETHER.search(last) or _KEY_ID.search(whole))


def has_key_shape(text: str) -> bool:
    """Return whether a text holds what looks like a provider's key, whatever it is called."""
    return bool(_KEY_SHAPE.search(text))


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
