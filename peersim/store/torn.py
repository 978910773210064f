"""What is said of a store that opens and then cannot be read."""

import contextlib
import sqlite3
from collections.abc import Iterator

from peersim.errors import StoreError

ADVICE = (
    "restore the run directory from a copy, together with the store's -wal file if it has one,"
    " or start a new one"
)

OTHER = "a development version of peersim made it; read it with that one"


@contextlib.contextmanager
def reading(what: object) -> Iterator[None]:
    """Name what is read within the block, if it turns out to be torn.

    Args:
        what: The file, or what stands in it, as people know it.

    Raises:
        StoreError: If SQLite cannot read it, or a text in it is cut or not what was written.
    """
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such column"):
            raise StoreError(f"{what} lacks what this peersim reads ({error})", OTHER) from error
        problem = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"{what} is torn ({problem})", ADVICE) from error
