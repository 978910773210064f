"""Seeding a bug: a name of the instrument stands for something else while a block runs."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
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


@contextmanager
def everywhere(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Let what a name stands for be something else wherever it was imported to by value.

    Args:
        owner: A module that has it, its own or another.
        name: Its name there.
        new: What stands for it while the block runs.
    """
    before = held(owner, name)
    _exchange(before, new)
    try:
        yield
    finally:
        # Modules that were imported while the block ran have the new one too.
        _exchange(new, before)


def rooms(package: str) -> list[ModuleType]:
    """Return the modules of a package, imported if they were not yet.

    Args:
        package: Its full name.
    """
    path = importlib.import_module(package).__path__
    return [importlib.import_module(f"{package}.{one.name}") for one in pkgutil.iter_modules(path)]


def _exchange(old: Any, new: Any) -> None:
    for module in [m for name, m in sys.modules.items() if name.startswith("peersim.")]:
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
