"""Simulated studies in the shape of a planned one, put through the declared analysis."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from peersim.analysis.arms import Arm, Unit, arm_key
from peersim.analysis.claims import one_sided
from peersim.analysis.clusters import CROSSED, crossed
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.designs import Design, is_score
from peersim.analysis.grouped import Grouped, Seen, Units
from peersim.analysis.procedures import DISCORDANT, Group, Procedure, Range, procedure, rare
from peersim.analysis.sides import SIGNS, Layout, Stratum, differing_in
from peersim.analysis.trends import Doses, few_somewhere, rare_slope, slope
from peersim.stats.intervals import Counts, Shares, few_events
from peersim.stats.permute import ROUNDING
from peersim.stats.power import Assumed, events, rates, scores
from peersim.stats.scoretest import score_flip_p
from peersim.study.contrast import Contrast

NEAR = 1.6
"""How far a permutation's p may be from that of t, near the level; see its test."""
NEAR_FLIPPED = 4.0
"""The same for flipped signs, which are coarser where few histories differ, and quicker."""
FEW_FLIPS = 12
"""Degrees of freedom below which flipped signs allow so few p that only p itself tells."""


class Drawn(Grouped):
    """A simulated study, as the analysis reads trials.

    Attributes:
        by_key: The values of each unit of an arm, by the arm's key.
        surfaces: Wordings of the job.
    """

    def __init__(self, values: Mapping[object, Units], surfaces: int) -> None:
        """Hold the values of each arm's units."""
        super().__init__([])
        self.by_key = values
        self.surfaces = surfaces

    def values(self, arm: Arm, measure: str, surface: object = None) -> Units:
        """Return the values of each unit of an arm."""
        return self.by_key[arm_key(arm)]

    def seen(self, arm: Arm, measure: str) -> Seen:
        """Return the same with their surfaces, which the units take in turn."""
        return {
            unit: [(f"s{int(unit[1][-6:]) % self.surfaces}", value) for value in of]
            for unit, of in self.by_key[arm_key(arm)].items()
        }


def drawn(
    contrast: Contrast,
    design: Design,
    assumed: Assumed,
    histories: int,
    random: np.random.Generator,
) -> Drawn:
    """Draw a study: the effect is side a's, or grows with the dose; other sides lack it.

    Args:
        contrast: The contrast.
        design: Its layout.
        assumed: What is taken to be true.
        histories: Per arm.
        random: Where chance comes from.
    """
    shares = _shares(contrast, design)
    values: dict[object, Units] = {}
    for place, stratum in enumerate(design.strata):
        arms = [(side, arm) for side, of in stratum.items() for arm in of]
        means = [assumed.p0 + assumed.rd * shares[side] for side, _ in arms]
        given = assumed if design.lived[place] else assumed._replace(icc=0.0, rho=0.0)
        if is_score(contrast):
            found = scores(random, means, (histories, design.trials), given)
        else:
            of = rates(random, means, histories, given.icc, given.rho)
            found = events(random, of, design.trials)
        kept = random.random(found.shape) >= assumed.invalid
        units = _units(place, histories)
        for number, (_, arm) in enumerate(arms):
            values[arm_key(arm)] = _by_unit(units, found[number], kept[number])
    return Drawn(values, design.surfaces)


def _shares(contrast: Contrast, design: Design) -> dict[str, float]:
    """Return how much of the effect each side has."""
    if contrast.dose is None:
        return {side: float(side == "a") for side in design.sides}
    doses = {side: float(side) for side in design.sides}
    low, high = min(doses.values()), max(doses.values())
    return {side: (dose - low) / (high - low) for side, dose in doses.items()}


def _units(stratum: int, histories: int) -> list[Unit]:
    return [("history", f"{stratum:03}-{number:06}") for number in range(histories)]


def _by_unit(units: Sequence[Unit], found: np.ndarray, kept: np.ndarray) -> Units:
    rows = found.tolist()
    if kept.all():
        return dict(zip(units, rows, strict=True))
    left = {
        unit: [value for value, stays in zip(row, mask, strict=True) if stays]
        for unit, row, mask in zip(units, rows, kept.tolist(), strict=True)
    }
    return {unit: of for unit, of in left.items() if of}


def procedure_for(
    contrast: Contrast, design: Design, study: Drawn, histories: int
) -> Procedure | None:
    """Return the procedure that decides in the analysis; None where it would print no number."""
    if contrast.dose is not None:
        return _slope(contrast, design, study)
    strata = tuple(
        Stratum(arms, frozenset(_units(place, histories)))
        for place, arms in enumerate(design.strata)
    )
    layout = Layout(design.sides, strata, design.level, differing_in(design.sides), ())
    used = contributions(layout, contrast.outcome, study)
    if min((len(group.values) for group in used.groups), default=0) < 2:
        return None
    counts = () if is_score(contrast) else used.cells
    if contrast.alternative == "equivalent" and any(few_events(of) for _, of in counts):
        return rare(counts)
    single = len(counts) == 2 and design.level == "between" and used.sizes == {1}
    if single and all(group.sides == 1 for group in used.groups):
        (_, a), (_, b) = sorted(counts, key=lambda of: -of[0])
        return _single((round(sum(c for c, _ in a)), len(a)), (round(sum(c for c, _ in b)), len(b)))
    plain = procedure(used.groups, counts)
    return _crossed(layout, used, contrast.outcome, study, plain) or plain


@lru_cache(maxsize=4096)
def _single(a: Counts, b: Counts) -> Procedure:
    """Return the analysis of single trials, which goes by the two totals and takes its time."""
    units = [[(1, 1)] * of[0] + [(0, 1)] * (of[1] - of[0]) for of in (a, b)]
    first, second = (tuple(float(count) for count, _ in of) for of in units)
    groups = (Group(1.0, first, 1), Group(-1.0, second, 1))
    return procedure(groups, [(1, units[0]), (-1, units[1])])


