"""What Hydra has written of a command, to be taken away again where nothing came of it."""

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from peersim.store.runs import HOME, SWEEP_FILE
from peersim.store.schema import FILE

_WRITTEN = ("config.yaml", "hydra.yaml", "overrides.yaml")
_GIVEN = re.compile(r"\+*hydra\.(?:run|sweep)\.dir=(.*)")


def standing(arguments: Sequence[str]) -> frozenset[Path]:
    """Return the directories in which a command's will be made, before Hydra makes any.

    Args:
        arguments: The command line, which may name them.
    """
    named = [found[1].strip("'\"") for one in arguments if (found := _GIVEN.fullmatch(one))]
    return frozenset(_nearest(Path(one).resolve()) for one in (HOME, *named))


def _nearest(path: Path) -> Path:
    # Path.is_dir raises where a name is too long; that comes up when Hydra makes the directory.
    return next(one for one in (path, *path.parents) if os.path.isdir(one))


def forget_failed(directories: Iterable[Path], before: Collection[Path] = ()) -> None:
    """Take away what Hydra has written into directories, unless they have a store or a job's.

    Args:
        directories: Of a run, or of a sweep and all of its jobs.
        before: What stood before Hydra came: what lies in it was made for the command, and goes
            too where it is left empty.
    """
    for directory in sorted({*directories}, key=lambda path: -len(path.absolute().parts)):
        if not (directory / FILE).exists() and not any(directory.glob(f"*/{FILE}")):
            _forget(directory, before)


def forget_sweep(directory: Path) -> None:
    """Take away what Hydra has written of a sweep and its jobs, and nothing else."""
    for kept in sorted(directory.glob("*/.hydra")):
        _forget(kept.parent)
    _forget(directory)


def _forget(directory: Path, before: Collection[Path] = ()) -> None:
    for name in _WRITTEN:
        (directory / ".hydra" / name).unlink(missing_ok=True)
    (directory / SWEEP_FILE).unlink(missing_ok=True)
    _remove_if_empty(directory / ".hydra")
    for made in _made(directory.resolve(), before):
        _remove_if_empty(made)


def _made(directory: Path, before: Collection[Path]) -> list[Path]:
    """Return a directory and those above it that were made with it, the innermost first."""
    line = [directory, *directory.parents]
    stood = next((place for place, one in enumerate(line) if one in before), 1)
    return line[:stood]


def _remove_if_empty(directory: Path) -> None:
    here = directory.resolve() == Path.cwd()
    if directory.is_dir() and not here and not any(directory.iterdir()):
        with contextlib.suppress(OSError):  # another command may have begun in it just now
            directory.rmdir()
