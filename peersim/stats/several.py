"""One summary over several models: random effects, and what a further model could show."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy import stats

from peersim.frozen import Frozen
from peersim.stats.intervals import LEVEL
from peersim.stats.permute import ROUNDING

FEWEST_FOR_PREDICTION = 5


class Summary(Frozen):
    """A mean effect over models that differ among themselves.

    Attributes:
        estimate: The random-effects mean.
        low: Lower limit for the mean.
        high: Upper limit.
        p: Two-sided p for a mean of 0.
        level: Of the limits.
        error: Standard error, Hartung-Knapp-Sidik-Jonkman.
        df: Degrees of freedom: models - 1.
        tau: Standard deviation of the effects between models.
        i2: Share of the spread that is not chance.
        predicted: Limits for the effect in a further model; None with fewer than 5 models.
        method: The name of the method.
        units: Models.
        notes: What a reader of the number must know.
    """

    estimate: float
    low: float
    high: float
    p: float
    level: float
    error: float
    df: float
    tau: float
    i2: float
    predicted: tuple[float, float] | None
    method: str
    units: int
    notes: tuple[str, ...] = ()


def summarise(estimates: Sequence[float], errors: Sequence[float], level: float = LEVEL) -> Summary:
    """The random-effects mean of per-model estimates, with HKSJ errors and a t.

    The error is kept from falling below the usual random-effects one, as it does where few
    models agree by luck (Roever, Knapp and Friede 2015).

    Args:
        estimates: One of each model; at least two.
        errors: Their standard errors, above 0.
        level: Confidence level.

    Raises:
        ValueError: If there are fewer than two models, or an error is not above 0.
    """
    if len(estimates) < 2 or len(estimates) != len(errors):
        raise ValueError("a summary needs at least two models, each with its error")
    if not all(error > 0 for error in errors):
        raise ValueError("a model's error must be above 0: without one it would outweigh all")
    from statsmodels.stats.meta_analysis import combine_effects

    effects, variances = np.asarray(estimates, float), np.asarray(errors, float) ** 2
    with np.errstate(all="ignore"):
        found = combine_effects(effects, variances, method_re="dl", use_t=True)
    # statsmodels weighs by a tau2 below 0 too, which makes weights negative and errors nan.
    tau2, spread = max(0.0, float(found.tau2)), found.tau2 > 0
    estimate = float(found.mean_effect_re if spread else found.mean_effect_fe)
    adjusted = sqrt(float(found.var_hksj_re if spread else found.var_hksj_fe))
    error = max(adjusted, float(found.sd_eff_w_re if spread else found.sd_eff_w_fe))
    df = len(estimates) - 1.0
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    return Summary(
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
        p=2 * float(stats.t.sf(abs(estimate) / error, df)),
        level=level,
        error=error,
        df=df,
        tau=sqrt(tau2),
        i2=max(0.0, 1 - df / float(found.q)) if found.q > ROUNDING else 0.0,
        predicted=_predicted(estimate, sqrt(tau2 + error**2), len(estimates), level),
        method="random effects (DerSimonian-Laird), HKSJ t",
        units=len(estimates),
        notes=("error kept from falling below the common one",) if error > adjusted else (),
    )


def _predicted(
    estimate: float, spread: float, models: int, level: float
) -> tuple[float, float] | None:
    """Limits for a further model, with a t of models - 2 (Higgins and others 2009)."""
    if models < FEWEST_FOR_PREDICTION:
        return None
    half = float(stats.t.ppf((1 + level) / 2, models - 2)) * spread
    return estimate - half, estimate + half
