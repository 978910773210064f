"""Departures from a frozen plan: what changed, and which questions they added."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from peersim.frozen import Frozen
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol


class Deviation(Frozen):
    """One departure from the plan: the run was gone on with under another protocol.

    Attributes:
        old: The digest of the protocol that stood before.
        new: The digest of the one that stands since.
        finished: Trials that were finished when it changed.
        changed: What differs, by key: the old and the new value as JSON.
        protocol: The new protocol.
    """

    old: str
    new: str
    finished: int
    changed: dict[str, tuple[str, str]]
    protocol: Protocol


def changed(old: Protocol, new: Protocol) -> dict[str, tuple[str, str]]:
    """Return what differs between two protocols, by key and as JSON.

    Contrasts, gates and scopes are compared one by one, and those that both have key by key.

    Args:
        old: The protocol that stood before.
        new: The one that stands since.
    """
    before, after = _by_name(old), _by_name(new)
    found: dict[str, tuple[str, str]] = {}
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            keys = sorted(was.keys() | now.keys())
            each = {f"{name}.{key}": (was.get(key), now.get(key)) for key in keys}
        else:
            each = {name: (was, now)}
        found |= {key: (_json(one), _json(other)) for key, (one, other) in each.items()}
    return {key: (one, other) for key, (one, other) in found.items() if one != other}


def _by_name(protocol: Protocol) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in protocol.model_dump(mode="json").items():
        if key in ("contrasts", "gates", "left_out"):
            found |= {f"{key}.{one['id']}": one for one in value}
        else:
            found[key] = value
    return found


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def added(known: Sequence[Contrast], later: Iterable[Contrast]) -> tuple[Contrast, ...]:
    """Return what deviations ask that the frozen plan does not, as explorations.

    One whose sides, outcome or claim were changed is a further question, with a name of its own.

    Args:
        known: The contrasts of the frozen plan.
        later: Those of its deviations, in their order.
    """
    asked = {one.id: [_question(one)] for one in known}
    found: list[Contrast] = []
    for one in later:
        before = asked.setdefault(one.id, [])
        if _question(one) in before:
            continue
        name = f"{one.id}.changed{len(before) if len(before) > 1 else ''}" if before else one.id
        before.append(_question(one))
        found.append(one.model_copy(update={"id": name, "role": "exploratory", "after": None}))
    return tuple(found)


def _question(contrast: Contrast) -> str:
    """Return what a contrast asks, whatever is claimed of it."""
    return contrast.model_dump_json(exclude={"id", "estimand", "role", "after", "alpha"})
