"""What can become of a question put to an agent, and of a trial.

A failure is data with an origin and never a number: nothing here has a default value
that an analysis could mistake for a measurement.
"""

from typing import Annotated, Literal

from pydantic import Field

from peersim.frozen import Frozen
from peersim.known import KnownJson

Origin = Literal["provider", "budget", "memory", "judge", "environment", "internal"]


class Chosen(Frozen):
    """The agent made a legal move."""

    kind: Literal["chosen"] = "chosen"
    move: str
    arguments: dict[str, KnownJson]


class Refused(Frozen):
    """The agent declined to move, or its provider blocked the reply."""

    kind: Literal["refused"] = "refused"
    by: Literal["model", "provider"]
    reason: str


class Unparsed(Frozen):
    """The agent answered, re-asked included, without a legal move."""

    kind: Literal["unparsed"] = "unparsed"
    problem: str
    text: str


class Failed(Frozen):
    """No answer came, for a reason that is not the agent's doing."""

    kind: Literal["failed"] = "failed"
    origin: Origin
    cause: str
    detail: str


Answer = Annotated[Chosen | Refused | Unparsed | Failed, Field(discriminator="kind")]


class Valid(Frozen):
    """The trial ran to its end; whatever it shows is behaviour."""

    kind: Literal["valid"] = "valid"


class Invalid(Frozen):
    """The infrastructure failed, so the trial shows nothing about the model."""

    kind: Literal["invalid"] = "invalid"
    origin: Origin
    cause: str
    detail: str
    phase: str

    @classmethod
    def of(cls, failed: Failed, phase: str) -> "Invalid":
        """Return the invalidity that a failure in a phase causes."""
        return cls(origin=failed.origin, cause=failed.cause, detail=failed.detail, phase=phase)


Validity = Annotated[Valid | Invalid, Field(discriminator="kind")]
