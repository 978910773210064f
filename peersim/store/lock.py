"""One process per run directory: the second is told who is there."""

import fcntl
import os
from pathlib import Path
from typing import IO

from peersim.errors import StoreError
from peersim.models.onward import RESUME, Onward
from peersim.store.runs import directory_key
from peersim.store.schema import FILE as STORE

FILE = "study.lock"


class RunLock:
    """An advisory lock that the system releases when the process dies, however it dies."""

    def __init__(self, directory: Path, onward: Onward = RESUME) -> None:
        """Take the lock.

        Args:
            directory: Of the run.
            onward: How the work that needs it goes on.

        Raises:
            StoreError: If another process holds it, or the directory cannot be written.
        """
        path = directory / FILE
        elsewhere = f"choose another directory with {directory_key(directory)}"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            mend = f"mend its permissions, then: {onward.again}"
            # What has begun goes on where it is, or as a copy.
            begun = (directory / STORE).exists()
            raise StoreError(
                f"{directory} cannot be written ({error.strerror})",
                f"{mend}; or with a copy of it" if begun else elsewhere if onward.movable else mend,
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise StoreError(
                f"{directory} is in use by another peersim (process {holder})",
                f"wait for it, or {elsewhere if onward.movable else 'stop it'}",
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the lock back."""
        self._file.close()


def at_work(directory: Path) -> int | None:
    """Return the process of this machine that took a run's lock last, if it still is there.

    The lock itself is not touched: who asks must not stand in the way of who begins.
    """
    try:
        process = int((directory / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    try:
        os.kill(process, 0)
    except PermissionError:
        return process  # somebody else's
    except (OSError, OverflowError):
        return None
    return process
