"""The arm certificate: arms differ in what they say they differ in, and no two are the same."""

import difflib
from itertools import combinations
from typing import NamedTuple

from peersim.errors import ConfigError
from peersim.frozen import Frozen
from peersim.study.design import Arm, Study
from peersim.study.doses import check_doses
from peersim.study.inert import why_inert
from peersim.study.owners import Fields, differing, fields_of, may_differ
from peersim.study.rendered import rendered

# Surfaces are eight; two replicates show two of them, and the tests show all.
REPLICATES = 2
PLACE_OF_PAST = "past"
ADVICE = "mend the template, or say which factor owns the place"


class Breach(Frozen):
    """Two arms whose texts differ where none of their factors may make them differ.

    Attributes:
        fields: The fields in which the arms do differ.
        place: Where the texts differ.
        diff: How, line by line.
    """

    one: str
    other: str
    fields: tuple[str, ...]
    place: str
    diff: str


def certify(study: Study) -> None:
    """Check that no two arms are the same and that each pair differs in its factors' places alone.

    Raises:
        ConfigError: If two arms are, or do not; or if a task has no room for a dose.
    """
    _no_twins(study)
    for arm in study.arms:
        check_doses(arm)
    for one, other in combinations([exhibit(arm, study.seed) for arm in study.arms], 2):
        if all(_alike(a, b) for a, b in zip(one.shown, other.shown, strict=True)):
            _check_not_alike(one.arm, other.arm, study.seed)
        found = breach(one, other)
        if found:
            raise ConfigError(
                f"arms {found.one} and {found.other} differ in {', '.join(found.fields)}, but"
                f" their texts also differ in {found.place}:\n{found.diff}",
                ADVICE,
            )


class Exhibit(NamedTuple):
    """An arm with all that it decides and all that it shows, a replicate an entry."""

    arm: Arm
    fields: Fields
    shown: tuple[dict[str, str], ...]


def exhibit(arm: Arm, seed: int, replicates: int = REPLICATES) -> Exhibit:
    """Return what an arm shows in its first replicates."""
    shown = tuple(rendered(arm, seed, replicate) for replicate in range(replicates))
    return Exhibit(arm, fields_of(arm), shown)


def breach(one: Exhibit, other: Exhibit) -> Breach | None:
    """Return the first place at which two arms differ without a factor that owns it."""
    fields: tuple[str, ...] | None = None
    for a, b in zip(one.shown, other.shown, strict=True):
        for place in sorted(a.keys() | b.keys()):
            if a.get(place, "") == b.get(place, ""):
                continue
            fields = differing(one.fields, other.fields) if fields is None else fields
            if not may_differ(place, fields):
                diff = _diff(a.get(place, ""), b.get(place, ""))
                names = {"one": _name(one.arm), "other": _name(other.arm)}
                return Breach(**names, fields=fields, place=place, diff=diff)
    return None


def _check_not_alike(one: Arm, other: Arm, seed: int) -> None:
    """Refuse arms that differ only in what decides nothing in them.

    Raises:
        ConfigError: If they do; it names the fields, and why they decide nothing.
    """
    reasons = why_inert(one, other)
    if not reasons:
        return
    # Without masks: names and words of target make arms differ too.
    if _alike(rendered(one, seed, masked=False), rendered(other, seed, masked=False)):
        whys = dict.fromkeys(reasons.values())
        raise ConfigError(
            f"arms {_name(one)} and {_name(other)} differ in {', '.join(reasons)} alone, and"
            f" {'; '.join(whys)}",
            "leave one of them out, or vary what makes that factor matter too",
        )


def _alike(one: dict[str, str], other: dict[str, str]) -> bool:
    """Return whether two arms show the same, whatever the past was like that is remembered."""
    places = one.keys() | other.keys()
    return all(one.get(place) == other.get(place) for place in places if place != PLACE_OF_PAST)


def _no_twins(study: Study) -> None:
    seen: dict[str, Arm] = {}
    for arm in study.arms:
        trial = arm.trial(study.seed, replicate=0, replicates=study.replicates).trial_id
        if twin := seen.get(trial):
            raise ConfigError(
                f"arms {_name(twin)} and {_name(arm)} are the same in everything that"
                " decides an outcome",
                "give each level of a factor once, and only levels that change something",
            )
        seen[trial] = arm


def _diff(a: str, b: str) -> str:
    lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "one", "other", lineterm="", n=0)
    return "\n".join(list(lines)[2:])


def _name(arm: Arm) -> str:
    """Return the name of an arm, for messages."""
    return f"({', '.join(f'{key}={level}' for key, level in arm.levels.items())})"
