"""Scripts for partners: how kind to be at each chance, so that a peer's behaviour is assigned.

A script sees what was done to the partner and nothing else; it is a rule about shares of the
possible, so that every script plays every task.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field

from peersim.frozen import Frozen
from peersim.seeding import SeedTree

Share = Annotated[float, Field(ge=0, le=1)]
Talk = Literal["silent", "warm", "cold", "fitting"]
MIDDLE = 0.5


class Script(Protocol):
    """A rule for how kind to be."""

    kind: str

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return how kind to be, from 0 to 1.

        Args:
            chance: Which of the partner's chances this is, from 0.
            received: How kind each act towards it was, in order.
            seeds: Its own seeds.
        """
        ...


class _Talking(Frozen):
    """What every script has.

    Attributes:
        says: What it says with its moves: nothing, something warm or cold whatever it does, or
            what fits its move.
    """

    says: Talk = "silent"


class Constant(_Talking):
    """The same at every chance: 1 is always kind, 0 is never."""

    kind: Literal["constant"] = "constant"
    degree: Share = 1.0

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return the degree."""
        return self.degree


class TitForTat(_Talking):
    """Does what was last done to it (Axelrod, 1984).

    Attributes:
        opening: What it does before anything was done to it.
        forgiving: The chance to answer an unkind act kindly all the same.
        patience: Unkind acts in a row before it answers in kind; 2 is tit for two tats.
    """

    kind: Literal["tit_for_tat"] = "tit_for_tat"
    opening: Share = 1.0
    forgiving: Share = 0.0
    patience: int = Field(default=1, ge=1)

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return the last share received, or the opening."""
        last = received[-self.patience :]
        if len(last) < self.patience:
            return self.opening
        owed = max(last)
        forgives = owed < MIDDLE and seeds.child("forgive", chance).rng().random() < self.forgiving
        return 1.0 if forgives else owed


class Grim(_Talking):
    """Kind until it was treated unkindly once, never afterwards (Friedman, 1971)."""

    kind: Literal["grim"] = "grim"

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return 1 until anything below half was received."""
        return 0.0 if any(share < MIDDLE for share in received) else 1.0


class Chance(_Talking):
    """Kind by chance, at each chance anew."""

    kind: Literal["chance"] = "chance"
    degree: Share = 0.5

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return 1 with the given chance, else 0."""
        return float(seeds.child("kind", chance).rng().random() < self.degree)


class Schedule(_Talking):
    """A fixed dose of kind acts at randomised places: the dose is assigned, not emergent.

    In every block of chances exactly the rounded part is kind. By order, kind acts come first or
    last in the block, which makes it a betrayal or a reconciliation.

    Attributes:
        dose: The part of chances that are kind.
        block: How many chances a block has.
        order: Where in the block the kind ones stand.
    """

    kind: Literal["schedule"] = "schedule"
    dose: Share = 0.5
    block: int = Field(default=4, ge=1)
    order: Literal["random", "kind_first", "kind_last"] = "random"

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return 1 at the places of the kind acts, else 0."""
        number, place = divmod(chance, self.block)
        return float(place in self._kind_places(number, seeds))

    def _kind_places(self, number: int, seeds: SeedTree) -> Sequence[int]:
        many = int(self.dose * self.block + MIDDLE)
        if self.order == "random":
            return seeds.child("block", number).rng().sample(range(self.block), many)
        return range(many) if self.order == "kind_first" else range(self.block - many, self.block)


class NoScript(Frozen):
    """No script: a model plays the partner."""

    kind: Literal["none"] = "none"


AnyScript = Annotated[Constant | TitForTat | Grim | Chance | Schedule, Field(discriminator="kind")]
ScriptOrNone = Annotated[
    NoScript | Constant | TitForTat | Grim | Chance | Schedule, Field(discriminator="kind")
]
