"""How a question is put to the analysis: through the very steps of its dispatcher.

What is printed beside an estimate (parts, surfaces, tipping points) takes most of the time of a
finding and changes none of its estimate, limits or p. So those steps alone are taken here that
make these, and a test holds them against the dispatcher's own findings.
"""

from collections.abc import Sequence
from typing import NamedTuple

from peersim.analysis.claims import kind_for, one_sided
from peersim.analysis.clusters import crossed
from peersim.analysis.contributions import contributions
from peersim.analysis.grouped import Grouped
from peersim.analysis.procedures import Procedure, procedure
from peersim.analysis.sides import SIGNS, layout
from peersim.analysis.trends import doses, slope
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.independent import otherwise

FEWEST = 2
"""Small studies are tried too, whatever the analysis would refuse to print."""


class Found(NamedTuple):
    """What the analysis answered.

    Attributes:
        value: The estimate; NaN if it was refused.
        low: Lower limit, or NaN.
        high: Upper limit, or NaN.
        p: Its p; 1 if it was refused.
        other: The p of a textbook test on the same rows; 1 if none was made.
        width: The width of the interval by t on the same rows; NaN if there is none.
    """

    value: float
    low: float
    high: float
    p: float
    other: float = 1.0
    width: float = float("nan")


NOTHING = Found(float("nan"), float("nan"), float("nan"), 1.0)


def ask(
    contrast: Contrast,
    protocol: Protocol,
    rows: Sequence[TrialRow],
    arms: Sequence[dict[str, str]],
) -> Found:
    """Return the analysis's answer, with that of a textbook test on the same rows beside it.

    Args:
        contrast: One of the protocol's.
        protocol: What was declared.
        rows: The trials of a simulated study.
        arms: The arms that were planned.
    """
    other, width, _ = otherwise(contrast, rows, arms)
    return put(contrast, protocol, rows, arms)._replace(other=other, width=width)


def put(
    contrast: Contrast,
    protocol: Protocol,
    rows: Sequence[TrialRow],
    arms: Sequence[dict[str, str]],
) -> Found:
    """Return the analysis's answer to a contrast; a refusal is no finding.

    Args:
        contrast: One of the protocol's.
        protocol: What was declared.
        rows: The trials of a simulated study.
        arms: The arms that were planned.
    """
    try:
        chosen, most = chosen_procedure(contrast, protocol, Grouped(rows, arms))
    except AnalysisRefusal:
        return NOTHING
    low, high, _ = chosen.limits(1 - contrast.alpha)
    p = one_sided(chosen, contrast.alternative)
    if low is None or high is None:
        return Found(chosen.estimate, float("nan"), float("nan"), p)
    limits = (low, high) if most is None else (max(-most, low), min(most, high))
    return Found(chosen.estimate, *limits, p)


def chosen_procedure(
    contrast: Contrast, protocol: Protocol, grouped: Grouped
) -> tuple[Procedure, float | None]:
    """Return the procedure that the dispatcher picks, and the largest value of the estimate.

    Raises:
        AnalysisRefusal: If the dispatcher would refuse.
    """
    if contrast.shape == "trend":
        found = doses(contrast, protocol.factors, grouped)
        return slope(found, contrast.alpha, FEWEST), None
    laid = layout(contrast, protocol.factors, grouped)
    kind = kind_for(contrast, laid.arms, grouped)
    used = contributions(laid, contrast.outcome, grouped)
    event = kind == "event"
    counts = [(SIGNS[name], side.counts) for name, side in used.sides.items()] if event else []
    plain = procedure(used.groups, counts)
    chosen = crossed(laid, used, contrast.outcome, grouped) or plain
    return chosen, len(laid.sides) / 2 if event else None
