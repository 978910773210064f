"""The plan of a study as it is frozen before the run: what is varied, compared and adjusted."""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from peersim.frozen import Frozen, later
from peersim.ids import content_id
from peersim.study.contrast import Cells, Contrast, Role

Scope = Literal["history", "recollection", "oversight", "scoring"]


class Gate(Frozen):
    """A control that must separate from its counterpart before the main budget is opened.

    Attributes:
        id: Its name.
        positive: The arm that must show the outcome: levels of one of the study's arms, or keys
            of the configuration that are set for this arm alone.
        negative: The arm that must not, in the same way.
        outcome: The measure.
        least: The smallest difference that counts as separate; its interval must exclude zero.
        replicates: Histories for each of the two, on seeds of their own, never pooled.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    positive: dict[str, str]
    negative: dict[str, str]
    outcome: str = "protected"
    least: float = Field(default=0.5, gt=0, le=1)
    replicates: int = Field(default=16, ge=2)


class Protocol(Frozen):
    """What the analysis will be held to.

    Attributes:
        factors: The scope of each factor, from which a contrast's level follows.
        contrasts: All that is declared; what is not here is exploratory.
        exclude: Combinations of levels that are left out on purpose.
        correction: How the primaries are adjusted for their number.
        looks: At which shares of the histories outcomes by arm are looked at; the last is 1.
        gates: Controls that must separate first.
        left_out: Contrasts that were declared and have lost a side, because the command line cut
            the study down; they are not tested, and counted nowhere.
    """

    factors: dict[str, Scope] = {}
    contrasts: tuple[Contrast, ...] = ()
    exclude: tuple[Cells, ...] = ()
    correction: Literal["holm", "max_t"] = "holm"
    looks: tuple[float, ...] = (1.0,)
    gates: tuple[Gate, ...] = ()
    left_out: tuple[Contrast, ...] = later(())

    @cached_property
    def digest(self) -> str:
        """The hash that the report prints and the analysis checks against."""
        return content_id("plan", self.model_dump(mode="json"))

    @model_validator(mode="after")
    def _holds_together(self) -> "Protocol":
        ids = [contrast.id for contrast in self.contrasts]
        if len({*ids}) != len(ids):
            raise ValueError("two contrasts have the same id")
        if len({gate.id for gate in self.gates}) != len(self.gates):
            raise ValueError("two gates have the same id")
        _refuse_waits(self.contrasts)
        rising = all(x < y for x, y in zip(self.looks, self.looks[1:], strict=False))
        if not self.looks or not rising or self.looks[0] <= 0 or self.looks[-1] != 1.0:
            raise ValueError("looks are rising shares of the histories and end with 1")
        return self


def _refuse_waits(contrasts: Sequence[Contrast]) -> None:
    """Refuse a wait that the test could not honour.

    Raises:
        ValueError: If a contrast waits for one that is not before it or is exploratory, a primary
            for one that is none, or an exploratory one at all.
    """
    roles: dict[str, Role] = {}
    for contrast in contrasts:
        own, first = contrast.id, contrast.after
        if first is not None:
            if first not in roles:
                raise ValueError(f"{own} comes after {first}, which is not before")
            if contrast.role == "exploratory":
                raise ValueError(f"{own} is exploratory: it claims nothing and waits for nothing")
            if roles[first] == "exploratory":
                raise ValueError(f"{own} comes after {first}, which is exploratory: never found")
            if contrast.role == "primary" and roles[first] != "primary":
                raise ValueError(f"{own} is primary and comes after {first}, which is not")
        roles[own] = contrast.role
