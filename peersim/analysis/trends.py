"""Declared contrasts on a dose: the slope of the outcome on a factor whose levels are numbers."""

from collections.abc import Mapping, Sequence
from math import fsum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy import stats

from peersim.analysis.agreeing import Procedure, Range, agreeing, wider
from peersim.analysis.arms import Arm, Unit, arm_label
from peersim.analysis.claims import FEWEST_PAIRS, kind_for
from peersim.analysis.grouped import Grouped, Units
from peersim.analysis.procedures import showing
from peersim.analysis.rarely import FEW
from peersim.analysis.refusals import Level, refuse_empty, refuse_mixed_parts
from peersim.analysis.sides import agreed_level, refuse_unlike, strata_of
from peersim.errors import AnalysisRefusal
from peersim.stats.intervals import Shares, evenly, few_events, pooled
from peersim.stats.slopes import dose_weights, slope_between, slope_of_rates, slope_within
from peersim.stats.tests import interval_p
from peersim.study.contrast import Contrast
from peersim.study.protocol import Scope

FEWEST_DOSES = 3
FEW_SLOPES = f"fewer than {FEWEST_PAIRS} histories with a slope"


class Doses(NamedTuple):
    """The arms of each dose and what their histories show.

    Attributes:
        sides: The arms of each dose, doses rising.
        means: The mean of each history at each dose; arms within it weigh equally.
        level: Within histories, or between them.
        lost: Histories left out because they lack a value in one of their arms.
        notes: What must be printed with the number.
        counts: For events, events and trials of each history at each dose; empty for scores.
    """

    sides: dict[float, tuple[Arm, ...]]
    means: dict[float, dict[Unit, float]]
    level: Level
    lost: int
    notes: tuple[str, ...]
    counts: Mapping[float, Sequence[Shares]] = MappingProxyType({})

    @property
    def weights(self) -> dict[float, float]:
        """The weight of each dose's mean in the slope."""
        return dose_weights({dose: len(of) for dose, of in self.means.items()})


def doses(contrast: Contrast, scopes: Mapping[str, Scope], grouped: Grouped) -> Doses:
    """Return the doses of a contrast.

    Raises:
        AnalysisRefusal: If the factor's levels are no numbers or fewer than three, an arm is
            missing or empty, doses do not pool the same cells, models are mixed, histories
            serve some of the doses only, or the outcome is not of the declared scale.
    """
    factor = contrast.dose or ""
    sides = sides_by_dose(factor, grouped.matching(contrast.a))
    for arm in (arm for of in sides.values() for arm in of):
        refuse_empty(arm, grouped.rows(arm), contrast.outcome)
    named = {str(dose): of for dose, of in sides.items()}
    refuse_unlike(named, {factor, *contrast.a})
    refuse_mixed_parts([(arm, grouped.rows(arm)) for of in sides.values() for arm in of])
    strata = strata_of(named, grouped)
    seen = level_by_doses([stratum.arms for stratum in strata], len(sides))
    level, notes = agreed_level(seen, (factor,), scopes, strata)
    means: dict[float, dict[Unit, float]] = {dose: {} for dose in sides}
    counts: dict[float, list[Shares]] = {dose: [] for dose in sides}
    lost = 0
    for stratum in strata:
        tables = {
            dose: [grouped.values(arm, contrast.outcome) for arm in stratum.arms[str(dose)]]
            for dose in sides
            if stratum.arms[str(dose)]
        }
        kept = _complete(stratum.units, tables)
        lost += len(stratum.units) - len(kept)
        for dose, of in tables.items():
            means[dose] |= {unit: _mean(of, unit) for unit in kept}
            counts[dose] += [_counts(of, unit) for unit in kept]
    event = kind_for(contrast, [arm for of in sides.values() for arm in of], grouped) == "event"
    return Doses(sides, means, level, lost, notes, counts if event else {})


def level_by_doses(strata: Sequence[Mapping[str, Sequence[Arm]]], many: int) -> Level:
    """Return whether each history serves one dose, or every one.

    Args:
        strata: The arms at each dose that were forked from the same histories.
        many: How many doses there are.

    Raises:
        AnalysisRefusal: If it is neither.
    """
    served = {sum(bool(of) for of in stratum.values()) for stratum in strata}
    if served not in ({1}, {many}):
        raise AnalysisRefusal(
            "some histories serve several doses, and none or not all serve every dose",
            "declare one contrast for each kind",
        )
    return "between" if served == {1} else "within"


