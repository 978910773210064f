"""Slopes of an outcome on an assigned dose, between histories and within them."""

import warnings
from collections.abc import Mapping, Sequence
from math import isfinite, sqrt

import numpy as np

from peersim.stats.did import mover_sum
from peersim.stats.draws import array, at_least
from peersim.stats.effect import Effect, bare
from peersim.stats.intervals import LEVEL, Interval, Shares, evenly, varies
from peersim.stats.permute import (
    RESAMPLES,
    ROUNDING,
    SEED,
    SMALLEST_T,
    Array,
    drawn_out,
    settled,
)
from peersim.stats.tests import paired

FEW_HISTORIES = 20
LONE = "a dose that one history alone carries: its spread cannot be seen"


def slope_between(doses: Sequence[float], means: Sequence[float], level: float = LEVEL) -> Effect:
    """The slope of history means on an assigned dose: least squares with HC3 errors.

    In units of the outcome per unit of dose; each history has one dose and counts once. With
    fewer than 20 histories p comes from handing the doses out anew, by a studentised slope.

    Args:
        doses: Of each history.
        means: Of each history; at least four histories.
        level: Confidence level.

    Raises:
        ValueError: If there are fewer than four histories, or the dose does not vary.
    """
    if len(means) < 4 or not varies(list(doses)):
        raise ValueError("a slope needs at least four histories and a dose that varies")
    import statsmodels.api as sm

    x, y, units = array(doses), array(means), {"history": len(means)}
    leverage = float((1 / len(x) + (x - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()).max())
    name = "OLS slope on history means, HC3"
    fit = sm.OLS(y, sm.add_constant(x))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        found = fit.fit(cov_type="HC3", use_t=True)
    estimate, error = float(found.params[1]), float(found.bse[1])
    if leverage > 1 - 1e-9 or not isfinite(error):
        return bare(estimate, level, f"{name}, permutation p", units, slope_p(x, y), LONE)
    if error <= ROUNDING:
        return bare(estimate, level, f"{name}, permutation p", units, slope_p(x, y))
    few, p = len(means) < FEW_HISTORIES, float(found.pvalues[1])
    named = "t"
    if few:
        p, said = settled(len(means), lambda: slope_p(x, y), max(p, SMALLEST_T), "permutation")
        named = f"t, {said}"
    own = found.conf_int(1 - level)[1]
    low, high = drawn_out(float(own[0]), float(own[1]), p, level)
    return Effect(
        estimate=estimate,
        low=low,
        high=high,
        level=level,
        p=p,
        error=error,
        df=len(means) - 2.0,
        method=f"{name}, {named}",
        units=units,
    )


def dose_weights(sizes: Mapping[float, int]) -> dict[float, float]:
    """Return the weight of each dose's mean in the least-squares slope; they add up to 0.

    Args:
        sizes: Histories at each dose; at least two doses.
    """
    many = sum(sizes.values())
    centre = sum(dose * size for dose, size in sizes.items()) / many
    spread = sum(size * (dose - centre) ** 2 for dose, size in sizes.items())
    return {dose: size * (dose - centre) / spread for dose, size in sizes.items()}


def slope_of_rates(cells: Mapping[float, Sequence[Shares]], level: float = LEVEL) -> Interval:
    """Limits of the slope of rates on the dose, where events are too few for errors by history.

    MOVER on the Korn-Graubard limits of the doses, weighed as least squares weighs them. Doses
    are taken as independent, which for forked ones errs on the wide side if histories are alike in
    all of them.

    Args:
        cells: Events and trials of each history, at each dose; histories count alike.
        level: Confidence level.

    Raises:
        ValueError: If a dose has no trial.
    """
    weights = dose_weights({dose: len(of) for dose, of in cells.items()})
    return mover_sum([evenly(of) for of in cells.values()], list(weights.values()), level)


def slope_p(doses: Array, means: Array) -> float:
    """Two-sided p of a slope, by handing the doses out to the histories anew.

    The slope is studentised by its robust error (DiCiccio and Romano 2017).

    Args:
        doses: Of each history.
        means: Of each history.
    """
    if not varies(means.tolist()):
        return 1.0
    x = (doses - doses.mean()) / doses.std()
    y = (means - means.mean()) / means.std()
    orders = np.random.default_rng(SEED).permuted(np.tile(y, (RESAMPLES, 1)), axis=1)
    drawn = np.vstack([y, orders])
    slopes = drawn @ x / len(x)
    errors = np.sqrt(((drawn - slopes[:, None] * x) ** 2 * x**2).sum(axis=1))
    t = np.round(np.abs(slopes) / np.maximum(errors, 1e-6), 8)
    return float(at_least(t[:, None], t[:1])[0])


def slope_within(
    histories: Sequence[Sequence[tuple[float, float]]], level: float = LEVEL
) -> Effect:
    """The mean slope within histories on forked doses: paired t on slopes, sign-flip p.

    In units of the outcome per unit of dose. Histories whose trials have a single dose say
    nothing and are left out.

    Args:
        histories: Dose and outcome of each trial, by history; at least two with several doses.
        level: Confidence level.

    Raises:
        ValueError: If fewer than two histories have several doses.
    """
    kept = [np.asarray(h, float) for h in histories if varies([dose for dose, _ in h])]
    if len(kept) < 2:
        raise ValueError("a slope within histories needs two that have several doses")
    slopes = [float(np.polyfit(h[:, 0], h[:, 1], 1)[0]) for h in kept]
    # Slopes of outcomes that do not vary are 0 but for the arithmetic's last digits.
    found = paired([0.0 if abs(slope) < ROUNDING else slope for slope in slopes], level)
    lost = len(histories) - len(kept)
    notes = (f"{lost} histories with a single dose left out",) if lost else ()
    return Effect(
        estimate=found.difference,
        low=found.low,
        high=found.high,
        level=level,
        p=found.p,
        error=None if found.low is None else float(np.std(slopes, ddof=1)) / sqrt(len(slopes)),
        df=found.df,
        method=found.method.replace("history differences", "slopes within histories"),
        units={"history": len(kept)},
        notes=(*found.notes, *notes),
    )
