"""The digest of the code that runs, for a column beside the records; it never enters one."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from peersim.ids import digest


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the digest of every module of this package.

    Versions are numbered seldom and a working copy is changed often: this tells two states of
    one version apart.
    """
    found = _modules(files("peersim"), "")
    return digest("\n".join(f"{name}\n{text}" for name, text in sorted(found)))


def _modules(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for path in folder.iterdir():
        name = f"{prefix}/{path.name}"
        if path.is_dir():
            yield from _modules(path, name)
        elif path.name.endswith(".py"):
            yield name, path.read_text(encoding="utf-8")
