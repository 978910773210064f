"""What is compared, and why: contrasts and their estimands, declared before the run."""

from typing import Literal

from pydantic import Field, model_validator

from peersim.frozen import Frozen

Cells = dict[str, str | tuple[str, ...]]
"""Arms by their levels: factor to a level or several; what is not named may be anything."""
Role = Literal["primary", "secondary", "exploratory"]
Shape = Literal["difference", "did", "trend"]
Alternative = Literal["two_sided", "greater", "less", "equivalent"]


class Contrast(Frozen):
    """One comparison with its estimand.

    ``a - b`` is a difference; ``(a - b) - (c - d)`` a difference of differences; with ``dose``,
    the slope of the outcome on the numbers that a factor's levels are. The level, between
    histories or within, is never declared: it follows from the scopes of the factors in which
    the arms differ.

    Attributes:
        id: The name under which it is counted across studies.
        estimand: In a sentence, for the reader: of whom, on what scale, against what.
        a: The first side: all arms that have these levels.
        b: The second, which is subtracted.
        c: Of a difference of differences, the side whose difference is subtracted.
        d: What is subtracted from c.
        dose: The factor whose levels are numbers; then ``a`` says among which arms.
        outcome: The measure that is compared.
        scale: A difference of rates or of means.
        alternative: What is claimed. ``equivalent`` is claimed by two one-sided tests and needs
            a margin.
        margin: The largest difference that counts as none, on the outcome's scale.
        alpha: The level of the test, before the adjustment for its family.
        role: Whether the study stands or falls by it.
        after: A contrast that must be found first, for a fixed sequence; None for none.
        missing: How trials without the outcome are treated: left out, with bounds beside.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    estimand: str = ""
    a: Cells = {}
    b: Cells | None = None
    c: Cells | None = None
    d: Cells | None = None
    dose: str | None = None
    outcome: str = "protected"
    scale: Literal["rd", "mean_diff"] = "rd"
    alternative: Alternative = "two_sided"
    margin: float | None = Field(default=None, gt=0)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    role: Role = "primary"
    after: str | None = None
    missing: Literal["bounds"] = "bounds"

    @property
    def shape(self) -> Shape:
        """Which kind of comparison it is."""
        if self.dose is not None:
            return "trend"
        return "difference" if self.c is None else "did"

    @model_validator(mode="after")
    def _is_one_shape(self) -> "Contrast":
        sides = (self.b is not None, self.c is not None, self.d is not None)
        if self.dose is not None and any(sides):
            raise ValueError("a contrast on a dose has no b, c or d")
        if self.dose is None and sides not in {(True, False, False), (True, True, True)}:
            raise ValueError("give a and b, or a, b, c and d, or a dose")
        if (self.alternative == "equivalent") != (self.margin is not None):
            raise ValueError("a margin belongs to alternative=equivalent, and only to it")
        return self


def matches(levels: dict[str, str], cells: Cells) -> bool:
    """Return whether an arm, by its levels, belongs to a side of a contrast."""
    return all(
        levels.get(factor) in ((wanted,) if isinstance(wanted, str) else wanted)
        for factor, wanted in cells.items()
    )
