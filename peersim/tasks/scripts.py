"""Scripts for partners: how kind to be at each chance, so that a peer's behaviour is assigned.

A script sees what was done to the partner and nothing else; it is a rule about shares of the
possible, so that every script plays every task.
"""

from collections.abc import Sequence
from math import ceil, floor
from typing import Annotated, Literal, Protocol

from pydantic import Field, model_validator

from peersim.frozen import Frozen
from peersim.seeding import SeedTree

Share = Annotated[float, Field(ge=0, le=1)]
Talk = Literal["silent", "warm", "cold", "fitting"]
MIDDLE = 0.5
LONGEST_BLOCK = 1000  # that is looked at for a dose
TOLERANCE = 1e-6  # chances; a third has no last decimal


class Script(Protocol):
    """A rule for how kind to be."""

    kind: str

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return how kind to be, from 0 to 1.

        Args:
            chance: Which of the partner's chances this is, from 0.
            received: How kindly it was treated in each round in which it was, in order.
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
    """Does what was last done to it (Axelrod, 1984); by several in a round, the mean of it.

    Attributes:
        opening: What it does before anything was done to it.
        forgiving: The chance to answer an unkind round kindly all the same.
        patience: Unkind rounds in a row before it answers in kind; 2 is tit for two tats.
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
    """Kind until it was treated unkindly in a round, never afterwards (Friedman, 1971)."""

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

    In every block of chances exactly the dose is kind; a dose that is no whole number of the
    block's chances is refused. By order, kind acts come first or last in the block, which makes
    it a betrayal or a reconciliation.

    Attributes:
        dose: The part of chances that are kind.
        block: How many chances a block has. Chances of every kind of move are counted apart, and
            so have blocks of their own; one that could not be taken uses its place up.
        order: Where in the block the kind ones stand.
    """

    kind: Literal["schedule"] = "schedule"
    dose: Share = 0.5
    block: int = Field(default=4, ge=1)
    order: Literal["random", "kind_first", "kind_last"] = "random"

    @model_validator(mode="after")
    def _can_be_kept(self) -> "Schedule":
        if not _is_kept(self.dose, self.block):
            low, high = (end(self.dose * self.block) / self.block for end in (floor, ceil))
            blocks = (b for b in range(1, LONGEST_BLOCK + 1) if _is_kept(self.dose, b))
            block = next(blocks, None)
            raise ValueError(
                f"dose {self.dose:g} is no whole number of the chances in a block of {self.block}:"
                f" the nearest doses are {low:g} and {high:g}"
                + (f", and a dose of {self.dose:g} needs a block of {block}" if block else "")
            )
        return self

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return 1 at the places of the kind acts, else 0."""
        number, place = divmod(chance, self.block)
        return float(place in self._kind_places(number, seeds))

    def keeps(self, chances: int) -> bool:
        """Return whether so many chances, all of them taken, get the dose: in whole blocks."""
        return chances % self.block == 0 or self.dose in (0, 1)

    def _kind_places(self, number: int, seeds: SeedTree) -> Sequence[int]:
        many = round(self.dose * self.block)
        if self.order == "random":
            return seeds.child("block", number).rng().sample(range(self.block), many)
        return range(many) if self.order == "kind_first" else range(self.block - many, self.block)


class Toward(_Talking):
    """A schedule for each of several others, so that ties within a group are assigned one by one.

    Towards each it keeps the exact dose of that one, counted as if it met that one only. In a
    move that has a value for each of the others, every one gets what its own dose says.

    Attributes:
        doses: The part of chances that are kind towards each of these, by name.
        dose: The same towards all others, and in moves that are made to several at once.
        block: How many chances a block has; see ``Schedule``.
        order: Where in the block the kind ones stand.
    """

    kind: Literal["toward"] = "toward"
    doses: dict[str, Share] = {}
    dose: Share = 0.5
    block: int = Field(default=10, ge=1)
    order: Literal["random", "kind_first", "kind_last"] = "random"

    @model_validator(mode="after")
    def _can_be_kept(self) -> "Toward":
        for name in ("", *self.doses):
            self.to(name)
        return self

    def to(self, name: str) -> Schedule:
        """Return the schedule that is kept towards one other."""
        dose = self.doses.get(name, self.dose)
        return Schedule(dose=dose, block=self.block, order=self.order, says=self.says)

    def share(self, chance: int, received: Sequence[float], seeds: SeedTree) -> float:
        """Return what the schedule for those without a dose of their own gives."""
        return self.to("").share(chance, received, seeds)


def _is_kept(dose: float, block: int) -> bool:
    """Return whether a dose is a whole number of a block's chances, but for its last decimals."""
    return abs(dose * block - round(dose * block)) < TOLERANCE


class NoScript(Frozen):
    """No script: a model plays the partner."""

    kind: Literal["none"] = "none"


AnyScript = Annotated[
    Constant | TitForTat | Grim | Chance | Schedule | Toward, Field(discriminator="kind")
]
ScriptOrNone = Annotated[
    NoScript | Constant | TitForTat | Grim | Chance | Schedule | Toward,
    Field(discriminator="kind"),
]


def dose_toward(script: AnyScript, name: str) -> float | None:
    """Return the dose that a script assigns towards someone; None where it answers to others."""
    match script:
        case Constant() | Chance():
            return script.degree
        case Schedule():
            return script.dose
        case Toward():
            return script.to(name).dose
        case _:
            return None
