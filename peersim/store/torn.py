"""What is said of a store that cannot be read, or that another program has locked."""

import contextlib
import sqlite3
from collections.abc import Iterator

from pydantic import ValidationError

from peersim.errors import StoreError

ADVICE = (
    "restore the run directory from a copy, together with the store's -wal file if it has one,"
    " or start a new one"
)

LET_GO = "close what holds it, such as a database browser or a backup"
OTHER = "a development version of peersim made it; read it with that one"

# What a whole text says that names a thing which the code that reads it does not have.
FOREIGN = frozenset({"extra_forbidden", "union_tag_invalid", "literal_error"})
FOREIGN_ADVICE = (
    "read it with the code that wrote it: another state of peersim, or one to which the task,"
    " memory or scenario was added"
)


def locked(error: Exception) -> bool:
    """Return whether SQLite gave up since another program has locked the store."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_locked(what: object) -> StoreError:
    """Return the error of a store that another program has locked."""
    return StoreError(
        f"{what} is locked by another program", f"{LET_GO}, and give the command again"
    )


@contextlib.contextmanager
def reading(what: object) -> Iterator[None]:
    """Name what is read within the block, if it turns out to be torn.

    Args:
        what: The file, or what stands in it, as people know it.

    Raises:
        StoreError: If SQLite cannot read it, another program has locked it, or a text in it is
            cut, not what was written, or names what this code does not have.
    """
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such column"):
            raise StoreError(f"{what} lacks what this peersim reads ({error})", OTHER) from error
        if locked(error):
            raise is_locked(what) from error
        if foreign := _foreign(error):
            raise StoreError(f"{what} holds {foreign}", FOREIGN_ADVICE) from error
        problem = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"{what} is torn ({problem})", ADVICE) from error


def _foreign(error: Exception) -> str:
    """Return what of a whole text this code does not know, or nothing."""
    if not isinstance(error, ValidationError):
        return ""
    strange = [one for one in error.errors(include_url=False) if one["type"] in FOREIGN]
    if not strange:
        return ""
    # A name that is not taken makes a cascade; it stands deepest, and first.
    first = max(strange, key=lambda one: len(one["loc"]))
    place = ".".join(map(str, first["loc"]))
    named = first["type"] == "extra_forbidden"
    odd = place if named else f"{place} = {first['input']!r:.60}"
    return f"{odd}, which this code does not know"
