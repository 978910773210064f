"""How deep a factor reaches: read from what differs between arms, never chosen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from peersim.ids import canonical_json
from peersim.study.contrast import Cells, Contrast, matches
from peersim.study.design import AUTHORS, Arm, Study
from peersim.study.protocol import Scope

COARSEST_FIRST: tuple[Scope, ...] = ("history", "recollection", "oversight", "scoring")
FEWEST = 16
"""Histories per side below which a comparison between histories only explores."""
LAX = 0.2
"""The largest alpha of a test that needs no caution."""
Levels = Mapping[str, str]
Level = Literal["within", "between"]


class _Told(NamedTuple):
    """An arm's levels, and what it decides of each phase as text that can be compared."""

    levels: Levels
    history: str
    recollection: str


def coarsest(scopes: Iterable[Scope]) -> Scope:
    """Return the scope that reaches deepest; of none, the oversight phase alone."""
    return min(scopes, key=COARSEST_FIRST.index, default="oversight")


def scope_of_factors(arms: Sequence[Arm]) -> dict[str, Scope]:
    """Return the scope of each factor that varies, in the order of the arms' levels.

    A factor is judged by the arms that differ in it alone. Where there are none, as when two
    factors are always changed together, those that differ in the fewest others are taken. Where
    its levels reach to different depths, the deepest counts: so no contrast between histories
    is ever taken for one within.

    Args:
        arms: All arms of the study.
    """
    told = [_told(arm) for arm in arms]
    factors = dict.fromkeys(factor for one in told for factor in one.levels)
    return {
        factor: coarsest(scope_between(a, b) for a, b in pairs)
        for factor in factors
        if (pairs := _alone(told, factor) or _nearest(told, factor))
    }


def scope_between(a: _Told, b: _Told) -> Scope:
    """Return how deep the difference between two arms reaches."""
    if a.history != b.history:
        return "history"
    return "recollection" if a.recollection != b.recollection else "oversight"


def _told(arm: Arm) -> _Told:
    # Any replicate will do: what it is called is the same in all arms.
    history = canonical_json(arm.history(seed=0, replicate=0))
    author = arm.models[AUTHORS[getattr(arm.memory, "author", "scribe")]]
    remembering = {
        "memory": arm.memory.model_dump(mode="json"),
        "transform": arm.transform.model_dump(mode="json"),
        "model": author.model_dump(mode="json") if arm.memory.by_model else None,
    }
    return _Told(arm.levels, history, canonical_json(remembering))


def _alone(told: Sequence[_Told], factor: str) -> list[tuple[_Told, _Told]]:
    """Return the pairs of arms that differ in a factor and in no other."""
    groups: dict[frozenset[tuple[str, str]], list[_Told]] = defaultdict(list)
    for one in told:
        groups[frozenset((k, v) for k, v in one.levels.items() if k != factor)].append(one)
    return [pair for group in groups.values() for pair in combinations(group, 2)]


def _nearest(told: Sequence[_Told], factor: str) -> list[tuple[_Told, _Told]]:
    """Return the pairs that differ in a factor and in as few others as any such pair."""
    by_count: dict[int, list[tuple[_Told, _Told]]] = defaultdict(list)
    for a, b in combinations(told, 2):
        if a.levels.get(factor) != b.levels.get(factor):
            names = {*a.levels, *b.levels}
            by_count[sum(a.levels.get(k) != b.levels.get(k) for k in names)].append((a, b))
    return by_count[min(by_count)] if by_count else []


def factors_between(contrast: Contrast, arms: Sequence[Levels]) -> tuple[str, ...]:
    """Return the factors in which the sides of a contrast differ, in the order of the arms'.

    Args:
        contrast: The contrast.
        arms: The levels of all arms.
    """
    if contrast.dose is not None:
        return (contrast.dose,)
    sides = [_levels(cells, arms) for cells in (contrast.a, contrast.b, contrast.c, contrast.d)]
    given = [side for side in sides if side is not None]
    factors = dict.fromkeys(factor for levels in arms for factor in levels)
    return tuple(f for f in factors if len({side.get(f, frozenset()) for side in given}) > 1)


def level_of(contrast: Contrast, arms: Sequence[Levels], scopes: Mapping[str, Scope]) -> Level:
    """Return the level of a contrast: between histories if any of its factors makes histories.

    Args:
        contrast: The contrast.
        arms: The levels of all arms.
        scopes: The scope of each factor.
    """
    deep = (scopes.get(factor) == "history" for factor in factors_between(contrast, arms))
    return "between" if any(deep) else "within"


def cautions(study: Study) -> list[str]:
    """Return what a reader of the plan must be told before the study is paid for."""
    said = [
        f"contrast {contrast.id} is tested at alpha {contrast.alpha:g}: a difference is found where"
        f" there is none in up to {contrast.alpha:.0%} of such studies"
        for contrast in study.protocol.contrasts
        if contrast.alpha > LAX and contrast.role != "exploratory"
    ]
    if lost := [contrast.id for contrast in study.protocol.left_out]:
        said.append(f"declared, but left out since the study was cut down: {', '.join(lost)}")
    return said


def _levels(cells: Cells | None, arms: Sequence[Levels]) -> dict[str, frozenset[str]] | None:
    """Return the levels of each factor on a side; None if there is no such side."""
    if cells is None:
        return None
    own = [levels for levels in arms if matches(dict(levels), cells)]
    factors = dict.fromkeys(factor for levels in own for factor in levels)
    return {f: frozenset(levels[f] for levels in own if f in levels) for f in factors}
