"""Patterns looked for only where a word of theirs stands, as an eye skims a text before it reads.

Most texts hold no match at all, and a plain word is found in a tenth of the time of a pattern.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=256)
def _lowered(text: str) -> str:
    return text.lower()


@dataclass(frozen=True)
class Cued:
    """A pattern and its cues.

    Attributes:
        pattern: What is looked for.
        cues: Words in lower case, one of which stands in every match.
    """

    pattern: re.Pattern[str]
    cues: tuple[str, ...]

    def may_be_in(self, text: str) -> bool:
        """Return whether a text holds any of the cues."""
        lowered = _lowered(text)
        for cue in self.cues:  # a plain loop, since this is asked of every text many times
            if cue in lowered:
                return True
        return False

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match in a text, or None."""
        return self.pattern.search(text) if self.may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Iterate over the matches in a text."""
        return self.pattern.finditer(text) if self.may_be_in(text) else iter(())


def cued(pattern: str, *cues: str) -> Cued:
    """Return a pattern with its cues."""
    return Cued(re.compile(pattern), cues)
