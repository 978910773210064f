"""The names that there are, and which of them is closest to one that there is not."""

import difflib
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel

from peersim.config.models import conf_dir


def near(word: str, known: Sequence[str]) -> str:
    """Return a question that names the closest of what is known; nothing if none is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def known_keys(schema: type[BaseModel], prefix: str = "", *, kinds: bool = False) -> list[str]:
    """Return the dotted keys of a schema, those of nested models included.

    Args:
        schema: The model.
        prefix: What stands before each key.
        kinds: Also the keys of models of which a field takes one of several.
    """
    keys: list[str] = []
    for name, field in schema.model_fields.items():
        keys.append(prefix + name)
        inner = _models(field.annotation)
        for nested in inner if kinds or field.annotation in inner else ():
            keys.extend(known_keys(nested, f"{prefix}{name}.", kinds=kinds))
    return keys


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation names, alone or among others."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def model_files() -> list[str]:
    """Return all names of the group ``model`` that the shipped files give."""
    home = conf_dir() / "model"
    names = (path.relative_to(home).with_suffix("").as_posix() for path in home.rglob("*.yaml"))
    return [name for name in names if name != "base"]
