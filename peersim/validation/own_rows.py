"""Simulated studies of one contrast's own design: which histories serve which of its sides."""

from math import sqrt
from typing import Any, Literal, NamedTuple

import numpy as np

from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import Found, ask
from peersim.validation.mechanism import rows_of
from peersim.validation.population import Array
from peersim.validation.sealed import generator

SIDE, PART = "side", "part"
MOST_SDS = 3.0
"""The largest effect on a score that is tried, in standard deviations."""


class Played(NamedTuple):
    """What is simulated of a study; as in its shape.

    Attributes:
        histories: Histories of each arm.
        trials: Trials per history and arm.
        level: Whether the sides differ between histories or within them.
        trend: Whether the sides are doses.
        strata: The sides that each set of histories serves.
        one_sided: Whether one direction is claimed.
        alpha: The level of the test.
        score: Whether the outcome is a score.
        rate: The base rate; of a score the mean is 0.
        icc: How alike the trials of a history are.
        rho: How alike a history is in two arms.
    """

    histories: int
    trials: int
    level: Literal["between", "within"]
    trend: bool
    strata: tuple[tuple[str, ...], ...]
    one_sided: bool
    alpha: float
    score: bool
    rate: float
    icc: float
    rho: float

    @property
    def sides(self) -> tuple[str, ...]:
        """All sides, or doses rising."""
        found = {side for of in self.strata for side in of}
        return tuple(sorted(found, key=float if self.trend else str))

    @property
    def rows(self) -> int:
        """Trials of one study."""
        return sum(map(len, self.strata)) * self.histories * self.trials

    @property
    def largest(self) -> float:
        """The largest effect that is tried."""
        room = MOST_SDS if self.score else 0.95 - self.rate
        return room / (float(self.sides[-1]) - float(self.sides[0])) if self.trend else room

    def mean(self, side: str, effect: float) -> float:
        """Return the rate or mean of a side, under an effect."""
        base = 0.0 if self.score else self.rate
        if self.trend:
            return base + effect * (float(side) - float(self.sides[0]))
        return base + effect * (side == "a")

    @property
    def contrast(self) -> Contrast:
        """What is asked of the rows."""
        asked: dict[str, Any] = {name: {SIDE: name} for name in self.sides}
        if self.trend:
            asked = {"dose": SIDE}
        return Contrast.model_validate(
            asked
            | {
                "id": "own",
                "alpha": self.alpha,
                "outcome": "signed_error" if self.score else "protected",
                "scale": "mean_diff" if self.score else "rd",
                "alternative": "greater" if self.one_sided else "two_sided",
            }
        )

    @property
    def protocol(self) -> Protocol:
        """The plan that it is asked under."""
        scope = "history" if self.level == "between" else "oversight"
        factors = {SIDE: scope, PART: "oversight"}
        return Protocol.model_validate({"factors": factors, "contrasts": [self.contrast]})


def answers(played: Played, effect: float, seed: int, studies: int) -> list[Found]:
    """Return the analysis's answers to simulated studies.

    Args:
        played: Their size and design.
        effect: What is planted.
        seed: The root of the draws.
        studies: How many.
    """
    contrast, protocol, found = played.contrast, played.protocol, []
    for number in range(studies):
        rows = rows_for(played, effect, generator(seed, "own", number))
        arms = list({id(row.arm): row.arm for row in rows}.values())
        found.append(ask(contrast, protocol, rows, arms))
    return found


def found_share(played: Played, effect: float, seed: int, studies: int) -> float:
    """Return the share of simulated studies in which an effect is found."""
    found = answers(played, effect, seed, studies)
    return sum(one.p <= played.alpha for one in found) / studies


def rows_for(played: Played, effect: float, rng: np.random.Generator) -> list[TrialRow]:
    """Return one study: rates of histories are beta distributed, and tied by a copula if forked."""
    rows: list[TrialRow] = []
    served = dict.fromkeys(played.sides, 0)
    for place, sides in enumerate(played.strata):
        # What pools several sets of histories has an arm of each.
        arms = [{SIDE: side, PART: str(served[side])} for side in sides]
        served |= {side: served[side] + 1 for side in sides}
        means = [played.mean(side, effect) for side in sides]
        drawn = {played.contrast.outcome: _drawn(played, means, rng)[None]}
        rows += rows_of(arms, drawn, None, len(sides), first=place)
    return rows


def _drawn(played: Played, means: list[float], rng: np.random.Generator) -> Array:
    """Draw the trials of one set of histories, history x fork x trial."""
    size = played.histories, len(means)
    shared = rng.standard_normal((played.histories, 1))
    scores = sqrt(played.rho) * shared + sqrt(1 - played.rho) * rng.standard_normal(size)
    if played.score:
        noise = rng.standard_normal((*size, played.trials))
        spread = sqrt(played.icc) * scores[..., None] + sqrt(1 - played.icc) * noise
        return np.asarray(np.array(means)[None, :, None] + spread)
    rates = np.stack([_beta(of, played.icc, scores[:, i]) for i, of in enumerate(means)], axis=1)
    return (rng.random((*size, played.trials)) < rates[..., None]).astype(float)


def _beta(rate: float, icc: float, scores: Array) -> Array:
    """Return rates with a mean and a correlation of trials, from standard normal scores."""
    from scipy import stats

    spread = (1 - icc) / icc
    return np.asarray(stats.beta.ppf(stats.norm.cdf(scores), rate * spread, (1 - rate) * spread))
