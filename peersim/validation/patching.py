"""Seeding a bug: a name of the instrument stands for something else while a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def held(owner: Any, name: str) -> Any:
    """Return what a name of a module stands for there, imported from elsewhere or not."""
    return vars(owner)[name]


@contextmanager
def patched(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Let a name of a module or class stand for something else while the block runs."""
    before = held(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, before)
