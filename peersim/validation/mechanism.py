"""What a planted mechanism is: its factors, its hidden parameters, its response, its questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.special import expit

from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast, matches
from peersim.study.protocol import Protocol, Scope
from peersim.validation.population import (
    DRAWS,
    SURFACES,
    Array,
    Response,
    Size,
    Traits,
    draw,
    draw_lost,
    draw_traits,
    logit_for,
    many_traits,
    means,
    sd_for,
)

Hidden = dict[str, list[list[float]]]
"""Parameters by name, each group x fork; what is one number is a matrix of one."""
Truth = dict[str, Array]
"""The mean of each measure, group x fork."""
ICC = 0.2


@dataclass(frozen=True)
class Factor:
    """A factor and its levels, in order."""

    name: str
    levels: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True)
class Question:
    """What is asked of the rows of a simulated study.

    Attributes:
        contrast: The contrast, as a study would declare it.
        null: Whether its truth is planted to be nothing, so that finding it is an error.
    """

    contrast: Contrast
    null: bool = False

    @property
    def id(self) -> str:
        """Its name."""
        return self.contrast.id


@dataclass(frozen=True)
class Mechanism:
    """One planted mechanism.

    Attributes:
        name: Its name.
        reports: What the instrument has to report of it.
        between: The factor that varies between histories.
        forked: The factor that varies between forks; of one level for none.
        hide: Draws the hidden parameters, for a base rate.
        respond: What the parameters make of histories.
        questions: What is asked.
        rates: The base rates at which it is tried.
        histories: The numbers of histories at which it is tried.
        surfaces: How many wordings the rows name; where there are several the analysis takes
            them for clusters as well, which takes thirty times as long.
        trials: Trials per history and arm.
        informs: Why its type I error and coverage have no band, if they have none.
    """

    name: str
    reports: str
    between: Factor
    forked: Factor
    hide: Callable[[float, Generator], Hidden]
    respond: Callable[[Hidden, Traits], Response]
    questions: tuple[Question, ...]
    rates: tuple[float, ...] = (0.02, 0.1, 0.4)
    histories: tuple[int, ...] = (12, 24, 48)
    surfaces: int = 1
    trials: int = 4
    informs: str = ""

    @property
    def protocol(self) -> Protocol:
        """The plan that the analysis is held to."""
        factors = {one.name: one.scope for one in (self.between, self.forked)}
        return Protocol(factors=factors, contrasts=tuple(q.contrast for q in self.questions))

    @property
    def arms(self) -> list[dict[str, str]]:
        """All arms, forks within groups."""
        return [
            {self.between.name: group, self.forked.name: fork}
            for group in self.between.levels
            for fork in self.forked.levels
        ]

    def study(self, hidden: Hidden, size: Size, rng: Generator) -> list[TrialRow]:
        """Return the rows of one simulated study."""
        groups, forks = len(self.between.levels), len(self.forked.levels)
        surfaces = self.surfaces if self.surfaces > 1 else SURFACES
        traits = draw_traits(groups, size.histories, forks, rng, surfaces)
        response = self.respond(hidden, traits)
        drawn = draw(response, size.trials, rng)
        lost = draw_lost(response, drawn, rng)
        return rows_of(self.arms, drawn, lost, forks, self.surfaces)

    def truth(self, hidden: Hidden, rng: Generator, draws: int = 0) -> Truth:
        """Return the true means, by g-computation over very many histories."""
        groups, forks = len(self.between.levels), len(self.forked.levels)
        traits = many_traits(groups, forks, rng, draws or DRAWS)
        return means(self.respond(hidden, traits))

    def true_answer(self, contrast: Contrast, truth: Truth) -> float:
        """Return what a contrast truly comes to, arms of a side weighing equally."""
        cells = truth[contrast.outcome].ravel()

        def side(wanted: Mapping[str, str | tuple[str, ...]] | None) -> float:
            chosen = [
                mean
                for arm, mean in zip(self.arms, cells, strict=True)
                if matches(arm, dict(wanted or {}))
            ]
            return float(np.mean(chosen))

        if contrast.dose is not None:
            pairs = [
                (float(arm[contrast.dose]), mean)
                for arm, mean in zip(self.arms, cells, strict=True)
                if matches(arm, contrast.a)
            ]
            doses, levels = (np.array(one) for one in zip(*pairs, strict=True))
            return float(np.polyfit(doses, levels, 1)[0])
        first = side(contrast.a) - side(contrast.b)
        return first if contrast.c is None else first - (side(contrast.c) - side(contrast.d))


def rows_of(
    arms: Sequence[dict[str, str]],
    drawn: dict[str, Array],
    lost: Array | None,
    forks: int,
    surfaces: int = 1,
    first: int = 0,
) -> list[TrialRow]:
    """Return drawn trials as the rows that an analysis reads.

    Args:
        arms: The arms, forks within groups.
        drawn: Measures, each group x history x fork x trial.
        lost: 1 for a trial that was lost to infrastructure; None for none.
        forks: Forks per history.
        surfaces: Wordings, which the histories take in turn.
        first: The number of the first group, so that several sets of groups are told apart.
    """
    names = list(drawn)
    columns = np.stack([drawn[name] for name in names], axis=-1).tolist()
    gone = lost.tolist() if lost is not None else None
    _, histories, _, trials = next(iter(drawn.values())).shape
    found = []
    for place, arm in enumerate(arms):
        group, fork = divmod(place, forks)
        name = first + group
        for history in range(histories):
            for trial in range(trials):
                failed = gone is not None and gone[group][history][fork][trial]
                values = columns[group][history][fork][trial]
                found.append(
                    TrialRow.model_construct(
                        trial_id=f"t{name}.{history}.{fork}.{trial}",
                        arm=arm,
                        # So that no set of histories is the first by its name and by its side.
                        history_id=f"h{99 - name}.{history}",
                        surface=f"s{history % surfaces}",
                        block=history * trials + trial,
                        invalid="network" if failed else None,
                        values={} if failed else dict(zip(names, values, strict=True)),
                        models=("simulated/planted",),
                        simulated=True,
                    )
                )
    return found


def hide_rates(rates: Sequence[Sequence[float]], sd: float) -> list[list[float]]:
    """Return the logits behind marginal rates, group x fork, under noise of some spread."""
    return [list(map(float, row)) for row in logit_for(np.asarray(rates, dtype=float), sd)]


def chance(
    logits: Sequence[Sequence[float]],
    traits: Traits,
    own: float = sd_for(ICC),
    slope: float = 0.0,
    surface: float = 0.0,
    by_fork: float = 0.0,
) -> Array:
    """Return chances, group x history x fork, from logits, group x fork.

    Args:
        logits: One for each arm.
        traits: The histories.
        own: How far histories spread, in logits.
        slope: How far they spread in what a fork does to them.
        surface: How far surfaces spread.
        by_fork: How far surfaces spread in what a fork does.
    """
    eta = np.asarray(logits)[:, None, :] + own * traits.own[:, :, None]
    eta = eta + slope * traits.slope + surface * traits.surface[None, :, None]
    eta = eta + by_fork * traits.by_fork[None]
    return np.asarray(expit(eta))
