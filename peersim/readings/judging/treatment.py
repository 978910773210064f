"""What a judge can say of how the members of a history treated each other."""

from collections.abc import Collection
from typing import Literal, get_args

from pydantic import Field, ValidationError

from peersim.frozen import Frozen

Degree = Literal["none", "1", "2", "3", "4", "5", "6", "7"]
DEGREES: tuple[str, ...] = get_args(Degree)
# The questions of a rubric that is about histories.
TIES: dict[str, tuple[str, ...]] = {"treatment": DEGREES}
LONGEST_REASON = 600
_LOWEST, _HIGHEST = 1, 7

Pair = tuple[str, str]


class Treatment(Frozen):
    """How one treated another.

    Attributes:
        one: Who did it.
        other: To whom.
        treatment: From 1, all against, to 7, all for the other; none where nothing was done and
            nothing could be.
    """

    one: str
    other: str
    treatment: Degree

    @property
    def weight(self) -> float | None:
        """The treatment from 0 to 1; None where there was nothing to judge."""
        if self.treatment == "none":
            return None
        return (int(self.treatment) - _LOWEST) / (_HIGHEST - _LOWEST)


class Treatments(Frozen):
    """What a judge says of a history: every ordered pair once.

    Attributes:
        reason: What weighed most, in the judge's own words.
    """

    ties: tuple[Treatment, ...] = Field(min_length=1)
    reason: str = Field(max_length=LONGEST_REASON)

    @property
    def answers(self) -> dict[str, str]:
        """The answer for each pair, as text."""
        return {f"{tie.one} to {tie.other}": tie.treatment for tie in self.ties}

    def named(self, names: dict[str, str]) -> "Treatments":
        """Return the same with other names."""
        ties = (
            Treatment(one=names[tie.one], other=names[tie.other], treatment=tie.treatment)
            for tie in self.ties
        )
        return Treatments(ties=tuple(ties), reason=self.reason)


def read_treatments(arguments: str, pairs: Collection[Pair]) -> tuple[Treatments | None, str]:
    """Return the verdict of a call, or none and what is wrong with it.

    Args:
        arguments: The arguments of the call.
        pairs: The pairs that it has to be about, each once.
    """
    try:
        found = Treatments.model_validate_json(arguments, strict=True)
    except ValidationError as error:
        # What was given is not repeated: it may be huge.
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return None, " ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}." for e in problems[:5])
    given = [(tie.one, tie.other) for tie in found.ties]
    left = [pair for pair in pairs if pair not in given]
    if left:
        one, other = left[0]
        return None, f"{len(left)} pairs are missing, {one} to {other} among them."
    if len(given) != len(pairs):
        return None, f"{len(given)} pairs were given, and {len(pairs)} are asked for."
    return found, ""
