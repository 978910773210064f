"""The same contrast by other methods, where the design gives a reader cause to ask."""

from peersim.analysis.arms import Unit
from peersim.analysis.contributions import Contributions
from peersim.analysis.declared import Part
from peersim.analysis.grouped import Grouped
from peersim.analysis.sides import Layout
from peersim.stats.gee import gee_contrast
from peersim.stats.intervals import Interval
from peersim.stats.scores import bca_mean, bca_sum
from peersim.study.contrast import Contrast


def otherwise(
    contrast: Contrast, found: Layout, used: Contributions, grouped: Grouped, *, score: bool
) -> tuple[Part, ...]:
    """Return GEE where histories are not of a size, and a bootstrap of scores.

    Args:
        contrast: The contrast.
        found: Its sides.
        used: What histories contribute.
        grouped: All trials.
        score: Whether the outcome is a score.
    """
    uneven = used.lost > 0 or len(used.sizes) > 1
    gee = by_trials(contrast, found, grouped) if uneven and contrast.shape == "difference" else []
    return (*gee, *(by_bootstrap(contrast, used) if score else ()))


def by_trials(contrast: Contrast, found: Layout, grouped: Grouped) -> list[Part]:
    """Return the difference with trials weighing alike, those of incomplete histories included.

    Args:
        contrast: A difference.
        found: Its sides.
        grouped: All trials.
    """
    y: list[float] = []
    treated: list[bool] = []
    history: list[Unit] = []
    for side, arms in found.sides.items():
        for arm in arms:
            for unit, values in grouped.values(arm, contrast.outcome).items():
                y += sorted(values)
                treated += [side == "a"] * len(values)
                history += [unit] * len(values)
    try:
        effect = gee_contrast(y, treated, history, level=1 - contrast.alpha)
    except ValueError as error:
        return [Part(name="each trial weighing alike", estimate=None, method=str(error))]
    units = effect.units["history"]
    return [
        Part(
            name="each trial weighing alike",
            estimate=effect.estimate,
            low=effect.low,
            high=effect.high,
            p=effect.p,
            method=f"{effect.method}; {len(y)} trials of {units} histories",
            df=effect.df,
        )
    ]


def by_bootstrap(contrast: Contrast, used: Contributions) -> list[Part]:
    """Return a difference of means by redrawing histories; nothing where they are too few.

    Forked arms are redrawn together, as the differences of their histories; between histories
    each side is redrawn by itself.

    Args:
        contrast: A difference of means, or a difference of those.
        used: What histories contribute.
    """
    limits = _redrawn(used, 1 - contrast.alpha)
    if limits is None:
        return []
    return [
        Part(
            name="whatever the shape of the scores",
            estimate=used.estimate,
            low=limits.low,
            high=limits.high,
            method=f"{limits.method}; {limits.units} histories",
        )
    ]


def _redrawn(used: Contributions, level: float) -> Interval | None:
    if len(used.groups) == 1:
        group = used.groups[0]
        return bca_mean([group.weight * value for value in group.values], level)
    return bca_sum([one.values for one in used.groups], [one.weight for one in used.groups], level)
