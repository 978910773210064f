"""Looks at outcomes by arm that no plan had: each is kept beside the run, for it has its price."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from peersim.errors import StoreError

FILE = "early_looks.json"
_SHARES = TypeAdapter(tuple[float, ...])


def early_looks(directory: Path) -> tuple[float, ...]:
    """Return the shares of the histories at which somebody looked early, rising.

    Args:
        directory: The run or sweep.

    Raises:
        StoreError: If the file that holds them is torn.
    """
    path = directory / FILE
    if not path.is_file():
        return ()
    try:
        return _SHARES.validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise StoreError(
            f"{path} cannot be read", "put it back as it was: it says who looked early"
        ) from error


def note_early(directory: Path, share: float) -> None:
    """Keep an early look; looking again at the same histories is no further one.

    Args:
        directory: The run or sweep.
        share: Of the histories that were finished.

    Raises:
        StoreError: If it cannot be written: then there is no looking either.
    """
    shares = sorted({*early_looks(directory), round(share, 6)})
    path = directory / FILE
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(shares), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror})",
            "an early look has to be noted: make the folder writable, or wait for the planned one",
        ) from error
