"""Keys from a named file: for machines where the environment is no place to keep them."""

import os
import re
import stat
from pathlib import Path

from peersim.errors import ConfigError

VARIABLE = "PEERSIM_KEYS_FILE"
_LINE = re.compile(r"^(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*)$")


def load_keys() -> Path | None:
    """Put the keys of the named file where providers' clients look: into the environment.

    What the environment already holds comes first. Lines are ``NAME=value``; blank lines and
    lines that begin with ``#`` are passed over.

    Returns:
        The file; None if ``PEERSIM_KEYS_FILE`` names none.

    Raises:
        ConfigError: If the file cannot be read, or a line is none of these.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    path = Path(named).expanduser()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{VARIABLE} names {path}, which cannot be read ({reason})") from error
    for number, line in enumerate(lines, 1):
        _load(line.strip(), path, number)
    return path


def _load(line: str, path: Path, number: int) -> None:
    if not line or line.startswith("#"):
        return
    found = _LINE.match(line)
    if found is None:
        # The line itself may be a key, so it is not repeated.
        raise ConfigError(f"line {number} of {path} is not NAME=value", "mend the file")
    os.environ.setdefault(found["name"], found["value"].strip().strip("'\""))


def readable_by_others(path: Path) -> bool:
    """Return whether other users of the machine may read a file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
