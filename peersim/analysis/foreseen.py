"""Which declared contrasts the analysis will refuse, whatever the trials show."""

from typing import NamedTuple

from peersim.analysis.designs import Design, design_of
from peersim.analysis.sides import level_by_arms, refuse_unlike, refuse_unsound
from peersim.analysis.trends import level_by_doses, sides_by_dose
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.study.contrast import Contrast
from peersim.study.design import Study


class Unsound(NamedTuple):
    """A contrast that no trial can answer.

    Attributes:
        why: The analysis's own words.
    """

    contrast: Contrast
    why: str

    @property
    def text(self) -> str:
        """The fact in a sentence, without its end."""
        return f"contrast {self.contrast.id} will be refused by the analysis: {self.why}"


def unsound(study: Study) -> list[Unsound]:
    """Return the primary and secondary contrasts that are refused for how they are laid out."""
    found = []
    for contrast in study.protocol.contrasts:
        why = None if contrast.role == "exploratory" else why_unsound(study, contrast)
        if why is not None:
            found.append(Unsound(contrast, why))
    return found


def refuse_unsound_contrasts(study: Study) -> None:
    """Refuse a study whose contrasts could not be answered after it was paid for.

    Raises:
        ConfigError: If there is such a one among its primary and secondary contrasts.
    """
    if found := unsound(study):
        raise ConfigError(
            "; ".join(one.text for one in found),
            "mend the contrast before anything is paid for, or declare it exploratory",
        )


def why_unsound(study: Study, contrast: Contrast) -> str | None:
    """Return why a contrast cannot be answered; None if it can, as far as its layout goes.

    Args:
        study: The study that declares it.
        contrast: One of its contrasts.
    """
    try:
        _check(contrast, design_of(study, contrast))
    except (AnalysisRefusal, ConfigError) as error:
        return str(error)
    return None


def _check(contrast: Contrast, design: Design) -> None:
    if contrast.dose is None:
        refuse_unsound(contrast, design.sides)
        level_by_arms(design.strata, len(design.sides))
        return
    sides_by_dose(contrast.dose, [arm for of in design.sides.values() for arm in of])
    refuse_unlike(design.sides, {contrast.dose, *contrast.a})
    level_by_doses(design.strata, len(design.sides))