def _crossed(
    layout: Layout, used: Contributions, outcome: str, study: Drawn, plain: Procedure
) -> Procedure | None:
    """Return the analysis of forked arms on several surfaces, its parts made when asked for.

    Its p needs no fit of the model, which is what takes the time.
    """
    differing = sum(abs(value) > ROUNDING for value in used.by_unit.values())
    few = study.surfaces < CROSSED or differing < DISCORDANT or len(used.groups) > 1
    if layout.level != "within" or few or len(layout.strata) > 1:
        return crossed(layout, used, outcome, study)
    names = {arm_key(arm): f"{number:04}" for number, arm in enumerate(layout.arms)}
    table = [
        (value, names[arm_key(arm)], unit[1], surface)
        for arm in layout.arms
        for unit, of in study.seen(arm, outcome).items()
        if unit in used.by_unit
        for surface, value in of
    ]
    y, cells, histories, surfaces = (list(column) for column in zip(*table, strict=True))
    weights = {
        names[arm_key(arm)]: SIGNS[side] / len(arms)
        for side, arms in layout.sides.items()
        for arm in arms
    }
    pairs = list(zip(histories, surfaces, strict=True))

    def p() -> float:
        return score_flip_p(y, cells, weights, [histories, surfaces], pairs)

    def limits(level: float) -> Range:
        found = crossed(layout, used, outcome, study)
        return (found or plain).limits(level)

    return Procedure(plain.estimate, limits, p, "cluster-flip p")


def _slope(contrast: Contrast, design: Design, study: Drawn) -> Procedure | None:
    means = {
        float(dose): {
            # Arms of one dose that share their histories meet in them; others add theirs.
            unit: float(np.mean([np.mean(table[unit]) for table in tables if unit in table]))
            for unit in sorted({unit for table in tables for unit in table})
        }
        for dose, arms in design.sides.items()
        for tables in [[study.values(arm, contrast.outcome) for arm in arms]]
    }
    if design.level == "within":
        both = set.intersection(*(set(of) for of in means.values()))
        means = {dose: {u: of[u] for u in of if u in both} for dose, of in means.items()}
    if min(map(len, means.values())) < 2:
        return None
    sides = {float(dose): arms for dose, arms in design.sides.items()}
    counts = {} if is_score(contrast) else _counts_of(sides, means, contrast.outcome, study)
    found = Doses(sides, means, design.level, 0, (), counts)
    if contrast.alternative == "equivalent" and few_somewhere(found):
        return rare_slope(found)
    return slope(found, contrast.alpha, 2)


def _counts_of(
    sides: Mapping[float, Sequence[Arm]],
    means: Mapping[float, Mapping[Unit, float]],
    outcome: str,
    study: Drawn,
) -> dict[float, list[Shares]]:
    """Return the events and trials of each history at each dose, as the analysis weighs arms."""
    found: dict[float, list[Shares]] = {}
    for dose, arms in sides.items():
        tables = [study.values(arm, outcome) for arm in arms]
        for unit, mean in means[dose].items():
            own = [len(table[unit]) for table in tables if unit in table]
            trials = len(own) ** 2 / sum(1 / many for many in own)
            found.setdefault(dose, []).append((mean * trials, trials))
    return found


def decides(contrast: Contrast, chosen: Procedure, near: float = NEAR) -> bool:
    """Return whether an analysis finds what a contrast claims.

    p is asked for only where the interval leaves the answer open; the permutations behind it take
    most of the time.

    Args:
        contrast: With the level of its test.
        chosen: The analysis.
        near: The p of the interval decides if it is so many times above or below the level; 0
            to ask for p always.
    """
    if contrast.alternative == "equivalent":
        return _within_margin(contrast, chosen)
    alpha = contrast.alpha * (1 if contrast.alternative == "two_sided" else 2)
    sure = _sure(chosen, alpha, near) if near else None
    if sure is not None:
        return sure and _claimed(contrast, chosen)
    return one_sided(chosen, contrast.alternative) <= contrast.alpha


def _within_margin(contrast: Contrast, chosen: Procedure) -> bool:
    """Return whether p of equivalence is below the level: its interval then lies inside."""
    low, high, _ = chosen.limits(1 - 2 * contrast.alpha)
    margin = contrast.margin
    if margin is None or low is None or high is None:
        return False
    return -margin <= low and high <= margin


def _claimed(contrast: Contrast, chosen: Procedure) -> bool:
    """Return whether an estimate lies on the side that is claimed."""
    if contrast.alternative == "greater":
        return chosen.estimate > 0
    return chosen.estimate < 0 if contrast.alternative == "less" else True


def _sure(chosen: Procedure, alpha: float, near: float) -> bool | None:
    """Return whether p is below the level, as far as the interval tells; None if it does not."""
    exact = ("Boschloo", "Fisher", "arms taken as independent", "cluster-flip")
    few = "flip" in chosen.method and (chosen.limits(1 - alpha).df or FEW_FLIPS) < FEW_FLIPS
    if few or any(name in chosen.method for name in exact):
        return None
    if "p of the same interval" in chosen.method:
        return _excludes(chosen, 1 - alpha)
    if chosen.estimate == 0:
        return False
    near = max(near, NEAR_FLIPPED) if "flip" in chosen.method else near
    if _excludes(chosen, 1 - alpha / near):
        return True
    return None if _excludes(chosen, 1 - min(alpha * near, 0.99)) else False


def _excludes(chosen: Procedure, level: float) -> bool:
    low, high, _ = chosen.limits(level)
    return low is not None and high is not None and (low > 0 or high < 0)
