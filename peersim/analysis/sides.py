"""Which arms and histories make up the sides of a contrast, and at which level they differ."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from peersim.analysis.arms import Arm, Unit, arm_key, arm_label
from peersim.analysis.grouped import Grouped
from peersim.analysis.refusals import Level, refuse_empty, refuse_mixed_parts
from peersim.errors import AnalysisRefusal
from peersim.study.contrast import Contrast
from peersim.study.protocol import Scope

SIGNS = {"a": 1, "b": -1, "c": -1, "d": 1}
"""(a - b) - (c - d)."""


class Stratum(NamedTuple):
    """Arms that were forked from the same histories.

    Attributes:
        arms: Its arms on each side.
        units: Its histories, whatever became of their trials.
    """

    arms: dict[str, tuple[Arm, ...]]
    units: frozenset[Unit]


class Layout(NamedTuple):
    """A contrast as the arms and their histories make it.

    Attributes:
        sides: The arms of each side.
        strata: Disjoint sets of histories, each with the arms forked from it.
        level: Within histories, or between them.
        differing: The factors in which sides differ.
        notes: What must be printed with the number.
    """

    sides: dict[str, tuple[Arm, ...]]
    strata: tuple[Stratum, ...]
    level: Level
    differing: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def arms(self) -> list[Arm]:
        """All arms, side by side."""
        return [arm for of in self.sides.values() for arm in of]


def layout(contrast: Contrast, scopes: Mapping[str, Scope], grouped: Grouped) -> Layout:
    """Return the sides of a difference, or of a difference of differences.

    Raises:
        AnalysisRefusal: If a side has no arm, an arm nothing to show, or stands on two sides; if
            sides are not balanced over the factors that they pool, or differ in one that the
            contrast does not name; if models are mixed; if arms share only some histories; or if
            rows contradict the declared scopes.
    """
    cells = {"a": contrast.a, "b": contrast.b, "c": contrast.c, "d": contrast.d}
    sides = {name: tuple(grouped.matching(of)) for name, of in cells.items() if of is not None}
    _refuse_missing(sides, cells, contrast.outcome, grouped)
    differing = refuse_unsound(contrast, sides)
    refuse_mixed_parts([(arm, grouped.rows(arm)) for of in sides.values() for arm in of])
    strata = strata_of(sides, grouped)
    seen = level_by_arms([of.arms for of in strata], len(sides))
    level, notes = agreed_level(seen, differing, scopes, strata)
    return Layout(sides, strata, level, differing, notes)


def refuse_unsound(contrast: Contrast, sides: Mapping[str, Sequence[Arm]]) -> tuple[str, ...]:
    """Refuse sides that cannot be compared, whatever their trials show.

    Args:
        contrast: A difference, or a difference of differences.
        sides: The arms of each side; at least one in each.

    Returns:
        The factors in which the sides differ.

    Raises:
        AnalysisRefusal: If an arm stands on two sides, or if sides are not balanced over the
            factors that they pool, or differ in one that the contrast does not name.
    """
    cells = [of for of in (contrast.a, contrast.b, contrast.c, contrast.d) if of is not None]
    _refuse_shared(sides)
    if any(len(of) > 1 for of in sides.values()):
        refuse_unlike(sides, {factor for of in cells for factor in of})
    differing = differing_in(sides)
    _refuse_confounded(differing, cells)
    return differing


def differing_in(sides: Mapping[str, Sequence[Arm]]) -> tuple[str, ...]:
    """Return the factors whose levels are not the same on all sides, in the arms' order."""
    names = dict.fromkeys(name for of in sides.values() for arm in of for name in arm)
    return tuple(
        name
        for name in names
        if len({frozenset(arm.get(name) for arm in of) for of in sides.values()}) > 1
    )


def strata_of(sides: Mapping[str, Sequence[Arm]], grouped: Grouped) -> tuple[Stratum, ...]:
    """Return the sets of histories that different arms were forked from, sorted.

    Raises:
        AnalysisRefusal: If arms share only some of their histories, or only some trials have one.
    """
    arms = [(name, arm) for name, of in sides.items() for arm in of]
    kinds = {unit[0] for _, arm in arms for unit in grouped.units(arm)}
    if len(kinds) > 1:
        raise AnalysisRefusal(
            "some trials of this contrast grew from a lived history and some from none",
            "compare arms that all have a lived history, or arms that all have none",
        )
    found: dict[frozenset[Unit], list[tuple[str, Arm]]] = {}
    for name, arm in arms:
        found.setdefault(grouped.units(arm), []).append((name, arm))
    _refuse_overlap(list(found))
    return tuple(
        Stratum({side: tuple(arm for name, arm in of if name == side) for side in sides}, units)
        for units, of in sorted(found.items(), key=lambda one: min(one[0]))
    )


