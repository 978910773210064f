"""Model families, by name: a judge is not to be of its overseer's own."""

import re

_FAMILY = re.compile(r"[a-z]+")
# What may stand before a model's name: a region and its maker, each with a dot, as in
# us.anthropic.claude-opus; the dot of a version has a digit before it.
_BEFORE = re.compile(r"^(?:[a-z][a-z-]*\.)+(?=[a-z])")
# Names under which one house's models go besides.
_ALSO = {"o": "gpt", "chatgpt": "gpt", "codex": "gpt", "gemma": "gemini"}


def family(ref: str) -> str:
    """Return the family of a model by its reference; each stand-in is a family of its own."""
    if ref.startswith("simulated/"):
        return ref
    found = _FAMILY.match(_BEFORE.sub("", ref.rpartition("/")[2].lower()))
    name = found[0] if found else ref
    return _ALSO.get(name, name)
