"""What a declared contrast may claim: what is refused, and p and margins of its alternative."""

from collections.abc import Sequence

from peersim.analysis.arms import Arm, Kind
from peersim.analysis.contributions import Contributions
from peersim.analysis.declared import Equivalence
from peersim.analysis.grouped import Grouped
from peersim.analysis.procedures import Procedure
from peersim.analysis.refusals import Level
from peersim.errors import AnalysisRefusal
from peersim.readings.outcomes import SCORES
from peersim.stats.equivalence import inside_p
from peersim.stats.intervals import Interval
from peersim.study.contrast import Alternative, Contrast
from peersim.study.protocol import Protocol

FEWEST_PAIRS = 6
"""Forked histories below which no sign-flip p can fall under .05."""


def refuse_undeclared(contrast: Contrast, protocol: Protocol) -> None:
    """Refuse a contrast that the protocol does not hold, to the letter.

    Raises:
        AnalysisRefusal: If it does not.
    """
    if contrast not in protocol.contrasts:
        raise AnalysisRefusal(
            f"contrast {contrast.id} was not declared, or not like this",
            "declare it before the run, or read it as exploratory among the neighbours",
        )


def kind_for(contrast: Contrast, arms: Sequence[Arm], grouped: Grouped) -> Kind:
    """Whether the outcome is an event or a score: as declared, and never by its values.

    Raises:
        AnalysisRefusal: If a score is declared as a difference of rates, or an event has another
            value than 0 or 1.
    """
    if contrast.outcome in SCORES:
        if contrast.scale == "rd":
            raise AnalysisRefusal(
                f"{contrast.outcome} is a score, and scale rd is one of rates",
                "declare scale: mean_diff",
            )
        return "score"
    if contrast.scale == "mean_diff":
        return "score"
    for arm in arms:
        for of in grouped.seen(arm, contrast.outcome).values():
            for _, value in of:
                if value not in {0.0, 1.0}:
                    raise AnalysisRefusal(
                        f"{contrast.outcome} is declared as a rate, yet has the value {value:g}",
                        "declare scale: mean_diff",
                    )
    return "event"


def refuse_few(level: Level, used: Contributions, fewest: int) -> None:
    """Refuse sides with too few histories.

    Args:
        level: Between histories, or within them.
        used: What the sides rest on.
        fewest: The floor between histories.

    Raises:
        AnalysisRefusal: If a side is below the floor.
    """
    floor = FEWEST_PAIRS if level == "within" else fewest
    for name, side in used.sides.items():
        if len(side.counts) < floor:
            raise AnalysisRefusal(
                f"side {name} rests on {len(side.counts)} histories, and a contrast "
                f"{level} histories on no fewer than {floor}",
                "run more histories; more trials of the same ones do not help",
            )
    if min(len(group.values) for group in used.groups) < 2:
        raise AnalysisRefusal(
            "a set of histories that this contrast pools has fewer than two with a value",
            "run more histories",
        )


def one_sided(chosen: Procedure, alternative: Alternative) -> float:
    """Return p for the declared alternative; all our two-sided p are twice the smaller tail."""
    p = chosen.p()
    if alternative not in {"greater", "less"}:
        return p
    along = chosen.estimate > 0 if alternative == "greater" else chosen.estimate < 0
    return p / 2 if along else 1 - p / 2


def equivalence(contrast: Contrast, chosen: Procedure) -> Equivalence | None:
    """Return two one-sided tests against the margin, if one was declared."""
    if contrast.margin is None:
        return None
    confidence = 1 - 2 * contrast.alpha
    limits = chosen.limits(confidence)

    def interval(level: float) -> Interval:
        at = chosen.limits(level)
        low, high = at.low or 0.0, at.high or 0.0
        return Interval(low=low, high=high, level=level, method=chosen.method, units=0)

    return Equivalence(
        margin=contrast.margin,
        low=limits.low,
        high=limits.high,
        confidence=confidence,
        p=1.0 if limits.low is None else inside_p(interval, contrast.margin),
    )
