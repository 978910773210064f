"""The moments at which a process touches its files, and its death at one of them."""

import io
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path

COUNTED = "moments"
_SYSTEM = {"mkdir", "replace", "rename", "unlink", "rmdir"}
_STORE = {"execute", "executescript", "backup", "close"}


class Moments:
    """Counts what comes just before and just after each touch of a file, while its block runs.

    At the one that is asked for the process is gone, as by ``kill -9``.
    """

    def __init__(self, last):
        """Count up to the last one; 0 to count all, and to write down how many there were."""
        self._last, self._count = last, 0

    def __enter__(self):
        threading.setprofile(self._look)
        sys.setprofile(self._look)

    def __exit__(self, *error):
        sys.setprofile(None)
        threading.setprofile(None)
        if not self._last:
            Path(COUNTED).write_text(str(self._count), encoding="utf-8")

    def _look(self, frame, event, arg):
        if event in ("c_call", "c_return") and _touches(arg):
            self._count += 1
            if self._count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def _touches(function):
    name, of = function.__name__, function.__self__
    if isinstance(of, sqlite3.Connection):
        return name in _STORE
    if isinstance(of, io.TextIOWrapper):
        return name == "write" and isinstance(of.name, str) and not of.name.startswith("<")
    return function.__module__ == "posix" and name in _SYSTEM
