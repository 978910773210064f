"""In what two studies are unlike, for whoever is told that a directory holds another one."""

import json
from collections.abc import Iterator
from typing import Any

from peersim.study.design import Study

# How many differences are named; the others are counted.
NAMED = 3
_WHOLE = ("name", "seed", "replicates", "trials_per_history", "probes")


def unlike(held: Study, given: Study) -> str:
    """Return in what the study of a directory and the one asked for differ, as people read it.

    Args:
        held: The one in the directory.
        given: The one asked for now.

    Returns:
        Such as ``replicates is 2 there and 3 here``.
    """
    found = [*_differing(held, given), *_alone(held, given, "there"), *_alone(given, held, "here")]
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return "; ".join(found[:NAMED]) + more or "in the order of their arms"


def _differing(held: Study, given: Study) -> Iterator[str]:
    """Yield what both have, and have otherwise."""
    there, here = dict(_parts(held)), dict(_parts(given))
    for name in [name for name in there if name in here]:
        if there[name] != here[name]:
            yield f"{name} is {there[name]} there and {here[name]} here"


def _alone(study: Study, other: Study, where: str) -> Iterator[str]:
    """Yield the arms that a study has and the other has not."""
    known = {_label(arm.levels) for arm in other.arms}
    for label in [_label(arm.levels) for arm in study.arms]:
        if label not in known:
            yield f"{label} is only {where}"


def _parts(study: Study) -> Iterator[tuple[str, str]]:
    """Yield what decides a study's trials, as JSON by name; what arms are made of by the arm."""
    for name in _WHOLE:
        yield name, json.dumps(getattr(study, name))
    for arm in study.arms:
        for path, value in _leaves(arm.model_dump(mode="json", exclude={"levels"})):
            yield f"{path} of {_label(arm.levels)}", value


def _label(levels: dict[str, str]) -> str:
    return " ".join(("the arm", ", ".join(f"{key}={level}" for key, level in levels.items())))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, json.dumps(value)