def agreed_level(
    seen: Level,
    differing: Iterable[str],
    scopes: Mapping[str, Scope],
    strata: Sequence[Stratum],
) -> tuple[Level, tuple[str, ...]]:
    """Return the level that scopes and rows agree on, and what is to be said of it.

    Args:
        seen: The level that the rows show.
        differing: The factors in which sides differ.
        scopes: The declared scopes.
        strata: The contrast's histories.

    Raises:
        AnalysisRefusal: If the scopes say one thing and the rows another.
    """
    missing = [name for name in differing if name not in scopes]
    history = [name for name in differing if scopes.get(name) == "history"]
    if missing and not history:
        return seen, (f"no scope was declared for {', '.join(missing)}: the level is the rows'",)
    declared: Level = "between" if history else "within"
    if any(unit[0] == "trial" for stratum in strata for unit in stratum.units):
        return seen, ("trials without a history: each stands for itself",)
    if declared == seen:
        return seen, ()
    raise AnalysisRefusal(
        f"by the declared scope of {', '.join(history or list(differing))} this is a contrast "
        f"{declared} histories, yet by the rows it is {seen} them",
        "declare the scope that the factor has, and plan the study anew",
    )


def level_by_arms(strata: Sequence[Mapping[str, Sequence[Arm]]], sides: int) -> Level:
    """Return the level as histories show it: within only if each of them serves every side.

    Args:
        strata: The arms on each side that were forked from the same histories.
        sides: How many sides there are.

    Raises:
        AnalysisRefusal: If of two sides some histories serve both and some only one.
    """
    served = [sum(bool(of) for of in stratum.values()) for stratum in strata]
    if all(many == sides for many in served):
        return "within"
    if sides == 2 and len(set(served)) > 1:
        raise AnalysisRefusal(
            "some histories serve both sides of this contrast and some only one",
            "declare one contrast for each",
        )
    return "between"


def _refuse_missing(
    sides: Mapping[str, tuple[Arm, ...]],
    cells: Mapping[str, Mapping[str, object] | None],
    outcome: str,
    grouped: Grouped,
) -> None:
    for name, arms in sides.items():
        if not arms:
            raise AnalysisRefusal(
                f"no arm matches side {name} ({dict(cells[name] or {})})",
                "plan the arm, or mend the contrast's levels",
            )
        for arm in arms:
            refuse_empty(arm, grouped.rows(arm), outcome)


def _refuse_shared(sides: Mapping[str, Sequence[Arm]]) -> None:
    """Refuse an arm that stands on two sides."""
    taken: dict[object, str] = {}
    for name, arms in sides.items():
        for arm in arms:
            if taken.setdefault(arm_key(arm), name) != name:
                raise AnalysisRefusal(
                    f"arm ({arm_label(arm)}) is on sides {taken[arm_key(arm)]} and {name}",
                    "name the levels that tell the sides apart",
                )


def _refuse_confounded(differing: Sequence[str], cells: Sequence[Mapping[str, object]]) -> None:
    """Refuse sides that differ in a factor which is not named on all of them."""
    beside = [name for name in differing if any(name not in of for of in cells)]
    if beside:
        raise AnalysisRefusal(
            f"the sides differ in {', '.join(beside)} too, so that nobody can say which of the "
            "factors made a difference",
            "compare arms that share its level; or, if the difference of both is meant, name its "
            "levels on every side of the contrast",
        )


def refuse_unlike(sides: Mapping[str, Sequence[Arm]], named: set[str]) -> None:
    """Refuse sides that average over different cells of the factors that are not named.

    Args:
        sides: The arms of each side.
        named: The factors by which sides are told apart.

    Raises:
        AnalysisRefusal: If two sides pool different cells, or one lacks a combination.
    """
    first = next(iter(sides))
    rest = {side: {_part(arm, set(arm) - named) for arm in arms} for side, arms in sides.items()}
    for side, arms in sides.items():
        own = {_part(arm, named) for arm in arms}
        if rest[side] != rest[first] or len(arms) != len(own) * len(rest[side]):
            raise AnalysisRefusal(
                f"sides {first} and {side} do not pool the same cells, so that equal weights "
                "would compare different things",
                "name the levels that both sides have",
            )


def _part(arm: Arm, names: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, level) for name, level in arm.items() if name in names))


def _refuse_overlap(sets: Sequence[frozenset[Unit]]) -> None:
    owner: dict[Unit, int] = {}
    for place, units in enumerate(sets):
        for unit in units:
            first = owner.setdefault(unit, place)
            if first != place:
                shared, both = len(units & sets[first]), len(units | sets[first])
                raise AnalysisRefusal(
                    f"the arms share {shared} of {both} histories",
                    "finish the study so that they share all, or pass only the shared ones",
                )
