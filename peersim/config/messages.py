"""One sentence out of a library's many lines."""

import difflib
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from peersim.config.models import conf_dir
from peersim.errors import ConfigError

KINDS = ("task", "memory", "scenario", "transform", "partner_script", "background_script")
_SEE = "see conf/config.yaml, or: peersim run --cfg job"


def from_validation(error: ValidationError, schema: type[BaseModel]) -> ConfigError:
    """Return the first problem that pydantic found, as one sentence naming the key."""
    first = error.errors()[0]
    key = ".".join(_path(first["loc"]))
    if first["type"] == "extra_forbidden":
        return ConfigError(f"unknown key {key!r}", _near(key, known_keys(schema)) or _SEE)
    if first["type"] in ("union_tag_invalid", "literal_error"):
        return ConfigError(f"{key or 'the configuration'}: {_plain(first['msg'])}", _SEE)
    # What was given for a key or an address may be a secret, so it is not said again.
    secret = key.endswith(("key_env", "base_url"))
    given = f" (given: {first['input']!r})" if _is_scalar(first["input"]) and not secret else ""
    return ConfigError(f"{key}: {_plain(first['msg'])}{given}", _SEE)


def from_hydra(error: Exception) -> ConfigError:
    """Return what Hydra found wrong with an override or a choice, as one sentence."""
    text = str(error)
    key = re.search(r"Could not override '([^']+)'|Key '([^']+)' is not in struct", text)
    if key:
        return ConfigError(f"unknown key {(key[1] or key[2])!r}", _SEE)
    missing = re.search(r"Could not find '([^']+)'", text)
    if missing:
        return _no_such_choice(missing[1], re.findall(r"^\t(\S+)$", text, flags=re.MULTILINE))
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return ConfigError(first.rstrip("."), _SEE)


def _no_such_choice(wanted: str, options: list[str]) -> ConfigError:
    """Return what to say of a choice that a group does not have."""
    group, _, choice = wanted.partition("/")
    if group == "model":
        options = [f"simulated/{path.stem}" for path in conf_dir().glob("model/simulated/*.yaml")]
        fix = f"choose one of {', '.join(sorted(options))}, or a LiteLLM model as provider/name"
    else:
        fix = f"choose one of {', '.join(options) or 'nothing'}"
    return ConfigError(f"no {group} named {choice!r}", _near(choice, options) or fix)


def known_keys(schema: type[BaseModel], prefix: str = "") -> list[str]:
    """Return the dotted keys of a schema, those of nested models included."""
    keys = []
    for name, field in schema.model_fields.items():
        keys.append(prefix + name)
        nested: Any = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            keys.extend(known_keys(nested, f"{prefix}{name}."))
    return keys


def _near(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _path(location: tuple[int | str, ...]) -> list[str]:
    """Return a key's path without the kind that pydantic puts in where kinds differ in keys."""
    parts = [str(part) for part in location]
    return [parts[0], *parts[2:]] if len(parts) > 1 and parts[0] in KINDS else parts


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool) or value is None
