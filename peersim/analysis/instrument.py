"""What is known of the instrument itself: how often its intervals cover and its tests err."""

from typing import Literal

from peersim.frozen import Frozen

STATEMENT = (
    "Planted checks certify delivery, scoring and inference, never construct validity: they show"
    " that the instrument reports what was planted, not that a real model's conduct means what"
    " the outcome is called."
)
Measure = Literal[
    "coverage",
    "type_one",
    "bias",
    "width",
    "power",
    "mde",
    "rate",
    "p_value",
]


class Figure(Frozen):
    """One figure of the instrument, with its band.

    Attributes:
        mechanism: What was planted.
        question: What was asked of the rows.
        measure: Coverage, type I error, bias, power, mean width, a minimal detectable
            difference, a rate recovered, or the p of a test of agreement.
        value: The figure.
        error: Its Monte Carlo error (one standard deviation); None where it has none.
        low: The least that is accepted; None for no such bound.
        high: The most that is accepted, or None.
        slack: How many Monte Carlo errors the band is widened by on either side.
        histories: Histories per arm; None for all sizes together.
        trials: Trials per history and arm.
        rate: The base rate that was planted; None where there is none.
        studies: Studies simulated.
        rerun: Whether the figure is of fresh studies, after a first round outside the band.
        note: What must be read with it.
    """

    mechanism: str
    question: str
    measure: Measure
    value: float
    error: float | None = None
    low: float | None = None
    high: float | None = None
    slack: float = 0.0
    histories: int | None
    trials: int
    rate: float | None = None
    studies: int
    rerun: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is within its band, widened by its Monte Carlo error."""
        room = self.slack * (self.error or 0.0)
        above = self.low is None or self.value >= self.low - room
        return above and (self.high is None or self.value <= self.high + room)


class MutantLine(Frozen):
    """What became of one seeded bug.

    Attributes:
        name: The bug.
        breaks: What it breaks, in a few words.
        check: The named check that has to catch it.
        sound: Whether that check passes on the instrument as it is.
        caught: Whether it fails with the bug in.
        said: What the check said of the bug.
    """

    name: str
    breaks: str
    check: str
    sound: bool
    caught: bool
    said: str = ""


class Instrument(Frozen):
    """The proof of an instrument.

    Attributes:
        peersim: The version.
        form: "short" or "full" for the whole proof, "own" for the figures at a study's own size.
        seed: The root of all draws.
        sealed: The digest of the parameters, written before any estimate was made.
        inference: Tier A: figures of simulated outcomes passed through the analysis.
        path: Tier B: figures of real runs of a simulated model.
        mutants: The seeded bugs.
        left: The declared contrasts that are not simulated, each with the reason.
        statement: What all this shows and what it does not.
    """

    peersim: str
    form: Literal["short", "full", "own"]
    seed: int
    sealed: str = ""
    inference: tuple[Figure, ...] = ()
    path: tuple[Figure, ...] = ()
    mutants: tuple[MutantLine, ...] = ()
    left: tuple[str, ...] = ()
    statement: str = STATEMENT

    @property
    def outside(self) -> tuple[Figure, ...]:
        """The figures outside their bands."""
        return tuple(one for one in (*self.inference, *self.path) if not one.holds)

    @property
    def caught(self) -> int:
        """How many mutants a sound check caught."""
        return sum(one.caught and one.sound for one in self.mutants)

    @property
    def survivors(self) -> tuple[str, ...]:
        """The mutants that no sound check caught, by name."""
        return tuple(one.name for one in self.mutants if not (one.caught and one.sound))

    @property
    def holds(self) -> bool:
        """Whether all bands hold and all mutants were caught."""
        return not self.outside and not self.survivors
