"""A model's further parameters, of which no file can list the names."""

import re
from collections.abc import Sequence

_KEY = r"(model|roles\.\w+)\.extra"
_BELOW = re.compile(rf"{_KEY}(\.|$)")
_OVERRIDE = re.compile(rf"{_KEY}(\.[^=]+)?=")


def is_extra(key: str) -> bool:
    """Return whether a key is a model's further parameters, or one of them."""
    return bool(_BELOW.match(key))


def freely(arguments: Sequence[str]) -> list[str]:
    """Return a command line in which further parameters need no plus.

    Hydra takes a key that no file has only with one, and two where a file may have it.
    """
    return [f"++{one}" if _OVERRIDE.match(one) else one for one in arguments]