def slope(found: Doses, alpha: float, fewest: int) -> Procedure:
    """Return the slope of history means on the dose, per unit of dose.

    Between histories: least squares with HC3 errors. Forked: the mean of the slopes within
    histories, by Student's t, p by sign flips. Of events that are too few at a dose:
    ``rare_slope``; if fewer than six forked histories show a slope, the wider of the two.

    Args:
        found: The doses.
        alpha: One minus the level of the limits.
        fewest: Histories below which it is refused.

    Raises:
        AnalysisRefusal: If there are fewer, or a dose has fewer than two.
    """
    each = [len(of) for of in found.means.values()]
    many = min(each) if found.level == "within" else sum(each)
    if many < fewest or min(each) < 2:
        raise AnalysisRefusal(
            f"the trend rests on {many} histories, {min(each)} at the dose with the fewest; it "
            f"needs {fewest}, and two at each",
            "run more histories; more trials of the same ones do not help",
        )
    few = bool(found.counts) and _shows_little(found)
    if few and found.level == "between":
        return rare_slope(found)
    if found.level == "within":
        units = next(iter(found.means.values()))
        histories = [[(dose, of[unit]) for dose, of in found.means.items()] for unit in units]
        effect = slope_within(histories, 1 - alpha)
    else:
        pairs = [(dose, mean) for dose, of in found.means.items() for mean in of.values()]
        effect = slope_between([dose for dose, _ in pairs], [mean for _, mean in pairs])
    error, df = effect.error, effect.df

    def limits(level: float) -> Range:
        if error is None or df is None:
            return Range(None, None, None)
        half = float(stats.t.ppf((1 + level) / 2, df)) * error
        return Range(effect.estimate - half, effect.estimate + half, df)

    p = 1.0 if effect.p is None else effect.p
    chosen = agreeing(effect.estimate, limits, lambda: p, effect.method, effect.notes)
    return _wide(found, chosen) if few else chosen


def outer_slope(found: Doses, chosen: Procedure) -> Procedure:
    """Return the procedure for claims of no slope, of which t claims too much for rare events.

    Args:
        found: The doses.
        chosen: The procedure for claims of a slope.
    """
    if not few_somewhere(found) or "Korn-Graubard" in chosen.method:
        return chosen
    return _wide(found, chosen)


def _wide(found: Doses, chosen: Procedure) -> Procedure:
    """Forked doses, of rare events: no narrower than by the slopes of histories.

    What a history gains at one dose it may lose at another; see ``rarely.wide``.
    """
    apart = rare_slope(found)
    return wider(apart, chosen, f"{apart.method}; or if wider, {chosen.method}")


def few_somewhere(found: Doses) -> bool:
    """Whether a dose has too few histories with (or without) the event to show their spread."""
    return any(few_events(of) for of in found.counts.values())


def rare_slope(found: Doses) -> Procedure:
    """Return the slope of rates by the limits of each dose's rate, with the p of that interval.

    Args:
        found: The doses, of an event.
    """
    counts, weights = found.counts, found.weights

    def limits(level: float) -> Range:
        interval = slope_of_rates(counts, level)
        return Range(interval.low, interval.high, None)

    apart = ", doses taken as independent" if found.level == "within" else ""
    return Procedure(
        fsum(weights[dose] * pooled(evenly(of)) for dose, of in counts.items()),
        limits,
        lambda: interval_p(lambda level: slope_of_rates(counts, level)),
        f"MOVER on Korn-Graubard limits of each dose{apart}, p of the same interval",
        (FEW if few_somewhere(found) else FEW_SLOPES,),
    )


def _shows_little(found: Doses) -> bool:
    """Whether an event shows too little for errors by history.

    Forked, the spread is that of the slopes, so that these are counted and not the events.
    """
    if found.level == "between":
        return few_somewhere(found)
    slopes = slopes_by_unit(found).values()
    return showing([*slopes]) < FEWEST_PAIRS


def slopes_by_unit(found: Doses) -> dict[Unit, float]:
    """Return the slope within each history of forked doses; empty between histories."""
    if found.level == "between":
        return {}
    x = list(found.means)
    units = next(iter(found.means.values()))
    return {
        unit: float(np.polyfit(x, [of[unit] for of in found.means.values()], 1)[0])
        for unit in units
    }


def sides_by_dose(factor: str, arms: Sequence[Arm]) -> dict[float, tuple[Arm, ...]]:
    """Return the arms of each dose, doses rising.

    Args:
        factor: The factor whose levels are the doses.
        arms: All arms of the contrast.

    Raises:
        AnalysisRefusal: If a level is no number, or there are fewer than three.
    """
    found: dict[float, list[Arm]] = {}
    for arm in arms:
        try:
            found.setdefault(float(arm.get(factor, "")), []).append(arm)
        except ValueError:
            raise AnalysisRefusal(
                f"arm ({arm_label(arm)}) has no number for {factor}",
                "leave it out by the contrast's levels, or name a factor with numbers",
            ) from None
    if len(found) < FEWEST_DOSES:
        raise AnalysisRefusal(
            f"{factor} has {len(found)} doses, and a trend needs {FEWEST_DOSES}",
            "compare two doses as a difference",
        )
    return {dose: tuple(found[dose]) for dose in sorted(found)}


def _complete(units: frozenset[Unit], tables: Mapping[float, Sequence[Units]]) -> list[Unit]:
    return [
        unit
        for unit in sorted(units)
        if all(unit in table for of in tables.values() for table in of)
    ]


def _mean(tables: Sequence[Units], unit: Unit) -> float:
    return fsum(fsum(table[unit]) / len(table[unit]) for table in tables) / len(tables)


def _counts(tables: Sequence[Units], unit: Unit) -> Shares:
    """The events and trials of a unit in arms that count alike, whatever their trials."""
    trials = len(tables) ** 2 / fsum(1 / len(table[unit]) for table in tables)
    return _mean(tables, unit) * trials, trials
