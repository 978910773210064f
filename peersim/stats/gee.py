"""Two arms with unequal trials per history, by generalised estimating equations."""

import warnings
from collections.abc import Hashable, Sequence
from math import exp, isfinite

import numpy as np
from scipy import stats

from peersim.stats.effect import Effect, bare
from peersim.stats.intervals import LEVEL, varies
from peersim.stats.permute import ROUNDING, Array
from peersim.stats.scoretest import score_flip_p

Labels = Sequence[Hashable]


def gee_contrast(
    y: Sequence[float],
    treated: Sequence[bool],
    history: Labels,
    *,
    odds_ratio: bool = False,
    level: float = LEVEL,
) -> Effect:
    """Two arms by GEE with independence, bias-reduced errors and a t of H - 2 df.

    For unequal numbers of trials: each trial counts alike. The odds ratio (returned as such) is
    for sensitivity only.

    Args:
        y: The outcome of each trial; 0 or 1 for an odds ratio.
        treated: Whether the trial is of the first arm.
        history: Of each trial.
        odds_ratio: A logit model's ratio rather than a difference.
        level: Confidence level.

    Raises:
        ValueError: If an arm has no trial, there are fewer than three histories, or an odds
            ratio is wanted where an arm has the event in all of its trials or in none.
    """
    outcome, arm = np.asarray(y, float), np.asarray(treated, float)
    units = {"history": len(set(history))}
    if not varies(arm.tolist()) or units["history"] < 3:
        raise ValueError("GEE needs two arms and at least three histories")
    separated = any(not varies(outcome[arm == side].tolist()) for side in (0.0, 1.0))
    name = f"GEE {'odds ratio' if odds_ratio else 'difference'}, independence, bias-reduced errors"
    if separated and odds_ratio:
        raise ValueError("an arm has the event in all of its trials or in none: no odds ratio")
    if not varies(outcome.tolist()):
        return bare(0.0, level, name, units, 1.0)
    estimate, error = _gee(outcome, arm, history, odds_ratio)
    if not isfinite(error) or error <= ROUNDING:
        sides = ["first" if side else "second" for side in treated]
        p = score_flip_p(y, sides, {"first": 1.0, "second": -1.0}, [history])
        shown = exp(estimate) if odds_ratio else estimate
        return bare(shown, level, f"{name}, cluster-flip p", units, p)
    df = units["history"] - 2.0
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    limits = estimate, estimate - half, estimate + half
    scaled = [exp(value) for value in limits] if odds_ratio else list(limits)
    return Effect(
        estimate=scaled[0],
        low=scaled[1],
        high=scaled[2],
        level=level,
        p=2 * float(stats.t.sf(abs(estimate) / error, df)),
        error=error,
        df=df,
        method=f"{name}, t",
        units=units,
        notes=("error is of the log odds ratio",) if odds_ratio else (),
    )


def _gee(y: Array, arm: Array, history: Labels, odds_ratio: bool) -> tuple[float, float]:
    import statsmodels.api as sm

    family = sm.families.Binomial() if odds_ratio else sm.families.Gaussian()
    order = {label: place for place, label in enumerate(dict.fromkeys(history))}
    groups = np.array([order[label] for label in history])
    model = sm.GEE(y, sm.add_constant(arm), groups=groups, family=family)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fit = model.fit(cov_type="bias_reduced")
        return float(fit.params[1]), float(fit.bse[1])
