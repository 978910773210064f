"""The figures of a study's own instrument: the same arms, histories and trials, simulated.

A study of other sizes has another instrument, so the figures are worked out anew for each, and
kept beside its store.
"""

from math import sqrt
from typing import Literal

import numpy as np

from peersim import __version__
from peersim.analysis.instrument import Instrument
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.readings.rows import TrialRow
from peersim.store.view import RunView
from peersim.study.arms import held_studies
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import Found, put
from peersim.validation.bands import ALPHA, SHORT, At, figures, rate_figure
from peersim.validation.inference import resampling
from peersim.validation.mechanism import rows_of
from peersim.validation.population import Array, Response, draw
from peersim.validation.sealed import generator

FILE = "instrument.json"
STUDIES = 200
STEPS = 6
POWER = 0.8
LARGEST = 100
"""Histories that are simulated at most; above, the figures are of that many."""


class Shape(Frozen):
    """The size of a study, as far as its instrument goes.

    Attributes:
        arms: How many arms it has.
        histories: Histories per arm.
        trials: Trials per history and arm.
        level: Whether its arms are forked from the same histories or not.
        rate: The base rate of the outcome.
        icc: How alike the trials of a history are.
        rho: How alike the rates of a history are in two forked arms.
    """

    arms: int = 2
    histories: int
    trials: int
    level: Literal["between", "within"] = "between"
    rate: float = 0.1
    icc: float = 0.2
    rho: float = 0.8


def instrument_of(shape: Shape, seed: int = 0, studies: int = STUDIES) -> Instrument:
    """Simulate studies of a size, without and with an effect, through the analysis.

    Type I error and coverage come from studies without an effect; the effect that is found with
    80 % power is searched for among studies that have one, and coverage is told there too.

    Args:
        shape: The study's size.
        seed: The root of the draws.
        studies: Simulated studies of each kind.
    """
    sized = shape.model_copy(update={"histories": min(shape.histories, LARGEST)})
    with resampling(SHORT.resamples):
        null = _answers(sized, 0.0, seed, studies)
        effect, power = _detectable(sized, seed, studies // 2)
        found = _answers(sized, effect, seed + 1, studies)
    asked = f"{shape.level} histories, two of {shape.arms} arms"
    at = At("own", asked, sized.histories, shape.trials, shape.rate)
    with_effect = at._replace(question=f"{asked}, with an effect")
    made = [
        *figures(at, null, [0.0] * studies, True, SHORT, rerun=False),
        *figures(with_effect, found, [effect] * studies, False, SHORT, rerun=False),
        rate_figure(at, round(power * studies), studies, SHORT).model_copy(
            update={
                "measure": "mde",
                "value": effect,
                "error": None,
                "note": f"found with {power:.0%} power",
            }
        ),
    ]
    return Instrument(peersim=__version__, form="own", seed=seed, inference=tuple(made))


def own_instrument(run: RunView, studies: int = STUDIES) -> Instrument:
    """Return the figures of a run's own instrument, from the file beside its store if it is there.

    Args:
        run: The run or sweep.
        studies: Simulated studies of each kind.

    Raises:
        AnalysisRefusal: If the run holds no plan yet.
    """
    shape = shape_of(run)
    asked = {"shape": shape.model_dump(mode="json"), "studies": studies, "peersim": __version__}
    key = content_id("instrument", asked)
    path = run.directory / FILE
    if path.is_file():
        name, _, text = path.read_text(encoding="utf-8").partition("\n")
        if name == key:
            return Instrument.model_validate_json(text)
    made = instrument_of(shape, studies=studies)
    path.write_text(f"{key}\n{made.model_dump_json(indent=1)}\n", encoding="utf-8")
    return made


def shape_of(run: RunView) -> Shape:
    """Return the size of a run; where arms are forked, that of the forked contrast.

    Raises:
        AnalysisRefusal: If the run holds no plan yet.
    """
    studies = held_studies(run)
    if not studies:
        raise AnalysisRefusal(f"{run.directory} holds no plan", "start it: peersim resume")
    arms = [(study.seed, arm) for study in studies for arm in study.arms]
    lived = {arm.history(seed, 0).history_id for seed, arm in arms}
    return Shape(
        arms=len(arms),
        histories=min(study.replicates for study in studies),
        trials=min(study.trials_per_history for study in studies),
        level="between" if len(lived) == len(arms) else "within",
    )


def _detectable(shape: Shape, seed: int, studies: int) -> tuple[float, float]:
    """Return the effect that is found with the wanted power, by halving, and its power."""
    low, high = 0.0, 0.95 - shape.rate
    power = 0.0
    for step in range(STEPS):
        middle = (low + high) / 2
        found = _answers(shape, middle, seed + 2 + step, studies)
        power = float(np.mean([one.p <= ALPHA for one in found]))
        low, high = (middle, high) if power < POWER else (low, middle)
    return (low + high) / 2, power


def _answers(shape: Shape, effect: float, seed: int, studies: int) -> list[Found]:
    name, scope = ("a", "history") if shape.level == "between" else ("a", "oversight")
    contrast = Contrast(id="own", a={name: "1"}, b={name: "0"})
    protocol = Protocol.model_validate({"factors": {name: scope}, "contrasts": [contrast]})
    arms = [{name: "1"}, {name: "0"}]
    return [
        put(contrast, protocol, _rows(shape, effect, arms, generator(seed, "own", n)), arms)
        for n in range(studies)
    ]


def _rows(
    shape: Shape, effect: float, arms: list[dict[str, str]], rng: np.random.Generator
) -> list[TrialRow]:
    """Return a study whose histories' rates are beta distributed, tied by a copula if forked."""
    rates = (shape.rate + effect, shape.rate)
    rho = shape.rho if shape.level == "within" else 0.0
    shared = rng.standard_normal(shape.histories)
    made = [
        _beta(
            rate, shape.icc, sqrt(rho) * shared + sqrt(1 - rho) * rng.standard_normal(len(shared))
        )
        for rate in rates
    ]
    forked = shape.level == "within"
    chances = np.stack(made, axis=1)[None] if forked else np.stack(made)[:, :, None]
    drawn = draw(Response({"protected": chances}), shape.trials, rng)
    return rows_of(arms, drawn, None, 2 if forked else 1)


def _beta(rate: float, icc: float, scores: Array) -> Array:
    """Return rates with a mean and a correlation of trials, from standard normal scores."""
    from scipy import stats

    spread = (1 - icc) / icc
    return np.asarray(stats.beta.ppf(stats.norm.cdf(scores), rate * spread, (1 - rate) * spread))
