"""Which declared contrasts of a study are simulated, and by which rates and correlations."""

from collections.abc import Sequence

from peersim.analysis.designs import design_of
from peersim.analysis.pilots import shown
from peersim.errors import ConfigError
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.design import Study


class Planned(Frozen):
    """A declared contrast as it is simulated.

    Attributes:
        contrast: As declared.
        study: The study that declares it.
        assumed: Base rate, ICC and correlation of forks, by name; as the trials show them.
        unknown: Those among them that are assumed, since the trials show too little.
    """

    contrast: Contrast
    study: Study
    assumed: dict[str, float]
    unknown: tuple[str, ...]


def planned(
    studies: Sequence[Study], rows: Sequence[TrialRow]
) -> tuple[list[Planned], tuple[str, ...]]:
    """Return the declared contrasts as they are simulated, and why others are not.

    Args:
        studies: The studies of a run or sweep.
        rows: Their trials, to take rates and correlations from; none if they may not be seen.
    """
    found: dict[str, Planned] = {}
    why: dict[str, str] = {}
    for study in studies:
        for contrast in study.protocol.contrasts:
            refusal = _unfit(study, contrast)
            if refusal:
                why.setdefault(contrast.id, refusal)
            elif contrast.id not in found:
                known, unknown = shown(rows, contrast, Assumed(rd=0.0))
                assumed = {name: float(f"{value:.2g}") for name, value in known._asdict().items()}
                found[contrast.id] = Planned(
                    contrast=contrast, study=study, assumed=assumed, unknown=unknown
                )
    left = tuple(f"{name} is not simulated: {of}" for name, of in why.items() if name not in found)
    return list(found.values()), left


def _unfit(study: Study, contrast: Contrast) -> str:
    try:
        design = design_of(study, contrast)
    except (ConfigError, ValueError) as error:
        return str(error)
    fewest = design.fewest(trend=contrast.dose is not None)
    if study.replicates < fewest:
        return f"with fewer than {fewest} histories an arm the analysis refuses it"
    return ""
