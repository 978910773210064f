"""Content ids: equal exactly when the content that decides an outcome is equal."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

from pydantic import BaseModel

# Part of every id. Raise it when the meaning of a hashed field changes, so that
# an id made before the change can never be mistaken for one made after it.
ID_VERSION = 1
ID_LENGTH = 16
# Made once: json.dumps would make it anew for every text.
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN.

    Args:
        value: A pydantic model or plain JSON data.

    Raises:
        ValueError: If the value holds NaN or an infinity.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return _CANONICAL.encode(plain)


def json_text(text: str) -> str:
    """Return the canonical JSON of a text, as the encoder writes it but without its set-up."""
    return encode_basestring(text)


def digest(text: str) -> str:
    """Return the first 16 hex characters of the SHA-256 of a text."""
    return digest_and_size(text)[0]


def digest_and_size(text: str) -> tuple[str, int]:
    """Return a text's digest, and how many bytes it has."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH], len(data)


def canonical_whole(
    whole: BaseModel, parts: Mapping[str, str], leave_out: Iterable[str] = ()
) -> str:
    """Return the canonical JSON of a model some of whose fields have been written before.

    Args:
        whole: The model.
        parts: The canonical JSON of fields that need not be written again, by name.
        leave_out: The names of fields that are left out.
    """
    plain = whole.model_dump(mode="json", exclude={*parts, *leave_out})
    written = {name: canonical_json(value) for name, value in plain.items()} | dict(parts)
    fields = (f"{json_text(name)}:{written[name]}" for name in sorted(written))
    return f"{{{','.join(fields)}}}"


def content_id(kind: str, value: Any) -> str:
    """Return the id of a value, such as ``trial-1f0c…``, made from its content.

    Args:
        kind: What the value is; it is part of the hash and the prefix of the id.
        value: A pydantic model or plain JSON data.
    """
    return text_id(kind, canonical_json(value))


def text_id(kind: str, canonical: str) -> str:
    """Return the id of a value, given its canonical JSON."""
    return f"{kind}-{digest(f'{ID_VERSION}:{kind}:{canonical}')}"
