"""What is said of a store that cannot be read, or that another program has locked."""

import contextlib
import sqlite3
from collections.abc import Iterator

from peersim.errors import StoreError

ADVICE = (
    "restore the run directory from a copy, together with the store's -wal file if it has one,"
    " or start a new one"
)

LET_GO = "close what holds it, such as a database browser or a backup"
OTHER = "a development version of peersim made it; read it with that one"


def locked(error: Exception) -> bool:
    """Return whether SQLite gave up since another program has locked the store."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextlib.contextmanager
def reading(what: object) -> Iterator[None]:
    """Name what is read within the block, if it turns out to be torn.

    Args:
        what: The file, or what stands in it, as people know it.

    Raises:
        StoreError: If SQLite cannot read it, another program has locked it, or a text in it is
            cut or not what was written.
    """
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such column"):
            raise StoreError(f"{what} lacks what this peersim reads ({error})", OTHER) from error
        if locked(error):
            raise StoreError(
                f"{what} is locked by another program", f"{LET_GO}, and give the command again"
            ) from error
        problem = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"{what} is torn ({problem})", ADVICE) from error
