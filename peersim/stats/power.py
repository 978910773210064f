"""Outcomes drawn from assumed rates: what a forecast of power passes through the analysis."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Array = NDArray[np.float64]

POINTS = 4000
"""Quantiles by which a beta distribution is stood for; their mean is its mean to 1e-4."""
STEPS = 5
"""Simulations at most by which an effect or a size is found."""
CLOSE = 0.03
"""How near to the wanted power is near enough."""


class Assumed(NamedTuple):
    """What is taken to be true.

    Attributes:
        p0: Rate where the effect is absent; for scores the mean there.
        rd: The effect: a difference of rates, or of means in units of the score.
        icc: Correlation of the trials of one history within an arm.
        rho: Correlation of a history's rates between two arms forked from it.
        sd: Standard deviation of a score over all trials; of no account for events.
        invalid: Share of trials that are lost whatever they would have shown.
    """

    p0: float = 0.1
    rd: float = 0.1
    icc: float = 0.2
    rho: float = 0.8
    sd: float = 1.0
    invalid: float = 0.0


class Power(NamedTuple):
    """A simulated power.

    Attributes:
        value: Share of the studies in which the effect was found.
        error: Its Monte Carlo error (one standard deviation).
        draws: Studies simulated.
    """

    value: float
    error: float
    draws: int


def power_of(found: Sequence[bool]) -> Power:
    """Return the power that a row of simulated studies shows."""
    draws = len(found)
    share = sum(found) / draws
    # Of none or all, the error is that of a share half a study away.
    inside = min(max(share, 0.5 / draws), 1 - 0.5 / draws)
    return Power(share, sqrt(inside * (1 - inside) / draws), draws)


def rates(
    random: np.random.Generator, means: Sequence[float], histories: int, icc: float, rho: float
) -> Array:
    """Draw the rate of each history in each of several arms forked from it.

    Within an arm the rates are beta distributed, so that events are beta-binomial with the ICC;
    between arms they are tied by a Gaussian copula.

    Args:
        random: Where chance comes from.
        means: The arms' rates.
        histories: How many.
        icc: Of the events within a history and arm.
        rho: Of the normal scores behind the rates, between arms.

    Returns:
        Of shape (arms, histories).
    """
    scores = tied(random, len(means), histories, rho)
    place = np.minimum((special.ndtr(scores) * POINTS).astype(int), POINTS - 1)
    return np.stack([_quantiles(mean, icc)[at] for mean, at in zip(means, place, strict=True)])


def score_correlation(means: tuple[float, float], icc: float, of_rates: float) -> float:
    """Return the correlation of normal scores behind rates that correlate so much themselves.

    Rates that are skewed differently can only correlate so far; then it is 1.

    Args:
        means: The two arms' rates.
        icc: Of the events within a history and arm.
        of_rates: The correlation of the rates, as a pilot shows it.
    """
    random = np.random.default_rng(0)
    first, own = random.standard_normal((2, 20_000))
    low, high = 0.0, 1.0
    for _ in range(12):
        rho = (low + high) / 2
        second = rho * first + sqrt(1 - rho**2) * own
        places = [(stats.norm.cdf(of) * POINTS).astype(int) for of in (first, second)]
        drawn = [_quantiles(mean, icc)[at] for mean, at in zip(means, places, strict=True)]
        if min(float(np.std(of)) for of in drawn) == 0:
            return 0.0
        seen = float(np.corrcoef(drawn[0], drawn[1])[0, 1])
        low, high = (rho, high) if seen < of_rates else (low, rho)
    return (low + high) / 2


def tied(random: np.random.Generator, arms: int, histories: int, rho: float) -> Array:
    """Draw standard normal scores of shape (arms, histories), correlated between arms by rho."""
    shared = random.standard_normal(histories)
    own = random.standard_normal((arms, histories))
    return np.asarray(sqrt(rho) * shared + sqrt(1 - rho) * own, dtype=np.float64)


def events(random: np.random.Generator, of: Array, trials: int) -> Array:
    """Draw 0 or 1 for each trial of each history and arm; shape (arms, histories, trials)."""
    return np.asarray(random.random((*of.shape, trials)) < of[..., None], dtype=np.float64)


def scores(
    random: np.random.Generator,
    means: Sequence[float],
    shape: tuple[int, int],
    assumed: Assumed,
) -> Array:
    """Draw normal scores of shape (arms, histories, trials).

    Args:
        random: Where chance comes from.
        means: The arms' means.
        shape: Histories, and trials of each.
        assumed: For the spread and the two correlations.
    """
    histories, trials = shape
    of_history = tied(random, len(means), histories, assumed.rho)
    noise = random.standard_normal((len(means), histories, trials))
    spread = sqrt(assumed.icc) * of_history[..., None] + sqrt(1 - assumed.icc) * noise
    return np.asarray(np.asarray(means)[:, None, None] + assumed.sd * spread, dtype=np.float64)


def solve(
    power_at: Callable[[float], Power],
    start: tuple[float, Power],
    wanted: float,
    alpha: float,
    bounds: tuple[float, float],
    root: bool = False,
) -> tuple[float, Power] | None:
    """Find where a power is reached, by the normal curve through the last simulation.

    On the probit scale power grows with the effect, and with the square root of the histories,
    nearly in a straight line; so a few simulations do.

    Args:
        power_at: Simulates the power at a point.
        start: A point, and the power there.
        wanted: The power that is looked for.
        alpha: The two-sided level of the test.
        bounds: The least and the largest point that makes sense.
        root: Whether power grows with the square root of the point, as it does for histories.

    Returns:
        The point and the power there; None if even the largest point falls short.
    """
    critical = float(stats.norm.isf(alpha / 2))
    point, power = start
    best: tuple[float, Power] | None = None
    for _ in range(STEPS):
        shift = (float(stats.norm.ppf(wanted)) + critical) / _centrality(power, critical)
        point = float(np.clip(point * (shift**2 if root else shift), *bounds))
        power = power_at(point)
        if best is None or abs(power.value - wanted) < abs(best[1].value - wanted):
            best = point, power
        if abs(power.value - wanted) <= CLOSE:
            break
    assert best is not None
    if best[1].value >= wanted - 3 * max(best[1].error, CLOSE):
        return best
    most = best if best[0] >= bounds[1] else (bounds[1], power_at(bounds[1]))
    return None if most[1].value < wanted else best


def _centrality(power: Power, critical: float) -> float:
    """Return how far the estimate's distribution lies from none, in standard errors."""
    inside = min(max(power.value, 1 / power.draws), 1 - 1 / power.draws)
    return max(float(stats.norm.ppf(inside)) + critical, 0.3)


@lru_cache(maxsize=512)
def _quantiles(mean: float, icc: float) -> Array:
    mean = min(max(mean, 0.0), 1.0)
    middle = (np.arange(POINTS) + 0.5) / POINTS
    if icc <= 0 or mean in (0.0, 1.0):
        return np.full(POINTS, mean)
    size = (1 - icc) / icc if icc < 1 else 0.0
    if size == 0.0:
        return (middle > 1 - mean).astype(np.float64)
    found = np.asarray(stats.beta.ppf(middle, mean * size, (1 - mean) * size), dtype=np.float64)
    # Where the distribution is steep at its ends, the points' mean is a little off.
    return np.clip(found * (mean / max(float(found.mean()), 1e-12)), 0.0, 1.0)
