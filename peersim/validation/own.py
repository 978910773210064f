"""The figures of a study's own instrument: its declared contrasts at its size, simulated.

A study of another size or design has another instrument, so the figures are worked out anew for
each, and kept beside its store.
"""

import contextlib
from collections.abc import Sequence
from math import floor
from typing import Any, Literal

from peersim import __version__
from peersim.analysis.designs import Design, design_of, is_score
from peersim.analysis.instrument import Figure, Instrument
from peersim.analysis.levels import alpha_of
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.readings.rows import TrialRow
from peersim.store.view import RunView
from peersim.study.arms import held_studies
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.validation.asking import Found
from peersim.validation.bands import SHORT, At, figures, large, rate_figure, silences
from peersim.validation.inference import resampling
from peersim.validation.own_contrasts import contrast_figures
from peersim.validation.own_planned import Planned, planned
from peersim.validation.own_rows import Played, answers, found_share

FILE = "instrument.json"
STUDIES = 200
STEPS = 6
POWER = 0.8
LARGEST = 100
"""Histories that are simulated at most; above, the figures are of that many."""
TRIALS_IN_ALL = 600_000
"""Trials that are simulated at most, over all studies: about twenty seconds' worth."""
OWN = SHORT._replace(name="own", slack=3.0)
"""A reader of one study's figures is not to be alarmed by what chance does one time in forty."""
SEARCHES = 2 + STEPS / 2
"""How many times as many studies are simulated as are asked for."""


class Shape(Frozen):
    """The size and design of a study, as far as its instrument goes.

    Attributes:
        arms: How many arms it has.
        histories: Histories per arm.
        trials: Trials per history and arm.
        level: Whether the contrast is between histories or within them.
        asked: Whether the contrast is a difference, a difference of differences or a trend.
        contrast: The declared contrast that is simulated; empty where none is declared.
        strata: The sides, or the doses, that each set of histories serves.
        one_sided: Whether one direction is claimed.
        alpha: The level of its test, as one of its family.
        score: Whether its outcome is a score; its unit is then the standard deviation.
        rate: The base rate of the outcome.
        icc: How alike the trials of a history are.
        rho: How alike the rates of a history are in two forked arms.
    """

    arms: int = 2
    histories: int
    trials: int
    level: Literal["between", "within"] = "between"
    asked: Literal["difference", "did", "trend"] = "difference"
    contrast: str = ""
    strata: tuple[tuple[str, ...], ...] = ()
    one_sided: bool = False
    alpha: float = 0.05
    score: bool = False
    rate: float = 0.1
    icc: float = 0.2
    rho: float = 0.8

    @property
    def played(self) -> Played:
        """What is simulated of it."""
        plain = (("a",), ("b",)) if self.level == "between" else (("a", "b"),)
        return Played(
            histories=min(self.histories, LARGEST),
            trials=self.trials,
            level=self.level,
            trend=self.asked == "trend",
            strata=self.strata or plain,
            one_sided=self.one_sided,
            alpha=self.alpha,
            score=self.score,
            rate=self.rate,
            icc=self.icc,
            rho=self.rho,
        )


