"""Looks at outcomes by arm that no plan had: each is kept with the run, for it has its price."""

import asyncio
import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from peersim.errors import StoreError
from peersim.store.runs import find_stores
from peersim.store.study import StudyStore
from peersim.store.torn import reading
from peersim.store.view import StoreView

FILE = "early_looks.json"
EARLY_KEY = "early_looks"
SWEEP_KEY = "early_looks_of_the_sweep"
"""Looks at a whole sweep, as each of its jobs keeps them."""
_SHARES = TypeAdapter(tuple[float, ...])


def early_looks(directory: Path) -> tuple[float, ...]:
    """Return the shares of the histories at which somebody looked early, rising.

    A look counts if the file has it or a store has it: looks at a job of a sweep are looks at the
    sweep too, and the other way round.

    Args:
        directory: The run or sweep.

    Raises:
        StoreError: If the file that holds them is torn, or a store.
    """
    stores = _stores(directory)
    files = dict.fromkeys([directory, *(path.parent for path in stores)])
    found = {share for home in files for share in _in_file(home)}
    for path in stores:
        found |= _in_store(path, (EARLY_KEY, SWEEP_KEY))
    return tuple(sorted(found))


def note_early(directory: Path, share: float) -> None:
    """Keep an early look; looking again at the same histories is no further one.

    It is kept in the file, and in each store that no other process holds at this moment.

    Args:
        directory: The run or sweep.
        share: Of the histories that were finished.

    Raises:
        StoreError: If it cannot be written: then there is no looking either.
    """
    own = (_in_store(path, (_key(directory, path),)) for path in _stores(directory))
    _write(directory, {*_in_file(directory), round(share, 6)}.union(*own))
    settle_early(directory)


def settle_early(directory: Path) -> None:
    """Put into the stores what only the file says, as far as they can be written now.

    Args:
        directory: The run or sweep.

    Raises:
        StoreError: If the file is torn, or a store.
    """
    told = {*_in_file(directory)}
    for path in _stores(directory):
        key = _key(directory, path)
        held = _in_store(path, (key,))
        if told - held:
            _keep(path.parent, key, told | held)


def check_early(directory: Path) -> list[str]:
    """Return what is wrong with the file of early looks; nothing if it says all of them.

    Args:
        directory: A run, or a sweep of runs.

    Raises:
        StoreError: If the file is torn, or a store.
    """
    stores = _stores(directory)
    held = {share for path in stores for share in _in_store(path, (_key(directory, path),))}
    gone = sorted(held - {*_in_file(directory)})
    if not gone:
        return []
    shares = ", ".join(f"{share:.0%}" for share in gone)
    return [
        f"{directory / FILE} was changed: it leaves out early looks at {shares} of the histories,"
        " which the store holds; they are charged for all the same"
    ]


def _stores(directory: Path) -> list[Path]:
    """Return the stores of a run or sweep; none before there is one."""
    with contextlib.suppress(StoreError):
        return find_stores(directory)
    return []


def _key(directory: Path, store: Path) -> str:
    return EARLY_KEY if store.parent == directory else SWEEP_KEY


def _in_file(directory: Path) -> tuple[float, ...]:
    path = directory / FILE
    if not path.is_file():
        return ()
    try:
        return _SHARES.validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise StoreError(
            f"{path} cannot be read", "put it back as it was: it says who looked early"
        ) from error


def _in_store(path: Path, keys: Iterable[str]) -> set[float]:
    view = StoreView(path)
    try:
        with reading(f"the early looks in {path}"):
            return {
                share for key in keys for share in _SHARES.validate_json(view.meta(key) or "[]")
            }
    finally:
        view.connection.close()


def _write(directory: Path, shares: set[float]) -> None:
    path = directory / FILE
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(sorted(shares)), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror})",
            "an early look has to be noted: make the folder writable, or wait for the planned one",
        ) from error


def _keep(directory: Path, key: str, shares: set[float]) -> None:
    """Keep looks in a store; where another process holds it, the file alone has them for now."""
    with contextlib.suppress(StoreError):
        store = StudyStore(directory)
        try:
            asyncio.run(store.put_meta(key, json.dumps(sorted(shares))))
        finally:
            store.close()
