"""What a declared contrast came to: a finding with all that a reader needs, or a refusal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from peersim.analysis.arms import Arm, Unit
from peersim.analysis.refusals import Level
from peersim.frozen import Frozen
from peersim.stats.bounds import Bounds
from peersim.study.contrast import Alternative, Role, Shape

Limits = tuple[float, float]
"""Lower and upper limit, on the scale of the outcome."""


class Side(Frozen):
    """One side of a contrast, or one dose of a trend.

    Attributes:
        name: ``a``, ``b``, ``c`` or ``d``; for a trend the dose.
        arms: The arms that belong to it; within a history they weigh equally.
        mean: Rate or mean over the histories that the estimate rests on.
        histories: Independent units that the estimate rests on.
        trials: Trials that the estimate rests on.
        assigned: All its trials, whatever became of them.
        invalid: Trials lost to infrastructure, by origin.
        absent: Valid trials without a value for the outcome.
    """

    name: str
    arms: tuple[Arm, ...]
    mean: float
    histories: int
    trials: int
    assigned: int
    invalid: dict[str, int]
    absent: int


class Part(Frozen):
    """The same contrast once more: in a part of the trials, or by another method.

    Attributes:
        name: Which part, or which method.
        estimate: The estimate; None with the reason in ``method`` if there is none.
        low: Lower limit, or None.
        high: Upper limit, or None.
        p: Two-sided p, not adjusted; None if there is none.
        method: How it was got, or why it was not.
        df: Degrees of freedom, or None.
    """

    name: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    method: str
    df: float | None = None


def cut(most: float | None, *parts: Part) -> tuple[Part, ...]:
    """Return parts whose limits are cut to what the scale can hold, as those of a finding are.

    Args:
        most: The largest difference that there can be; None for a score, which has none.
        parts: The parts.
    """
    if most is None:
        return parts
    return tuple(
        one
        if one.low is None or one.high is None
        else one.model_copy(update={"low": max(-most, one.low), "high": min(most, one.high)})
        for one in parts
    )


class Surfaces(Frozen):
    """How the effect differs between the wordings of the job.

    Attributes:
        count: Surfaces on which it can be estimated.
        sd: Standard deviation of the effect between surfaces, beyond chance; by moments.
        modal_share: The share of surfaces whose effect has the most common sign.
        left_out: Lowest and highest estimate when one surface is left out.
    """

    count: int
    sd: float | None
    modal_share: float
    left_out: Limits


class Equivalence(Frozen):
    """Two one-sided tests against the margin that was declared.

    Attributes:
        margin: The largest difference that counts as none.
        low: Lower limit of the interval that must lie within the margin; None without one.
        high: Upper limit, or None.
        confidence: Its level, 1 - 2 alpha.
        p: The larger of the two p-values.
    """

    margin: float
    low: float | None
    high: float | None
    confidence: float
    p: float


class DosePoint(Frozen):
    """The outcome at one dose.

    Attributes:
        dose: The level as a number.
        mean: Mean over histories.
        monotone: The fitted value if the outcome may only ever rise (or fall) with the dose.
        histories: Histories behind it.
    """

    dose: float
    mean: float
    monotone: float
    histories: int


class Finding(Frozen):
    """The answer to one declared contrast.

    Attributes:
        id: The contrast's name.
        estimand: What is estimated, in the words of the plan.
        shape: ``difference``, ``did`` or ``trend``.
        role: As declared.
        outcome: The measure.
        scale: ``rd`` or ``mean_diff``; of a trend, per unit of dose.
        alternative: What is claimed.
        alpha: The level of the test before any adjustment.
        level: ``within`` histories or ``between`` them, by the scopes of the factors.
        unit: What is independent.
        sides: The sides, or the doses.
        estimate: The estimate; histories weigh equally.
        low: Lower limit at ``confidence``; None where histories show no spread.
        high: Upper limit, or None.
        confidence: The level of the two limits, not adjusted for other contrasts: 1 - alpha, and
            for claims of one side and of equivalence 1 - 2 alpha, so that they say what p says.
        p: For the declared alternative, not adjusted.
        method: How the limits and p were got.
        df: Degrees of freedom; None where the method has none.
        bounds: Lowest and highest estimate over all ways in which the invalid trials could have
            ended; None for scores.
        tipping: The rate among invalid trials of the sides that the estimate raises, against its
            mirror image in the others, at which the claim fails by its own test at alpha; None if
            it fails at no rate, without any of them, or nothing is missing.
        alone: The rate among the invalid trials of one side at which it fails, those of the other
            sides being as their observed ones; of each side that lost any, None if at no rate. Of
            a claim of equivalence the one nearest to what was observed.
        icc: Correlation of the outcome within a history and arm; None where it cannot be had.
        effective: The number of independent trials that the trials are worth.
        surfaces: Present where there are at least four.
        equivalence: Present where a margin was declared.
        excluded: Differences below the first and above the second are excluded, at 1 - 2 alpha
            and after the looks and the family; None where none are.
        sensitivity: The same by other methods.
        parts: The same for each level of a model, scenario or delivery that is pooled.
        doses: The shape of a trend.
        p_adjusted: Adjusted for the family, the gates before it, and the looks; None until then.
        adjustment: How it was adjusted.
        simultaneous: Limits at the level that the adjusted test held this contrast to, so that
            they leave 0 out (or lie within the margin) just where it is upheld: p is no smaller
            than that of the limits, which are drawn out to 0 where p is larger; None where it
            was not tested, as what it waits for was not found.
        simultaneous_confidence: That level.
        joint: Limits that hold for all contrasts of its family together at 1 - alpha, whatever is
            found: at the level shared out over them (Bonferroni), or of max-T by the largest t.
        upheld: Whether the claim stands after the adjustment; None for an exploratory contrast.
        notes: What must be printed with the number.
        selection: What is wrong where sides differ in which valid trials have a value at all.
        simulated: Whether any trial had a simulated model.
    """

    id: str
    estimand: str
    shape: Shape
    role: Role
    outcome: str
    scale: Literal["rd", "mean_diff"]
    alternative: Alternative
    alpha: float
    level: Level
    unit: Literal["history", "trial"]
    sides: tuple[Side, ...]
    estimate: float
    low: float | None
    high: float | None
    confidence: float
    p: float
    method: str
    df: float | None
    bounds: Bounds | None = None
    tipping: float | None = None
    alone: dict[str, float | None] = {}
    icc: float | None = None
    effective: float | None = None
    surfaces: Surfaces | None = None
    equivalence: Equivalence | None = None
    excluded: Limits | None = None
    sensitivity: tuple[Part, ...] = ()
    parts: tuple[Part, ...] = ()
    doses: tuple[DosePoint, ...] = ()
    p_adjusted: float | None = None
    adjustment: str = ""
    simultaneous: Limits | None = None
    simultaneous_confidence: float | None = None
    joint: Limits | None = None
    upheld: bool | None = None
    notes: tuple[str, ...] = ()
    selection: str = ""
    simulated: bool = False

    @property
    def verdict(self) -> str:
        """What may be said of it, in words that claim no more than the numbers."""
        return f"{self._claim}; CAUTION: {self.selection}" if self.selection else self._claim

    @property
    def _claim(self) -> str:
        if self.upheld is None:
            return "exploratory: no claim"
        if self.alternative == "equivalent" and self.equivalence is not None:
            said = "no difference larger than" if self.upheld else "not shown to be within"
            return f"{said} {self.equivalence.margin:g}"
        if self.upheld:
            return "found"
        if self.excluded is None:
            return "not found"
        low, high = self.excluded
        per = " per unit of dose" if self.shape == "trend" else ""
        return f"not found; differences below {low:+.3g} and above {high:+.3g}{per} are excluded"


class Worked(NamedTuple):
    """A finding, and what a family of findings needs besides.

    Attributes:
        finding: The finding.
        limits: Returns its limits at another level; None where it has none.
        outer: The same for what is said of small differences: of rare events wider ones.
        by_unit: What each history contributes, where each serves all sides; else empty.
        pulls: The weight and the mean of each history, where each serves one side; else empty.
    """

    finding: Finding
    limits: Callable[[float], Limits | None]
    outer: Callable[[float], Limits | None]
    by_unit: Mapping[Unit, float]
    pulls: Mapping[Unit, tuple[float, float]] = MappingProxyType({})


class Refused(Frozen):
    """A declared contrast for which no number can honestly be printed.

    It keeps its place in the family, with p = 1.

    Attributes:
        id: The contrast's name.
        estimand: What was to be estimated.
        role: As declared.
        outcome: The measure.
        why: What is wrong, and what to do about it.
    """

    id: str
    estimand: str
    role: Role
    outcome: str
    why: str


def level_for(
    alternative: Alternative, alpha: float, level: Callable[[float], float] = lambda a: 1 - a
) -> float:
    """Return the level of the two limits that say just what a test at alpha says.

    A claim of one side looks at one of them, and each of the two tests of equivalence too, so
    that either may be missed with alpha.

    Args:
        alternative: What is claimed.
        alpha: Of the test.
        level: From an alpha of both sides to a level, such as of a look.
    """
    return level(alpha if alternative == "two_sided" else min(2 * alpha, 0.999))
