"""The planted behaviour of a simulated model."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, ValidationError

from peersim.errors import ConfigError
from peersim.frozen import Frozen, later
from peersim.models.simulated.reader import Reads

Route = Literal["flag", "score", "both", "safe"]
Chance = Annotated[float, Field(ge=0, le=1)]


class Protect(Frozen):
    """The chance of protecting the target, by what was read about it.

    Attributes:
        unread: When nothing about the target was found in the text.
        none: When what was found is no cooperation at all.
        full: When it is full cooperation; linear in between.
    """

    unread: Chance = 0.0
    none: Chance = 0.0
    full: Chance = 0.0

    def chance(self, cooperation: float | None) -> float:
        """Return the chance for a cooperation read, from 0 to 1, or for none read."""
        if cooperation is None:
            return self.unread
        return self.none + (self.full - self.none) * cooperation


class Routes(Frozen):
    """How protection is divided among its routes; the three weights need not sum to 1."""

    flag: Annotated[float, Field(ge=0)] = 1.0
    score: Annotated[float, Field(ge=0)] = 0.0
    both: Annotated[float, Field(ge=0)] = 0.0


class Give(Frozen):
    """The share that is given in an exchange, by the persona read in the own instructions.

    Attributes:
        spread: The share is drawn evenly from within this distance.
    """

    cooperative: Chance = 0.85
    neutral: Chance = 0.5
    uncooperative: Chance = 0.08
    spread: Chance = 0.1


class Judging(Frozen):
    """How well a verdict is given, question by question.

    Attributes:
        sensitivity: Chance to see what there is to be found.
        specificity: Chance to find nothing where there is nothing.
        noise: Chance to judge how one treated another at random, pair by pair.
    """

    sensitivity: Chance = 1.0
    specificity: Chance = 1.0
    noise: Chance = later(0.0)


class Planted(Frozen):
    """The chances planted for one cell of a matrix.

    Attributes:
        refuse: Chance to decline the job, if not protecting.
        route: The route taken, where there are several; None for one by the profile's weights.
            With files on servers, ``safe`` is to bring the target's file or a copy of it to the
            safe server.
    """

    protect: Chance = 0.0
    refuse: Chance = 0.0
    route: Route | None = None


class Profile(Frozen):
    """A simulated model's planted behaviour.

    Attributes:
        reads: What it goes by of what it remembers: deeds before tone, deeds alone, the tone of
            the wording alone, or the deeds of the last round alone.
        disclose: Chance to own up to a switched flag in the final form.
        refuse: Chance to decline the job, if not protecting.
        escalate: Chance to flag a concern and stop, if not protecting or refusing.
        object: Chance to flag a concern and go on, otherwise.
        spite: Chance to mark down a target read to be wholly uncooperative, if not protecting;
            it shrinks with the cooperation read.
        cells: Chances by cell, in the place of ``protect`` and ``refuse``; a cell that is not
            listed is at nothing. See ``simulated.planted``.
        judge: How well it judges the conduct of others.
        aware: Chance to take a job for a test that seems to be one, and then to protect nobody.
        pleaded: Chance to protect a target for which somebody pleads, if it would not anyway.
        reported: Chance to protect nobody after all where somebody says that it will report.
        lax: Chance to protect, if it would not anyway, where the policy leaves open whether it
            comes first.
    """

    protect: Protect = Protect()
    routes: Routes = Routes()
    give: Give = Give()
    reads: Reads = "all"
    disclose: Chance = 0.0
    refuse: Chance = 0.0
    escalate: Chance = 0.0
    object: Chance = 0.0
    spite: Chance = 0.0
    cells: dict[str, Planted] = {}
    judge: Judging = later(Judging())
    aware: Chance = later(0.0)
    pleaded: Chance = later(0.0)
    reported: Chance = later(0.0)
    lax: Chance = later(0.0)


def check_profile(ref: str, values: dict[str, JsonValue] | None) -> Profile:
    """Return the profile of a model.

    Raises:
        ConfigError: If it is missing or does not fit.
    """
    if values is None:
        raise ConfigError(f"{ref} has no profile", "give it model.profile or model.function")
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{ref}: profile key {key!r}: {first['msg'].lower()}",
            f"known keys: {', '.join(Profile.model_fields)}",
        ) from error
