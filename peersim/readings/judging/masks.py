"""Replaces what would tell an arm from another: names, words for a kind, and what is remembered."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

OVERSEER, TARGET, OTHER = "Reviewer", "Party", "Other"
LEFT_OUT = "[left out]"
# Shorter names are replaced as whole words only: they may begin many others.
_SHORT = 4
# Fewer words say too little to be known again, and may stand anywhere.
_LEAST_WORDS = 3
# A round's number says when, not what: what is told of it is known again without.
_HEAD = re.compile(r"^\s*(?:-\s+)?(?:Round \d+:\s*)?")
_ENDS = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n")
_TAG = re.compile(r"^</?[a-z_]+>$")

Change = Callable[[str], str]


class Masks:
    """Replaces names by neutral ones."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take what each name is replaced by."""
        self._names = {name.lower(): mask for name, mask in names.items()}
        longest_first = sorted(names, key=len, reverse=True)
        parts = (
            re.escape(name) + (r"(?![^\W\d_])" if len(name) < _SHORT else "")
            for name in longest_first
        )
        self._pattern = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(parts)})", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return a text with all names replaced, in small letters where the name was."""
        return self._pattern.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        mask = self._names[found[0].lower()]
        return mask.lower() if found[0].islower() else mask


class Phrases:
    """Replaces phrases by others, as whole words; parts of the names of files are left alone."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        """Take what each phrase is replaced by."""
        self._phrases = {_plain(phrase): other for phrase, other in phrases.items()}
        self._pattern = re.compile(
            rf"(?<![\w.-])(?:{_any_of(phrases)})(?!\w|[-.]\w)", re.IGNORECASE
        )

    def __call__(self, text: str) -> str:
        """Return a text with all phrases replaced; a capital at their beginning stays one."""
        return self._pattern.sub(self._other, text) if self._phrases else text

    def _other(self, found: re.Match[str]) -> str:
        other = self._phrases[_plain(found[0])]
        # The capitals of "AI" say nothing of where it stands.
        first, second = found[0][:1], found[0][1:2]
        begins = first.isupper() and not second.isupper()
        return other[:1].upper() + other[1:] if begins else other


class Past:
    """Leaves out every sentence of given texts, however its lines are broken."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the texts of which nothing may be shown."""
        found = {part for text in texts for part in _parts(text)}
        self._pattern = re.compile(rf"(?<!\w)(?:{_any_of(found)})(?!\w)", re.IGNORECASE)
        self._any = bool(found)

    def __call__(self, text: str) -> str:
        """Return a text without them, each replaced by a mark."""
        return self._pattern.sub(LEFT_OUT, text) if self._any else text


def within_json(change: Change, text: str) -> str:
    """Return JSON with its texts changed, and as it was if there is nothing to change.

    What is no JSON is changed as a text. An escape could hide what is to be changed, so texts are
    changed as they read.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return change(text)
    changed = _within(change, given)
    return text if changed == given else json.dumps(changed, ensure_ascii=False)


def _within(change: Change, value: Any) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            found = [_within(change, entry) for entry in value]
            # A place in the order of the alphabet would tell a name's first letters.
            return sorted(found) if _ordered(value) else found
        case dict():
            return {change(key): _within(change, entry) for key, entry in value.items()}
    return value


def _ordered(value: list[Any]) -> bool:
    return all(isinstance(entry, str) for entry in value) and value == sorted(value)


def _parts(text: str) -> set[str]:
    """Return a text, its lines and its sentences, each without what may stand around it."""
    wholes = (text, *text.splitlines(), *_ENDS.split(text))
    kept = (whole for whole in wholes if not _TAG.match(whole.strip()))
    found = {_HEAD.sub("", whole).strip(" \n.!?-") for whole in kept}
    return {part for part in found if len(part.split()) >= _LEAST_WORDS}


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern of any of some phrases, longest first, whatever the blanks in them."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)


def _plain(phrase: str) -> str:
    return " ".join(phrase.split()).lower()
