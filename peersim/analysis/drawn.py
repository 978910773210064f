"""Simulated studies in the shape of a planned one, put through the declared analysis."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from statistics import fmean

import numpy as np

from peersim.analysis.arms import Arm, Unit, arm_key
from peersim.analysis.clusters import CROSSED, crossed
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.designs import Design, is_score
from peersim.analysis.grouped import Even, Grouped, Seen, Units
from peersim.analysis.procedures import DISCORDANT, Group, Procedure, Range, procedure, showing
from peersim.analysis.rarely import outer
from peersim.analysis.sides import SIGNS, Layout, Stratum, differing_in
from peersim.analysis.trends import Doses, outer_slope, slope
from peersim.stats.intervals import Counts, Shares, few_events
from peersim.stats.power import Assumed, events, rates, scores
from peersim.stats.scoretest import score_flip_p
from peersim.study.contrast import Contrast


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
    means = {side: assumed.p0 + assumed.rd * share for side, share in shares.items()}
    strata = [
        (lived, [(arm, means[side]) for side, arms in stratum.items() for arm in arms])
        for lived, stratum in zip(design.lived, design.strata, strict=True)
    ]
    size = (histories, design.trials)
    values = drawn_arms(strata, size, assumed, random, score=is_score(contrast))
    return Drawn(values, design.surfaces)


def drawn_arms(
    strata: Sequence[tuple[bool, Sequence[tuple[Arm, float]]]],
    size: tuple[int, int],
    assumed: Assumed,
    random: np.random.Generator,
    *,
    score: bool,
) -> dict[object, Units]:
    """Draw the values of each unit of arms, by the arm's key.

    Args:
        strata: Of each set of histories, whether they are lived, and the arms forked from them
            with their means.
        size: Histories, and trials of each in each arm.
        assumed: What is taken to be true besides.
        random: Where chance comes from.
        score: Whether the outcome is one.
    """
    histories, trials = size
    values: dict[object, Units] = {}
    for place, (lived, arms) in enumerate(strata):
        means = [mean for _, mean in arms]
        given = assumed if lived else assumed._replace(icc=0.0, rho=0.0)
        if score:
            found = scores(random, means, size, given)
        else:
            found = events(random, rates(random, means, histories, given.icc, given.rho), trials)
        kept = random.random(found.shape) >= assumed.invalid
        own = units(place, histories)
        for number, (arm, _) in enumerate(arms):
            values[arm_key(arm)] = _by_unit(own, found[number], kept[number])
    return values


def _shares(contrast: Contrast, design: Design) -> dict[str, float]:
    """Return how much of the effect each side has."""
    if contrast.dose is None:
        return {side: float(side == "a") for side in design.sides}
    doses = {side: float(side) for side in design.sides}
    low, high = min(doses.values()), max(doses.values())
    return {side: (dose - low) / (high - low) for side, dose in doses.items()}


@lru_cache(maxsize=256)
def units(stratum: int, histories: int) -> Sequence[Unit]:
    """Return the histories of a stratum, sorted.

    Args:
        stratum: Its number.
        histories: How many.
    """
    return [("history", f"{stratum:03}-{number:06}") for number in range(histories)]


def _by_unit(own: Sequence[Unit], found: np.ndarray, kept: np.ndarray) -> Units:
    if kept.all():
        return Even(own, found)
    left = {
        unit: [value for value, stays in zip(row, mask, strict=True) if stays]
        for unit, row, mask in zip(own, found.tolist(), kept.tolist(), strict=True)
    }
    return {unit: of for unit, of in left.items() if of}


def procedure_for(
    contrast: Contrast, design: Design, study: Drawn, histories: int
) -> Procedure | None:
    """Return the procedure that decides in the analysis; None where it would print no number."""
    if contrast.dose is not None:
        return _slope(contrast, design, study)
    strata = tuple(
        Stratum(arms, frozenset(units(place, histories)))
        for place, arms in enumerate(design.strata)
    )
    layout = Layout(design.sides, strata, design.level, differing_in(design.sides), ())
    used = contributions(layout, contrast.outcome, study)
    return chosen_for(contrast, layout, used, study)


def chosen_for(
    contrast: Contrast, layout: Layout, used: Contributions, study: Drawn
) -> Procedure | None:
    """Return the procedure that decides of a contrast without a dose; None as above.

    Args:
        contrast: The contrast.
        layout: Its sides and their histories.
        used: What histories contribute.
        study: The simulated study.
    """
    if min((len(group.values) for group in used.groups), default=0) < 2:
        return None
    counts = () if is_score(contrast) else used.cells
    same = contrast.alternative == "equivalent"
    single = len(counts) == 2 and layout.level == "between" and used.sizes == {1}
    forked = any(group.sides > 1 for group in used.groups)
    if single and not forked and not (same and any(few_events(of) for _, of in counts)):
        (_, a), (_, b) = sorted(counts, key=lambda of: -of[0])
        return _single((round(sum(c for c, _ in a)), len(a)), (round(sum(c for c, _ in b)), len(b)))
    plain = procedure(used.groups, counts)
    chosen = _crossed(layout, used, contrast.outcome, study, plain) or plain
    return outer(counts, chosen, forked=forked) if same else chosen


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
    few = study.surfaces < CROSSED or layout.level != "within" or len(used.groups) > 1
    if few or len(layout.strata) > 1 or showing([*used.by_unit.values()]) < DISCORDANT:
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
    # Arms of one dose that share their histories meet in them; others add theirs.
    means = {
        float(dose): _met([_means(study.values(arm, contrast.outcome)) for arm in arms], fmean)
        for dose, arms in design.sides.items()
    }
    if design.level == "within":
        both = set.intersection(*(set(of) for of in means.values()))
        means = {dose: {u: of[u] for u in of if u in both} for dose, of in means.items()}
    if min(map(len, means.values())) < 2:
        return None
    sides = {float(dose): arms for dose, arms in design.sides.items()}
    counts = {} if is_score(contrast) else _counts_of(sides, means, contrast.outcome, study)
    found = Doses(sides, means, design.level, 0, (), counts)
    chosen = slope(found, contrast.alpha, 2)
    return outer_slope(found, chosen) if contrast.alternative == "equivalent" else chosen


def _counts_of(
    sides: Mapping[float, Sequence[Arm]],
    means: Mapping[float, Mapping[Unit, float]],
    outcome: str,
    study: Drawn,
) -> dict[float, list[Shares]]:
    """Return the events and trials of each history at each dose, as the analysis weighs arms."""
    found: dict[float, list[Shares]] = {}
    for dose, arms in sides.items():
        sizes = _met([_sizes(study.values(arm, outcome)) for arm in arms], _worth)
        found[dose] = [(mean * sizes[unit], sizes[unit]) for unit, mean in means[dose].items()]
    return found


def _means(of: Units) -> dict[Unit, float]:
    if isinstance(of, Even):
        return dict(zip(of.units, of.table.mean(axis=1).tolist(), strict=True))
    return {unit: fmean(values) for unit, values in of.items()}


def _sizes(of: Units) -> dict[Unit, float]:
    if isinstance(of, Even):
        return dict.fromkeys(of.units, float(of.table.shape[1]))
    return {unit: float(len(values)) for unit, values in of.items()}


def _worth(sizes: Sequence[float]) -> float:
    """The trials of a unit in arms that count alike, whatever their trials."""
    return len(sizes) ** 2 / sum(1 / size for size in sizes)


def _met(
    tables: Sequence[dict[Unit, float]], joined: Callable[[Sequence[float]], float]
) -> dict[Unit, float]:
    """What units have in the arms that they serve, taken together."""
    every: dict[Unit, list[float]] = {}
    for table in tables:
        for unit, value in table.items():
            every.setdefault(unit, []).append(value)
    return {unit: joined(of) if of[1:] else of[0] for unit, of in sorted(every.items())}