def instrument_of(shape: Shape, seed: int = 0, studies: int = STUDIES) -> Instrument:
    """Simulate studies of a size and design, without and with an effect, through the analysis.

    Type I error and coverage come from studies without an effect; the effect that is found with
    80 % power is searched for among studies that have one, and coverage is told there too.

    Args:
        shape: The study's size and the contrast it asks for.
        seed: The root of the draws.
        studies: Simulated studies of each kind at most; large studies are simulated less often.
    """
    played = shape.played
    many = max(min(studies, floor(TRIALS_IN_ALL / played.rows / SEARCHES)), min(studies, 20))
    with resampling(OWN.resamples):
        null = answers(played, 0.0, seed, many)
        effect, power, tried = _detectable(played, seed, max(many // 2, 1))
        found = answers(played, effect, seed + 1, many)
    named = f" of {shape.contrast}" if shape.contrast else ""
    asked = f"{shape.asked}{named}, {shape.level} histories, {shape.arms} arms"
    scale = "mean_diff" if shape.score else "rd"
    at = At("own", asked, played.histories, shape.trials, shape.rate, scale)
    with_effect = at._replace(question=f"{asked}, with an effect")
    unit = {"trend": " per unit of dose"}.get(shape.asked, "")
    note = f"found with {power:.0%} power{unit}" + (" (in standard deviations)" * shape.score)
    made = [
        *_figures(at, null, 0.0, shape.alpha),
        *_figures(with_effect, found, effect, shape.alpha),
        rate_figure(at, round(power * tried), tried, OWN).model_copy(
            update={"measure": "mde", "value": effect, "error": None, "note": note}
        ),
        *(silences(at, null, OWN) if large(at) else ()),
    ]
    return Instrument(peersim=__version__, form="own", seed=seed, inference=tuple(made))


def _figures(at: At, found: list[Found], effect: float, alpha: float) -> list[Figure]:
    # The bands are those of a level of .05: what is tested at another is put on that scale.
    scaled = [one._replace(p=one.p * 0.05 / alpha, other=one.other * 0.05 / alpha) for one in found]
    return list(figures(at, scaled, [effect] * len(found), effect == 0, OWN, rerun=False))


def own_instrument(
    run: RunView, studies: int = STUDIES, rows: Sequence[TrialRow] = ()
) -> Instrument:
    """Return the figures of a run's own instrument, from the file beside its store if it is there.

    Of each declared contrast; where none is declared, of the difference of the first two arms.

    Args:
        run: The run or sweep.
        studies: Simulated studies of each kind.
        rows: Its trials, to take rates and correlations from; none if they may not be seen.

    Raises:
        AnalysisRefusal: If the run holds no plan yet.
    """
    shape = shape_of(run)
    found, left = planned(held_studies(run), rows)
    asked: dict[str, Any] = {"shape": shape.model_dump(mode="json"), "studies": studies}
    asked |= {"peersim": __version__, "left": left}
    asked["contrasts"] = [one.model_dump(mode="json") for one in found]
    key = content_id("instrument", asked)
    path = run.directory / FILE
    if path.is_file():
        name, _, text = path.read_text(encoding="utf-8").partition("\n")
        if name == key:
            return Instrument.model_validate_json(text)
    made = _made(shape, studies, found, left)
    with contextlib.suppress(OSError):  # where the directory cannot be written nothing is kept
        fresh = path.with_suffix(".new")  # so that half a file is never taken for a whole one
        fresh.write_text(f"{key}\n{made.model_dump_json(indent=1)}\n", encoding="utf-8")
        fresh.replace(path)
    return made


def _made(
    shape: Shape, studies: int, found: Sequence[Planned], left: tuple[str, ...]
) -> Instrument:
    if not found and not left:
        return instrument_of(shape, studies=studies)
    figures = tuple(contrast_figures(found))
    return Instrument(peersim=__version__, form="own", seed=0, inference=figures, left=left)


def shape_of(run: RunView) -> Shape:
    """Return the size of a run, and the design of the first primary contrast that it declares.

    Where none is declared it is the difference of the first two arms.

    Raises:
        AnalysisRefusal: If the run holds no plan yet.
    """
    studies = held_studies(run)
    if not studies:
        raise AnalysisRefusal(f"{run.directory} holds no plan", "start it: peersim resume")
    arms = [(study.seed, arm) for study in studies for arm in study.arms]
    lived = [arm.history(seed, 0).history_id for seed, arm in arms]
    plain = Shape(
        arms=len(arms),
        histories=min(study.replicates for study in studies),
        trials=min(study.trials_per_history for study in studies),
        level="within" if len(arms) > 1 and lived[0] == lived[1] else "between",
    )
    for study in studies:
        for contrast in study.protocol.contrasts:
            if contrast.role == "primary" and (found := _designed(plain, study, contrast)):
                return found
    return plain


def _designed(plain: Shape, study: Study, contrast: Contrast) -> Shape | None:
    """The shape of a contrast; None if the study lacks one of its sides."""
    try:
        design = design_of(study, contrast)
    except ConfigError:
        return None
    return plain.model_copy(
        update={
            "level": design.level,
            "asked": contrast.shape,
            "contrast": contrast.id,
            "strata": _served(design),
            "one_sided": contrast.alternative in ("greater", "less"),
            "alpha": alpha_of(study, contrast),
            "score": is_score(contrast),
        }
    )


def _served(design: Design) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(side for side, arms in of.items() if arms) for of in design.strata)


def _detectable(played: Played, seed: int, studies: int) -> tuple[float, float, int]:
    """Return the smallest effect tried that is found with the wanted power, and that power.

    By halving. Where even the largest is found less often, it is that, with its own power.
    """
    low, high = 0.0, played.largest
    best = (high, found_share(played, high, seed + 2, studies), studies)
    for step in range(STEPS - 1):
        middle = (low + high) / 2
        power = found_share(played, middle, seed + 3 + step, studies)
        if power < POWER:
            low = middle
        else:
            high, best = middle, (middle, power, studies)
    return best
