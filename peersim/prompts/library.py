"""What ships with the project to be shown to models: data sets, and the digest of it all."""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from peersim.errors import PromptError
from peersim.ids import digest


@lru_cache(maxsize=64)
def load_data(name: str) -> Any:
    """Return a shipped YAML data set; treat it as read-only.

    Args:
        name: The file's name under ``peersim/prompts/data``, without its ending.

    Raises:
        PromptError: If there is no such data set.
    """
    path = files("peersim.prompts").joinpath("data", f"{name}.yaml")
    if not path.is_file():
        raise PromptError(f"no data set {name!r}", "add the file or mend the name")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def library_digest() -> str:
    """Return the digest of every shipped template and data set, for a record's provenance."""
    root = files("peersim.prompts")
    texts = [
        f"{path.name}\n{path.read_text(encoding='utf-8')}"
        for folder in ("templates", "data")
        for path in _sorted_files(root.joinpath(folder))
    ]
    return digest("\n".join(texts))


def _sorted_files(folder: Traversable) -> list[Traversable]:
    return sorted((path for path in folder.iterdir() if path.is_file()), key=lambda p: p.name)
