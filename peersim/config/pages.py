"""OmegaConf's YAML of many configurations that are mostly alike, each page written once."""

from collections.abc import Mapping
from typing import Any

from omegaconf import OmegaConf

# What differs in parts only from job to job; whatever else differs is written anew as a whole.
_PARTED = {("hydra",), *(("hydra", part) for part in ("job", "overrides", "runtime"))}


class Pages:
    """Writes what ``OmegaConf.to_yaml`` would, byte for byte.

    A mapping in block style is its entries one after the other, so that those that were met
    before, at the same place and with the same value, need not be written again.
    """

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._known: dict[tuple[tuple[str, ...], str], str] = {}

    def of(self, plain: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
        """Return the YAML of a configuration.

        Args:
            plain: The configuration, or a part, as a container with interpolations as they are.
            path: The names that lead to the part.
        """
        if not plain:
            return OmegaConf.to_yaml(plain)
        return "".join(self._entry((*path, key), value) for key, value in plain.items())

    def _entry(self, path: tuple[str, ...], value: Any) -> str:
        if path in _PARTED and value and isinstance(value, dict):
            return f"{_indent(path)}{path[-1]}:\n" + self.of(value, path)
        page = path, repr(value)
        if page not in self._known:
            self._known[page] = _written(path, value)
        return self._known[page]


def _written(path: tuple[str, ...], value: Any) -> str:
    """Return an entry as it is written in its place, where lines are as long as they may be."""
    for name in reversed(path):
        value = {name: value}
    lines = OmegaConf.to_yaml(value).splitlines(keepends=True)
    return "".join(lines[len(path) - 1 :])


def _indent(path: tuple[str, ...]) -> str:
    return "  " * (len(path) - 1)
