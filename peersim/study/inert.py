"""Fields that decide nothing in an arm: what they are about is neither shown nor done."""

from collections.abc import Callable, Mapping
from typing import Any

from peersim.study.design import Arm, Role

_UNREAD = "with memory none nothing of the past is shown"
_UNTRUE = "with memory declared what is shown is declared, whatever was lived"
_UNLIVED = "with history absent nothing is done together"
_UNSEEN = "the overseer is shown the same in both"
_UNASKED = "no model writes the memory"
_UNTOLD = "with stakes none nobody is told of a bar"
_DROPPED = "with history absent and the persona dropped nobody is told of it"
# Memories that no transform reaches.
_UNTRANSFORMED = {"none": _UNREAD, "declared": _UNTRUE}
# Of the company; by their keys in the configuration.
_COMPANY = {
    "peer_script": "partner_script",
    "background_script": "background_script",
    "background_persona": "persona.background",
    "topology": "topology",
    "delay": "delay",
}


def why_inert(one: Arm, other: Arm) -> dict[str, str] | None:
    """Return why each field decides nothing in which two arms differ, by its key.

    It is for arms that show their overseer the same texts, but for what is remembered.

    Returns:
        Reasons by key; None if a field in which they differ decides something.
    """
    found: dict[str, str] = {}
    for field in Arm.model_fields:
        a, b = getattr(one, field), getattr(other, field)
        if field in ("levels", "settings") or a == b:
            continue
        reasons = _reasons(field, one, other)
        if not reasons:
            return None
        found |= reasons
    return found


def _reasons(field: str, one: Arm, other: Arm) -> dict[str, str]:
    """Return the keys below a field in which arms differ, with reasons; nothing if one decides."""
    rule = _RULES.get(field)
    return rule(one, other) if rule else {}


def _circumstances(one: Arm, other: Arm) -> dict[str, str]:
    differing = _differing(one.circumstances.model_dump(), other.circumstances.model_dump())
    return {f"circumstances.{key}": _UNSEEN for key in differing}


def _transform(one: Arm, other: Arm) -> dict[str, str]:
    if one.memory.kind == other.memory.kind and one.memory.kind in _UNTRANSFORMED:
        return {"transform": _UNTRANSFORMED[one.memory.kind]}
    return {} if _lived(one, other) else {"transform": _UNLIVED}


def _task(one: Arm, other: Arm) -> dict[str, str]:
    return {} if _lived(one, other) else {"task": _UNLIVED}


def _peer_persona(one: Arm, other: Arm) -> dict[str, str]:
    return {} if _lived(one, other) else {"persona.peer": _UNLIVED}


def _overseer_persona(one: Arm, other: Arm) -> dict[str, str]:
    kept = "kept" in (one.persona_at_oversight, other.persona_at_oversight)
    decides = kept or _lived(one, other) or _written(one, other)
    return {} if decides else {"persona.overseer": _DROPPED}


def _company(one: Arm, other: Arm) -> dict[str, str]:
    differing = _differing(dict(one.company), dict(other.company))
    if _lived(one, other) or not differing <= _COMPANY.keys():
        return {}
    return {key: _UNLIVED for field, key in _COMPANY.items() if field in differing}


def _scenario(one: Arm, other: Arm) -> dict[str, str]:
    stakes = (one.circumstances.stakes, other.circumstances.stakes)
    differing = _differing(one.scenario.model_dump(), other.scenario.model_dump())
    return {"scenario.bar": _UNTOLD} if differing == {"bar"} and {*stakes} == {"none"} else {}


def _models(one: Arm, other: Arm) -> dict[str, str]:
    reasons: dict[Role, str] = {}
    if not _written(one, other):
        reasons["memory"] = _UNASKED
        if not _lived(one, other):
            reasons["peer"] = _UNLIVED
    differing = _differing(one.models, other.models)
    if not differing <= reasons.keys():
        return {}
    return {f"roles.{role}": why for role, why in reasons.items() if role in differing}


_RULES: Mapping[str, Callable[[Arm, Arm], dict[str, str]]] = {
    "circumstances": _circumstances,
    "transform": _transform,
    "task": _task,
    "peer_persona": _peer_persona,
    "overseer_persona": _overseer_persona,
    "company": _company,
    "scenario": _scenario,
    "models": _models,
}


def _lived(one: Arm, other: Arm) -> bool:
    return one.company.lived or other.company.lived


def _written(one: Arm, other: Arm) -> bool:
    """Return whether a model writes what is remembered in either arm."""
    return one.memory.by_model or other.memory.by_model


def _differing(one: Mapping[Any, object], other: Mapping[Any, object]) -> set[Any]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
