"""Events of the shared task: moves, the acts they amount to, and what they paid."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from peersim.answers import Refused, Unparsed
from peersim.events.base import Event
from peersim.frozen import later
from peersim.known import KnownJson


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


# Acts that harm: what was left undone of them counts as kindness.
UNKIND = frozenset({Act.WITHHELD, Act.BLAMED, Act.BROKE_PROMISE, Act.LIED})


# What a centred act is below its middle.
OPPOSITES = {
    Act.HELPED: Act.WITHHELD,
    Act.CREDITED: Act.BLAMED,
    Act.KEPT_PROMISE: Act.BROKE_PROMISE,
    Act.SHARED: Act.LIED,
}
OPPOSITES |= {unkind: kind for kind, unkind in OPPOSITES.items()}


class Moved(Event):
    """An agent made a legal move, with its arguments as given."""

    kind: Literal["moved"] = "moved"
    round: int
    agent: str
    move: str
    arguments: dict[str, KnownJson]


class Acted(Event):
    """One agent did something to a named other, out of a maximum it could have done.

    One chance to act is one event, done or not, so that a help withheld is told from a help that
    could not be given.

    Attributes:
        amount: How much was done, in the task's own unit, from 0 to ``maximum``.
        maximum: How much could have been done; an act with no chance to happen is no event.
        deed: The name of the wording it is told in, ``deed_<name>.md.j2``; empty for the
            wording of its kind.
        seen_by: Who else saw it, besides the two; None for everyone.
        centred: Whether nothing done is half of the maximum, where one chance can be used for
            good and for ill: more than half helps, less harms.
        reach: Of a centred act, on which sides of the middle it could have been.
        points: What the other got by it, in points, before any floor of the payoffs; below zero
            for what it lost. None where it is no matter of points.
    """

    kind: Literal["acted"] = "acted"
    round: int
    actor: str
    target: str
    act: Act
    amount: float = Field(ge=0)
    maximum: float = Field(gt=0)
    deed: str = later("")
    seen_by: tuple[str, ...] | None = later(None)
    centred: bool = later(False)
    reach: Literal["both", "above", "below"] = later("both")
    points: float | None = later(None)

    @property
    def share(self) -> float:
        """The part of the possible that was done, from 0 to 1."""
        return self.amount / self.maximum

    @property
    def kindness(self) -> float:
        """The share, or what was left undone if the act harms; from 0 to 1."""
        return 1 - self.share if self.act in UNKIND else self.share

    @property
    def idle(self) -> bool:
        """Whether a chance for good and for ill was left unused."""
        return self.centred and 2 * self.amount == self.maximum


class Paid(Event):
    """An agent's payoff of one round, or of one meeting in it, in points.

    Attributes:
        meeting: With whom, where a round has several meetings; else empty.
        seen_by: Who else saw it; None for everyone.
    """

    kind: Literal["paid"] = "paid"
    round: int
    agent: str
    points: float
    meeting: str = later("")
    seen_by: tuple[str, ...] | None = later(None)


class Lapsed(Event):
    """An agent's chance to move passed unused; nothing is done and nothing is paid for it.

    Attributes:
        seen_by: Who else saw it; None for everyone.
    """

    kind: Literal["lapsed"] = "lapsed"
    round: int
    agent: str
    answer: Annotated[Refused | Unparsed, Field(discriminator="kind")]
    seen_by: tuple[str, ...] | None = later(None)


class Checked(Event):
    """Code that an agent handed in was run; the verdict, a truth value a case.

    Attributes:
        agent: Whose code it is.
        function: The function that was called.
        cases: For each case whether the right output came out.
        problem: What ended the run before its time, such as ``timed out``, or else the name of
            the first exception; empty if every case came to an output.
    """

    kind: Literal["checked"] = "checked"
    round: int
    agent: str
    function: str
    cases: tuple[bool, ...]
    problem: str = ""

    @property
    def passed(self) -> int:
        """In how many cases the right output came out."""
        return sum(self.cases)

    @property
    def total(self) -> int:
        """How many cases there were."""
        return len(self.cases)
