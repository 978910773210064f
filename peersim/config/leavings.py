"""What Hydra has written of a command, to be taken away again where nothing came of it."""

from collections.abc import Iterable
from pathlib import Path

from peersim.store.runs import SWEEP_FILE
from peersim.store.schema import FILE

_WRITTEN = ("config.yaml", "hydra.yaml", "overrides.yaml")


def forget_failed(directories: Iterable[Path]) -> None:
    """Take away what Hydra has written into directories, unless they have a store or a job's.

    Args:
        directories: Of a run, or of a sweep and all of its jobs.
    """
    for directory in sorted({*directories}, key=lambda path: -len(path.absolute().parts)):
        if not (directory / FILE).exists() and not any(directory.glob(f"*/{FILE}")):
            _forget(directory)


def forget_sweep(directory: Path) -> None:
    """Take away what Hydra has written of a sweep and its jobs, and nothing else."""
    for kept in sorted(directory.glob("*/.hydra")):
        _forget(kept.parent)
    _forget(directory)


def _forget(directory: Path) -> None:
    for name in _WRITTEN:
        (directory / ".hydra" / name).unlink(missing_ok=True)
    (directory / SWEEP_FILE).unlink(missing_ok=True)
    _remove_if_empty(directory / ".hydra")
    _remove_if_empty(directory)


def _remove_if_empty(directory: Path) -> None:
    here = directory.resolve() == Path.cwd()
    if directory.is_dir() and not here and not any(directory.iterdir()):
        directory.rmdir()
