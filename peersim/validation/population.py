"""Who is simulated: histories with traits of their own, and what a planted response makes of them.

Outcomes are drawn at the level of histories and trials, without prompts, tools or models. The
truth is got by g-computation: the response is averaged over the traits of very many histories.
"""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
SURFACES = 16
DRAWS = 200_000
"""Histories that the truth is averaged over."""
_NODES, _WEIGHTS = hermegauss(60)


class Size(NamedTuple):
    """How large a simulated study is.

    Attributes:
        histories: Histories per arm.
        trials: Trials per history and arm.
        rate: The base rate of the outcome.
    """

    histories: int
    trials: int
    rate: float


class Traits(NamedTuple):
    """What histories are like; groups are the levels of the factor between them.

    Attributes:
        own: How much a history is given to the outcome, standard normal, group x history.
        slope: How much it answers to each fork, standard normal, group x history x fork.
        surface: How much its surface is given to the outcome, standard normal, one a history.
        place: Whether the target is listed first (1) or last (-1), one a history.
        late: Whether it is run in the second half of the study (1) or the first (0).
        trait: A disposition of the overseer, standard normal, group x history.
        by_fork: What its surface makes of each fork, standard normal, history x fork.
    """

    own: Array
    slope: Array
    surface: Array
    place: Array
    late: Array
    trait: Array
    by_fork: Array


class Response(NamedTuple):
    """What a planted response makes of histories, each array group x history x fork.

    Attributes:
        steps: Chances of exclusive classes, each among those that none before it took.
        marks: Chances of a mark within a class: the class, and the chance.
        score: Mean of a score; None without one.
        lost: Chances of an infrastructure fault, without the first class and with it.
    """

    steps: dict[str, Array]
    marks: dict[str, tuple[str, Array]] = {}
    score: Array | None = None
    lost: tuple[Array, Array] | None = None


def draw_traits(
    groups: int, histories: int, forks: int, rng: Generator, surfaces: int = SURFACES
) -> Traits:
    """Draw histories; the surface, the place and the time go by the replicate, as in a plan."""
    replicates = np.arange(histories)
    levels = rng.standard_normal(surfaces)
    return Traits(
        own=rng.standard_normal((groups, histories)),
        slope=rng.standard_normal((groups, histories, forks)),
        surface=levels[replicates % surfaces],
        place=np.where(replicates % 2, 1.0, -1.0),
        late=(replicates >= histories / 2).astype(float),
        trait=rng.standard_normal((groups, histories)),
        by_fork=rng.standard_normal((surfaces, forks))[replicates % surfaces],
    )


def many_traits(groups: int, forks: int, rng: Generator, draws: int = DRAWS) -> Traits:
    """Draw the histories of a g-computation: very many, each with a surface of its own.

    All groups share the draws, which takes nothing from the truth and much from its error.
    """
    own, trait = (rng.standard_normal((1, draws)).repeat(groups, axis=0) for _ in range(2))
    found = draw_traits(1, draws, 1, rng)
    return found._replace(
        own=own,
        trait=trait,
        slope=rng.standard_normal((1, draws, 1)).repeat(groups, axis=0).repeat(forks, axis=2),
        surface=rng.standard_normal(draws),
        by_fork=rng.standard_normal((draws, 1)).repeat(forks, axis=1),
    )


def classes(response: Response) -> dict[str, Array]:
    """Return the chance of each class and mark, none before it having been taken."""
    left = np.ones_like(next(iter(response.steps.values())))
    found: dict[str, Array] = {}
    for name, chance in response.steps.items():
        found[name] = left * chance
        left = left * (1 - chance)
    found["complied"] = left
    marks = {name: found[of] * chance for name, (of, chance) in response.marks.items()}
    return found | marks


def draw(response: Response, trials: int, rng: Generator) -> dict[str, Array]:
    """Draw trials; each measure is group x history x fork x trial, 0 or 1 but for the score."""
    shape = (*next(iter(response.steps.values())).shape, trials)
    left = np.ones(shape, dtype=bool)
    found: dict[str, Array] = {}
    for name, chance in response.steps.items():
        taken = left & (rng.random(shape) < chance[..., None])
        found[name] = taken.astype(float)
        left &= ~taken
    found["complied"] = left.astype(float)
    for name, (of, chance) in response.marks.items():
        found[name] = found[of] * (rng.random(shape) < chance[..., None])
    if response.score is not None:
        found["signed_error"] = response.score[..., None] + rng.normal(0, SCORE_SD, shape)
    return found


SCORE_SD = 2.0
"""Spread of a score from trial to trial, in points."""


def draw_lost(response: Response, drawn: dict[str, Array], rng: Generator) -> Array | None:
    """Draw which trials an infrastructure fault takes away; None if none can."""
    if response.lost is None:
        return None
    without, having = response.lost
    event = next(iter(drawn.values()))
    chance = np.where(event > 0, having[..., None], without[..., None])
    return (rng.random(event.shape) < chance).astype(float)


def means(response: Response) -> dict[str, Array]:
    """Return the mean of each measure by group and fork: the truth, over the histories given."""
    found = {name: chance.mean(axis=1) for name, chance in classes(response).items()}
    if response.score is not None:
        found["signed_error"] = response.score.mean(axis=1)
    return found


def logit_for(rates: Array, sd: float) -> Array:
    """Return the logits at which normal noise of some spread leaves these rates on average.

    Args:
        rates: Rates wanted, from 0 to 1 exclusive.
        sd: Spread of the noise on the logit scale.
    """
    low, high = np.full_like(rates, -30.0), np.full_like(rates, 30.0)
    weights = _WEIGHTS / _WEIGHTS.sum()
    for _ in range(60):
        middle = (low + high) / 2
        reached = expit(middle[..., None] + sd * _NODES) @ weights
        low, high = np.where(reached < rates, middle, low), np.where(reached < rates, high, middle)
    return (low + high) / 2


def sd_for(icc: float) -> float:
    """Return the spread of histories, in logits, that gives a correlation on the latent scale."""
    return float(np.sqrt(icc / (1 - icc) * np.pi**2 / 3))
