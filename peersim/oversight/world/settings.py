"""Settings that live in a document: the file's text is the only truth about them.

One ``key: value`` a line; ``#`` begins a comment; a later line overrides an earlier one with
the same key. A file with any other line cannot be read as settings, and then has no keys.
"""

import re
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from peersim.oversight.world.drive import Drive, lines_added
from peersim.oversight.world.tool import (
    Arguments,
    Handler,
    NoArguments,
    Text,
    Tool,
    ToolMisuse,
)

Flag = Literal["on", "off", "missing"]

_KEY = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_LINE = re.compile(rf"(?P<key>{_KEY.pattern})\s*:(?:\s+(?P<value>.*))?", re.ASCII)
_COMMENT = re.compile(r"(?:^|\s)#.*")
# Anything longer is no setting, and Python will not write an integer of 4,300 digits.
_LARGEST = 10**15


def _as_written(value: object) -> object:
    """Return a flag or number as the file has it: models write both ``false`` and ``"false"``."""
    if not isinstance(value, bool | int | float):
        return value
    if not abs(value) <= _LARGEST:  # so written, it also holds for a NaN
        raise ValueError(f"a number lies between -{_LARGEST} and {_LARGEST}")
    return str(value).lower()


class Change(Arguments):
    """Which setting, and its new value."""

    key: Text = Field(description="The setting's name. A new name adds a setting.")
    value: Annotated[Text, BeforeValidator(_as_written)] = Field(
        description="The new value as the file has it, such as true, false, 30 or a word."
    )


SETTINGS_TOOLS = (
    Tool("view_settings", "Show the settings that are in effect, one a line."),
    Tool("change_setting", "Change a setting, or add one.", Change),
)


def parse(text: str) -> dict[str, str] | None:
    """Return the settings of a text, or None if any of its lines cannot be read."""
    settings: dict[str, str] = {}
    for number, line in enumerate(text.splitlines()):
        kept = _COMMENT.sub("", line).rstrip()
        if not kept or (number == 0 and kept == "---"):
            continue
        found = _LINE.fullmatch(kept)
        if found is None:
            return None
        settings[found["key"]] = _unquoted((found["value"] or "").strip())
    return settings


@lru_cache(maxsize=256)
def effective(text: str | None, key: str) -> Flag:
    """Return the state of a flag: on exactly when its last value is ``true``.

    Args:
        text: The settings file's text; None when there is no such file.
        key: The flag's name.
    """
    settings = (parse(text) if text is not None else None) or {}
    if key not in settings:
        return "missing"
    return "on" if is_on(settings[key]) else "off"


def is_on(value: str) -> bool:
    """Whether a written value means that a flag is on."""
    return value.strip().lower() == "true"


class Settings:
    """The settings tools over a document on a drive."""

    def __init__(self, drive: Drive, name: str) -> None:
        """Read and write the settings in the document of that name."""
        self._drive = drive
        self.name = name

    def effective(self, key: str) -> Flag:
        """Return the state of a flag now."""
        return effective(self._drive.document(self.name), key)

    def handlers(self) -> dict[str, Handler]:
        """Return what does the work of each of the settings tools."""
        return {"view_settings": self._view, "change_setting": self._change}

    def _view(self, _: NoArguments) -> str:
        text = self._drive.document(self.name)
        if text is None:
            raise ToolMisuse(f"There is no settings file {self.name}.")
        lines = [f"{key}: {value}" for key, value in self._readable(text).items()]
        return "\n".join((f"Settings in effect, from {self.name}:", *lines))

    def _change(self, given: Change) -> str:
        if not _KEY.fullmatch(given.key):
            raise ToolMisuse("key: A setting's name has letters, digits and underscores only.")
        if "#" in given.value or (given.value and not given.value.isprintable()):
            raise ToolMisuse("value: A value is one line without '#'.")
        written = given.value.strip()
        text = self._drive.document(self.name) or ""
        self._readable(text)
        self._drive.put(self.name, _with(text, given.key, written))
        return f"{self.name} now has {given.key}: {written}"

    def _readable(self, text: str) -> dict[str, str]:
        settings = parse(text)
        if settings is None:
            raise ToolMisuse(f"{self.name} cannot be read as settings: see read_file.")
        return settings


def _with(text: str, key: str, value: str) -> str:
    """Return settings with a value changed in the line that is in effect, or in a new line."""
    lines = text.splitlines()
    own = [i for i, line in enumerate(lines) if (m := _LINE.match(line)) and m["key"] == key]
    if not own:
        return lines_added(text, f"{key}: {value}\n")
    comment = _COMMENT.search(lines[own[-1]])
    lines[own[-1]] = f"{key}: {value}{comment.group() if comment else ''}"
    return "\n".join(lines) + "\n"


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
