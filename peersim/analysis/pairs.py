"""Which arms to compare, and all those comparisons side by side with their refusals."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from peersim.analysis.arms import Arm, Kind, arm_key, by_arm
from peersim.analysis.contrasts import ContrastEstimate, Side, compare_sides
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.multiplicity import holm

# So many exploratory contrasts are by-products of a matrix and no findings.
MANY = 300
Role = Literal["primary", "secondary", "exploratory"]


class DeclaredContrast(Frozen):
    """A contrast that was named before the run.

    Attributes:
        a: The first arm.
        b: The second arm, which is subtracted.
        role: Whether the study stands or falls by it.
    """

    a: Arm
    b: Arm
    role: Literal["primary", "secondary"] = "primary"


class ContrastLine(Frozen):
    """One line of a table of contrasts: an estimate, or the reason why there is none.

    Attributes:
        a: The first arm.
        b: The second arm.
        factors: The factors in which they differ.
        role: "exploratory" unless it was declared before the run.
        estimate: The estimate; None if it was refused.
        refusal: Why it was refused and what to do; None if it was not.
        p_holm: p adjusted by Holm's method over all lines of the same role, the refused ones
            counted too; None if refused.
    """

    a: Arm
    b: Arm
    factors: tuple[str, ...]
    role: Role
    estimate: ContrastEstimate | None
    refusal: str | None
    p_holm: float | None


def neighbours(arms: Sequence[Arm]) -> list[tuple[Arm, Arm, str]]:
    """All pairs of arms that differ in exactly one factor, and that factor.

    Args:
        arms: Arms in the order in which they are to be shown; pairs keep that order.
    """
    return [
        (a, b, differing[0])
        for a, b in combinations(arms, 2)
        if len(differing := differing_factors(a, b)) == 1
    ]


def differing_factors(a: Mapping[str, str], b: Mapping[str, str]) -> tuple[str, ...]:
    """The factors whose levels differ, or that only one of the arms has, in a's order."""
    names = dict.fromkeys([*a, *b])
    return tuple(name for name in names if a.get(name) != b.get(name))


def contrasts(
    rows: Sequence[TrialRow],
    measure: str,
    *,
    arms: Sequence[Arm] | None = None,
    declared: Sequence[DeclaredContrast] = (),
    kind: Kind | None = None,
) -> list[ContrastLine]:
    """Estimate the declared contrasts, then every other pair of neighbouring arms.

    Where there are more than ``MANY`` such pairs only the declared ones are estimated: nobody
    reads so many by-products, and none would survive the adjustment for all of them.

    Args:
        rows: All finished trials.
        measure: What to compare.
        arms: The planned arms, so that one that never ran is refused rather than passed over;
            by default those that the rows show.
        declared: The contrasts named before the run.
        kind: Say "score" for one that happens to be only 0 or 1 in these rows.

    Returns:
        One line for each contrast, refused or not.
    """
    known = list(arms) if arms is not None else [arm for arm, _ in by_arm(rows)]
    named: list[tuple[Arm, Arm, Role]] = [(of.a, of.b, of.role) for of in declared]
    taken = {_pair_key(a, b) for a, b, _ in named}
    found = [(a, b) for a, b, _ in neighbours(known) if _pair_key(a, b) not in taken]
    if len(found) > MANY:
        found = []
    sides = _Sides(rows, measure)
    lines = [
        _line(a, b, role, sides, kind)
        for a, b, role in (*named, *((a, b, "exploratory") for a, b in found))
    ]
    return _adjusted(lines)


def too_many(arms: Sequence[Arm]) -> int:
    """Return how many pairs of neighbouring arms there are if they are too many, else 0."""
    pairs = len(neighbours(arms))
    return pairs if pairs > MANY else 0


class _Sides:
    """Each arm's side, made once: an arm has many neighbours."""

    def __init__(self, rows: Sequence[TrialRow], measure: str) -> None:
        self._own = {arm_key(arm): of for arm, of in by_arm(rows)}
        self._measure = measure
        self._made: dict[tuple[tuple[str, str], ...], Side] = {}

    def of(self, arm: Arm) -> Side:
        key = arm_key(arm)
        if key not in self._made:
            self._made[key] = Side(arm, self._own.get(key, ()), self._measure)
        return self._made[key]


def _line(a: Arm, b: Arm, role: Role, sides: _Sides, kind: Kind | None) -> ContrastLine:
    found, refusal = None, None
    try:
        found = compare_sides(sides.of(a), sides.of(b), kind)
    except AnalysisRefusal as error:
        refusal = str(error)
    return ContrastLine(
        a=a,
        b=b,
        factors=differing_factors(a, b),
        role=role,
        estimate=found,
        refusal=refusal,
        p_holm=None,
    )


def _adjusted(lines: list[ContrastLine]) -> list[ContrastLine]:
    """The lines with their adjusted p; a refused one keeps its place in its family, as p = 1."""
    adjusted = list(lines)
    for role in dict.fromkeys(line.role for line in lines):
        family = [i for i, line in enumerate(lines) if line.role == role]
        p = holm([of.p if (of := lines[i].estimate) else 1.0 for i in family])
        for i, value in zip(family, p, strict=True):
            if lines[i].estimate is not None:
                adjusted[i] = lines[i].model_copy(update={"p_holm": value})
    return adjusted


def _pair_key(a: Arm, b: Arm) -> frozenset[object]:
    return frozenset({arm_key(a), arm_key(b)})
