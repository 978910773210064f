"""Finding runs on disk: one run directory, or a sweep's directory that holds several."""

import os
from pathlib import Path

from peersim.errors import StoreError
from peersim.store.schema import FILE

HOME = Path("runs")
SWEEP_FILE = "multirun.yaml"
LATEST = HOME / ".latest"


def remember_latest(directory: Path) -> bool:
    """Note which run or sweep commands mean when they are given none.

    Returns:
        Whether it was noted; where the working directory cannot be written, it is not.
    """
    # Replaced in one step, so that a reader never sees half a path.
    fresh = LATEST.with_name(f".latest.{os.getpid()}")
    try:
        HOME.mkdir(exist_ok=True)
        fresh.write_text(str(directory.resolve()), encoding="utf-8")
        fresh.replace(LATEST)
    except OSError:
        return False
    return True


def run_directory(given: Path | None) -> Path:
    """Return the directory that a command is about: the one given, or the latest.

    Raises:
        StoreError: If there is none.
    """
    if given is not None:
        return given
    if LATEST.is_file():
        found = Path(LATEST.read_text(encoding="utf-8"))
        if found.is_dir():
            return found
    raise StoreError("there is no latest run here", "give a run directory, or start: peersim run")


def find_stores(directory: Path) -> list[Path]:
    """Return the store files of a run, or of all runs of a sweep in the order of its jobs.

    A sweep that is one study has one store, as a single run has.

    Raises:
        StoreError: If there is no such directory, or no run in it.
    """
    if not os.path.isdir(directory):  # Path.is_dir raises where a name is too long
        raise StoreError(f"no directory {directory}", "give the directory of a run")
    if (directory / FILE).is_file():
        return [directory / FILE]
    # Only what Hydra ran as one sweep is read as one: runs that merely lie side by side are not.
    paths = directory.glob(f"*/{FILE}") if is_sweep(directory) else ()
    found = sorted(paths, key=lambda path: _job_order(path.parent.name))
    if not found:
        raise StoreError(
            f"no run in {directory}", "give the directory of a run, or start one: peersim run"
        )
    return found


def siblings(directory: Path) -> list[Path]:
    """Return the store files of the other jobs of the sweep that a job's directory belongs to."""
    if not is_sweep(directory.parent):
        return []
    return [path for path in find_stores(directory.parent) if path.parent != directory]


def is_sweep(directory: Path) -> bool:
    """Return whether Hydra ran the directory as a sweep."""
    return (directory / SWEEP_FILE).is_file()


def has_parts(directory: Path) -> bool:
    """Return whether a directory is a sweep whose jobs are runs of their own, a store each."""
    return is_sweep(directory) and not (directory / FILE).is_file()


def directory_key(directory: Path) -> str:
    """Return the key by which the command line chooses another directory than a run's or sweep's.

    Args:
        directory: Of a run, a sweep, or a job of one.
    """
    swept = is_sweep(directory) or is_sweep(directory.parent)
    return "hydra.sweep.dir=" if swept else "hydra.run.dir="


def _job_order(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (10**9, name)
