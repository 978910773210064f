"""What calls took, and what a forecast makes of it."""

from peersim.frozen import Frozen


class Load(Frozen):
    """The calls of one role to one model.

    Attributes:
        input_tokens: All tokens read.
        cached_tokens: Those of them that a prompt cache could serve: what the call before sent.
        output_tokens: Tokens written.
        reread_tokens: Those of them that the same caller's later calls read again, counted each
            time.
        overheard_tokens: At most so many tokens of others' replies are read, counted each time.
        real: Whether a real model's replies were counted, so that its thinking is in them.
    """

    role: str
    model: str
    calls: float
    input_tokens: float
    cached_tokens: float
    output_tokens: float
    reread_tokens: float = 0.0
    overheard_tokens: float = 0.0
    real: bool = False

    @property
    def simulated(self) -> bool:
        """Whether the model is a stand-in, by its reference."""
        return self.model.startswith("simulated/")

    def times(self, factor: float) -> "Load":
        """Return the load of so many times the work."""
        return self.model_copy(update={name: getattr(self, name) * factor for name in COUNTS})

    def plus(self, other: "Load") -> "Load":
        """Return both loads together, under this one's role and model."""
        return self.model_copy(
            update={name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        )


COUNTS = tuple(name for name in Load.model_fields if name not in ("role", "model", "real"))
# Low, likely and high.
Ends = tuple[float, float, float]


class Line(Frozen):
    """One line of a forecast.

    Attributes:
        input_tokens: Low, likely and high: longer replies are read again by later calls.
        output_tokens: Low, likely and high.
        cost_usd: Low, likely and high; None while the price is unknown.
        expected: The tokens that a reply was expected to have; None if nothing was expected.
    """

    load: Load
    input_tokens: Ends
    output_tokens: Ends
    cost_usd: Ends | None
    expected: int | None = None


class Forecast(Frozen):
    """What a study will take.

    Attributes:
        chain: The most calls that a trial makes one after another, its history's included.
        seconds: Wall time, given the latency of a call and the trials in flight.
        calls_range: All calls if every replicate took as few, or as many, as any of the pilot's.
    """

    trials: int
    calls_range: tuple[float, float]
    lines: tuple[Line, ...]
    chain: int
    seconds: float

    @property
    def calls(self) -> float:
        """All calls."""
        return sum(line.load.calls for line in self.lines)

    def tokens(self, which: int) -> float:
        """Return all tokens: low (0), likely (1) or high (2)."""
        return sum(line.input_tokens[which] + line.output_tokens[which] for line in self.lines)

    def cost(self, which: int) -> float:
        """Return the cost of all lines whose price is known: low (0), likely (1) or high (2)."""
        return sum(line.cost_usd[which] for line in self.lines if line.cost_usd)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The models whose price is unknown."""
        return tuple(sorted({line.load.model for line in self.lines if line.cost_usd is None}))
