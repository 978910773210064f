"""Tagged sections: a prompt is a list of named parts that can be read back apart.

Arms are compared section by section, so each factor owns the sections it may change.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_SECTION = re.compile(r"<(?P<name>[a-z_]+)>\n(?P<text>.*?)\n</(?P=name)>", re.DOTALL)


LINE_BREAK = " \N{RETURN SYMBOL} "


class Section(NamedTuple):
    """A named part of a prompt."""

    name: str
    text: str


def join(sections: Iterable[Section]) -> str:
    """Return the prompt text. A section without text vanishes, its tags included.

    An empty heading makes models invent what should stand under it, so an absent
    recollection must leave no trace.
    """
    parts = (s for s in sections if s.text.strip())
    return "\n\n".join(f"<{s.name}>\n{s.text.strip()}\n</{s.name}>" for s in parts)


def split(prompt: str) -> tuple[Section, ...]:
    """Read the sections of a prompt back, in order."""
    found = _SECTION.finditer(prompt)
    return tuple(Section(name=m["name"], text=m["text"]) for m in found)


def storable(text: str) -> str:
    """Return a text that can be stored: half an emoji, as models may write it, is replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def inline(text: str) -> str:
    """Return text by a peer made safe to stand within a line of ours, in quotes or not.

    A line break in it could begin a line that looks like the next entry of a record, and a
    quotation mark could end the quotation it stands in.
    """
    return LINE_BREAK.join(quoted(text).splitlines()).replace('"', "'")


def quoted(text: str) -> str:
    """Return text by a peer made safe to stand in a section: its tags cannot act as ours."""
    text = storable(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
