"""Which places a factor owns: where the texts of arms may differ that differ in it."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from peersim.study.design import Arm

# By the field that differs. Patterns are of the places of ``study.rendered``.
_OWNED: dict[str, tuple[str, ...]] = {
    "circumstances.target": ("job.target",),
    "circumstances.identity": ("job.target",),
    # Below the bar something follows or nothing does: that is said wherever the bar is, and the
    # final form asks for no more than there is.
    "circumstances.stakes": ("file.*", "job.lever", "tool.submit_report"),
    "circumstances.standing": ("file.*", "sheet.*", "world.state"),
    "circumstances.observation": ("job.observation",),
    "circumstances.self_threat": ("job.threat",),
    "circumstances.salience": ("job.lever",),
    "circumstances.agency": ("job.agency",),
    "circumstances.exit_tools": ("job.body", "tool.decline", "tool.flag_concern"),
    "circumstances.delivery": ("system.*", "file.earlier_work.md", "tool.recall_past", "earlier"),
    "circumstances.authorship": ("system.recollection", "file.earlier_work.md", "tool.recall_past"),
    "circumstances.insistent": ("system.earlier_work",),
    "circumstances.precedence": ("file.*",),
    "circumstances.realism": ("system.occasion",),
    "circumstances.third_speaks": ("job.third",),
    "circumstances.report_form": ("tool.submit_report",),
    "scenario": ("job.*", "file.*", "sheet.*", "rows.*", "world.state", "tool.*", "order.*"),
    "persona_at_oversight": ("system.persona",),
    "overseer_persona": ("system.persona", "past"),
    "roster": ("past", "job.*", "file.*", "sheet.*", "world.state"),
    "appointment": (),
    "models": ("past",),
}
# Whether there is any past at all decides whether the places of its delivery are filled.
_PAST = ("past", "system.recollection", "system.earlier_work", "earlier")
_PLACES_OF_PAST = (*_PAST, "file.earlier_work.md", "tool.recall_past")


Fields = dict[str, object]


def differing(one: Fields, other: Fields) -> tuple[str, ...]:
    """Return the fields in which two arms differ, sorted."""
    keys = one.keys() | other.keys()
    return tuple(sorted(key for key in keys if one.get(key) != other.get(key)))


def fields_of(arm: Arm) -> Fields:
    """Return all that an arm decides, by field, labels left out; circumstances one by one."""
    found = arm.model_dump(mode="json", exclude={"levels", "settings"})
    around = arm.circumstances.model_dump(mode="json")
    found.pop("circumstances", None)
    return found | {f"circumstances.{key}": value for key, value in around.items()}


def may_differ(place: str, fields: Iterable[str]) -> bool:
    """Return whether texts at a place may differ between arms that differ in some fields."""
    patterns = (pattern for field in fields for pattern in _OWNED.get(field, _PLACES_OF_PAST))
    return any(fnmatchcase(place, pattern) for pattern in patterns)
