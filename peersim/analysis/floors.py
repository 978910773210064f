"""Which declared contrasts of a planned study the analysis will refuse for want of histories."""

from typing import NamedTuple

from peersim.analysis.claims import FEWEST_PAIRS
from peersim.analysis.designs import Design, design_of
from peersim.errors import ConfigError
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.scopes import FEWEST


class Few(NamedTuple):
    """A contrast that rests on too few histories.

    Attributes:
        side: The side with the fewest; for a trend between histories, all doses together.
        planned: The histories that it will have.
        least: The fewest that the analysis takes.
    """

    contrast: Contrast
    side: str
    planned: int
    least: int

    @property
    def text(self) -> str:
        """The fact in a sentence, without its end."""
        return (
            f"contrast {self.contrast.id} will rest on {self.planned} histories on {self.side}, and"
            f" the analysis refuses fewer than {self.least}"
        )


def few(study: Study) -> list[Few]:
    """Return the primary and secondary contrasts that will be refused, if no trial is lost."""
    found = []
    for contrast in study.protocol.contrasts:
        if contrast.role != "exploratory" and (one := _few(study, contrast)):
            found.append(one)
    return found


def refuse_few_histories(study: Study) -> None:
    """Refuse a study whose primary contrasts the analysis would refuse after it was paid for.

    Raises:
        ConfigError: If there is one, and nobody said that this is meant.
    """
    primary = [one for one in few(study) if one.contrast.role == "primary"]
    if primary and not study.allow_few_histories:
        raise ConfigError(
            "; ".join(one.text for one in primary),
            "raise replicates, or declare the contrast exploratory; to run it all the same, which"
            " the plan records: allow_few_histories=true",
        )


def _few(study: Study, contrast: Contrast) -> Few | None:
    try:
        design = design_of(study, contrast)
    except ConfigError:  # a side without an arm is refused for that, and not for few histories
        return None
    counts = {side: _histories(study, design, side) for side in design.sides}
    if contrast.shape == "trend" and design.level == "between":
        # A trend asks for so many in all.
        planned, side, least = sum(counts.values()), "all doses", FEWEST
    else:
        planned, name = min((many, name) for name, many in counts.items())
        side = f"side {name}"
        least = FEWEST_PAIRS if design.level == "within" else FEWEST
    return Few(contrast, side, planned, least) if planned < least else None


def _histories(study: Study, design: Design, side: str) -> int:
    """Return the independent histories of a side, those of all the arms that it pools."""
    return study.replicates * sum(bool(stratum[side]) for stratum in design.strata)
