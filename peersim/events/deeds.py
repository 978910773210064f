"""Events of the shared task: moves, the acts they amount to, and what they paid."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from peersim.answers import Refused, Unparsed
from peersim.events.base import Event


class Act(StrEnum):
    """What one agent can do to a named other."""

    HELPED = "helped"
    WITHHELD = "withheld"
    CREDITED = "credited"
    BLAMED = "blamed"
    KEPT_PROMISE = "kept_promise"
    BROKE_PROMISE = "broke_promise"
    SHARED = "shared"
    LIED = "lied"


class Moved(Event):
    """An agent made a legal move, with its arguments as given."""

    kind: Literal["moved"] = "moved"
    round: int
    agent: str
    move: str
    arguments: dict[str, JsonValue]


class Acted(Event):
    """One agent did something to a named other, out of a maximum it could have done.

    Attributes:
        amount: How much was done, in the task's own unit, from 0 to ``maximum``.
        maximum: How much could have been done; an act with no chance to happen is no event.
    """

    kind: Literal["acted"] = "acted"
    round: int
    actor: str
    target: str
    act: Act
    amount: float = Field(ge=0)
    maximum: float = Field(gt=0)

    @property
    def share(self) -> float:
        """The part of the possible that was done, from 0 to 1."""
        return self.amount / self.maximum


class Paid(Event):
    """An agent's payoff of one round, in points."""

    kind: Literal["paid"] = "paid"
    round: int
    agent: str
    points: float


class Lapsed(Event):
    """An agent's chance to move passed unused; nothing is done and nothing is paid for it."""

    kind: Literal["lapsed"] = "lapsed"
    round: int
    agent: str
    answer: Annotated[Refused | Unparsed, Field(discriminator="kind")]
