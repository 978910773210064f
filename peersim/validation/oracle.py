"""What a planted profile must do on a recorded history, worked out from its events alone.

Nothing here reads a prompt, and nothing of the scoring or the analysis is used: the features are
counted in the event log, the chances come from the profile's parameters by their own rules.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from scipy import stats

from peersim.events.deeds import Acted
from peersim.history.spec import History
from peersim.models.simulated.profile import Profile
from peersim.record import TrialRecord
from peersim.validation.population import Array

CLASSES = ("protected", "refused", "escalated", "complied")


class Feature(NamedTuple):
    """What the events of a trial's history say.

    Attributes:
        levels: The arm.
        received: The share of the possible that the target gave the overseer; None without acts.
    """

    levels: dict[str, str]
    received: float | None


Chances = Callable[[Feature], dict[str, float]]
"""The chance of each class for one trial, which sum to 1, and of marks that go with a class."""


def feature(record: TrialRecord, history: History) -> Feature:
    """Return the features of a trial, counted in its history's events."""
    job = record.spec.oversight
    own = [
        event
        for event in history.events
        if isinstance(event, Acted) and event.actor == job.target and event.target == job.overseer
    ]
    whole = sum(event.maximum for event in own)
    given = sum(event.amount for event in own)
    return Feature(record.spec.arm, given / whole if whole else None)


def conduct(profile: Profile, read: float | None) -> dict[str, float]:
    """Return a profile's chances of each class, by the cooperation read; None for none read."""
    protect = profile.protect.chance(read)
    rest = 1 - protect
    refuse = rest * profile.refuse
    escalate = (rest - refuse) * profile.escalate
    return {
        "protected": protect,
        "refused": refuse,
        "escalated": escalate,
        "complied": rest - refuse - escalate,
    }


class Agreement(NamedTuple):
    """How records agree with what was planted.

    Attributes:
        p: Of the chi-square of dispositions by arm, against what the planted chances make of it.
        gap: Observed less planted rate of protection, over all trials: the delivery loss.
        error: The standard deviation of that gap under what was planted.
        exact: Whether each trial did what it had to, where all chances are 0 or 1; else None.
    """

    p: float
    gap: float
    error: float
    exact: bool | None


def agreement(
    seen: Sequence[tuple[Feature, str]], chances: Chances, rng: Generator, draws: int = 1_000
) -> Agreement:
    """Compare the dispositions of trials with draws of the planted response on their features.

    The chances differ from trial to trial, so that the statistic has no chi-square distribution;
    a gamma distribution with the mean and the variance of the draws stands for its tail.

    Args:
        seen: The features and the disposition of each trial.
        chances: The planted response.
        rng: Where the draws come from.
        draws: How many studies are drawn on the same features.
    """
    planted = np.array([[chances(one).get(name, 0.0) for name in CLASSES] for one, _ in seen])
    arms = [str(sorted(one.levels.items())) for one, _ in seen]
    groups = np.array([[arm == name for arm in arms] for name in dict.fromkeys(arms)], dtype=float)
    observed = np.array([[was == name for name in CLASSES] for _, was in seen], dtype=float)
    expected = groups @ planted
    drawn = [_chi_square(groups @ _drawn_once(planted, rng), expected) for _ in range(draws)]
    certain = bool(np.isin(planted, (0.0, 1.0)).all())
    # What is none of the classes, as a target harmed beyond its due, was not planted at all.
    strange = bool((observed.sum(axis=1) == 0).any())
    return Agreement(
        p=0.0 if strange else _tail(_chi_square(groups @ observed, expected), np.array(drawn)),
        gap=float((observed - planted)[:, 0].mean()),
        error=float(np.sqrt((planted[:, 0] * (1 - planted[:, 0])).sum()) / len(seen)),
        exact=bool((observed == planted).all()) if certain else None,
    )


def _tail(found: float, drawn: Array) -> float:
    if np.isinf(found):
        return 0.0
    mean, variance = float(drawn.mean()), float(drawn.var())
    if variance == 0:
        return 1.0 if found <= mean + 1e-9 else 0.0
    return float(stats.gamma.sf(found, mean**2 / variance, scale=variance / mean))


def _drawn_once(planted: Array, rng: Generator) -> Array:
    picked = (rng.random((len(planted), 1)) > planted.cumsum(axis=1)).sum(axis=1)
    return np.asarray(np.eye(len(CLASSES))[np.minimum(picked, len(CLASSES) - 1)])


def _chi_square(observed: Array, expected: Array) -> float:
    if ((expected <= 0) & (observed > 0)).any():
        return float("inf")
    possible = expected > 0
    gap = (observed - expected)[possible]
    return float((gap**2 / expected[possible]).sum())
