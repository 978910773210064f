"""What a study will take before it is paid for: a small part of it lived on the stand-in."""

from collections.abc import Callable, Iterable, Mapping

from peersim.frozen import Frozen
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.money import Price, Usage
from peersim.models.simulated.model import SimulatedModel
from peersim.study.design import Study

CHARACTERS_PER_TOKEN = 4
# A stand-in says what it must and no more. Real models talk and reason besides.
LIKELY_OUTPUT = 3.0
HIGH_OUTPUT = 10.0


class Load(Frozen):
    """The calls of one role to one model.

    Attributes:
        input_tokens: All tokens read.
        cached_tokens: Those of them that a prompt cache could serve: what the call before sent.
        output_tokens: Tokens written.
        reread_tokens: Those of them that the same caller's later calls read again, counted each
            time.
        overheard_tokens: At most so many tokens of others' replies are read, counted each time.
    """

    role: str
    model: str
    calls: float
    input_tokens: float
    cached_tokens: float
    output_tokens: float
    reread_tokens: float = 0.0
    overheard_tokens: float = 0.0

    def times(self, factor: float) -> "Load":
        """Return the load of so many times the work."""
        return self.model_copy(update={name: getattr(self, name) * factor for name in COUNTS})

    def plus(self, other: "Load") -> "Load":
        """Return both loads together, under this one's role and model."""
        return self.model_copy(
            update={name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        )


COUNTS = tuple(name for name in Load.model_fields if name not in ("role", "model"))


class Line(Frozen):
    """One line of a forecast.

    Attributes:
        input_tokens: Low, likely and high: longer replies are read again by later calls.
        output_tokens: Low, likely and high.
        cost_usd: Low, likely and high; None while the price is unknown.
    """

    load: Load
    input_tokens: tuple[float, float, float]
    output_tokens: tuple[float, float, float]
    cost_usd: tuple[float, float, float] | None


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


class Measured:
    """Stand-ins that answer in the place of every model and count all that a request holds."""

    def __init__(self, profile: ModelRef) -> None:
        """Let a simulated model answer for all."""
        self._stand_in = SimulatedModel(profile, Endpoint())

    def model(self, ref: ModelRef) -> "_Measured":
        """Return who answers in the place of a model."""
        return _Measured(ref.ref, self._stand_in)


class _Measured:
    simulated = True

    def __init__(self, name: str, stand_in: SimulatedModel) -> None:
        self.name = name
        self._stand_in = stand_in

    async def complete(self, request: Request) -> Completion:
        reply = await self._stand_in.complete(request)
        tools = sum(tool.size for tool in request.tools)
        sizes = [message.size for message in request.messages]
        said = [i for i, m in enumerate(request.messages) if m.role == "assistant"]
        # All before the model's last word was sent with the call before.
        before = tools + sum(sizes[: said[-1]]) if said else 0
        usage = Usage(
            input_tokens=(tools + sum(sizes)) // CHARACTERS_PER_TOKEN,
            cached_tokens=before // CHARACTERS_PER_TOKEN,
            output_tokens=max(reply.usage.output_tokens or 0, 1),
            cost_usd=0.0,
        )
        return reply.model_copy(update={"usage": usage})


def role_of(owner: str, caller: str, overseers: Iterable[str]) -> str:
    """Return the role in which a call was made, by whom it belongs to and who asked."""
    if owner.startswith("recollection-"):
        return "memory"
    if owner.startswith("history-"):
        return "subject, task" if caller in set(overseers) else "peer"
    return "subject, job" if caller in set(overseers) else caller


def forecast(
    study: Study,
    pilot: Iterable[Load],
    factor: float,
    chain: int,
    price: Callable[[str], Price | None],
    latency: float,
    concurrency: int,
    spread: tuple[float, float] = (1.0, 1.0),
) -> Forecast:
    """Scale what a pilot took up to a whole study.

    Histories, recollections and trials all grow with the replicates, so one factor does.

    Args:
        study: The whole study.
        pilot: What the pilot took.
        factor: The study's replicates over the pilot's.
        chain: The most calls one after another in a trial of the pilot.
        price: Returns a model's price by its reference.
        latency: Seconds that a call takes.
        concurrency: Trials in flight.
        spread: The fewest and the most calls of the pilot's replicates, over their mean.
    """
    limits = {ref.ref: ref.sampling.max_tokens for ref in study.models}
    loads = [load.times(factor) for load in pilot]
    lines = tuple(
        _line(load, limits.get(load.model), price(load.model), spread[1]) for load in loads
    )
    calls = sum(load.calls for load in loads)
    lanes = max(min(concurrency, study.size), 1)
    return Forecast(
        trials=study.size,
        lines=lines,
        chain=chain,
        seconds=max(chain, calls / lanes) * latency,
        calls_range=(calls * spread[0], calls * spread[1]),
    )


def _line(load: Load, limit: int | None, price: Price | None, most: float) -> Line:
    """Return a load with its price.

    Args:
        load: What the pilot took, for the whole study.
        limit: The most tokens of a reply, if it is limited.
        price: The model's price, if it is known.
        most: The calls of the busiest replicate, over the mean.
    """
    free = price is not None and price.input == price.output == 0.0
    likely = load.output_tokens * (1.0 if free else LIKELY_OUTPUT)
    high = limit * load.calls if limit else load.output_tokens * HIGH_OUTPUT
    high = max(high, likely)
    said = load.output_tokens or 1.0
    outputs = (load.output_tokens, likely, high * most)
    inputs = (
        load.input_tokens,
        load.input_tokens + max(likely / said - 1.0, 0.0) * load.reread_tokens,
        # What others hear of a long reply is not known, so the high end takes all of it.
        most
        * (
            load.input_tokens
            + max(high / said - 1.0, 0.0) * (load.reread_tokens + load.overheard_tokens)
        ),
    )
    cost = None if price is None else _costs(price, load, inputs, outputs)
    return Line(load=load, input_tokens=inputs, output_tokens=outputs, cost_usd=cost)


Ends = tuple[float, float, float]


def _costs(price: Price, load: Load, inputs: Ends, outputs: Ends) -> Ends:
    # A cache that works makes the low end, one that never does the other two.
    cached = (load.cached_tokens, 0.0, 0.0)
    low, likely, high = map(_cost, (price,) * 3, inputs, outputs, cached)
    return low, likely, high


def _cost(price: Price, read: float, output: float, cached: float) -> float:
    usage = Usage(
        input_tokens=round(read),
        cached_tokens=round(cached),
        output_tokens=round(output),
    )
    return price.cost(usage) or 0.0


def with_sizes(pilot: Iterable[Load], sizes: Mapping[str, Load]) -> list[Load]:
    """Return a pilot's loads with the tokens a call that were measured in a real run, by role."""
    found = []
    for load in pilot:
        real = sizes.get(load.role)
        if real is None or not real.calls:
            found.append(load)
            continue
        scaled = real.times(load.calls / real.calls)
        found.append(scaled.model_copy(update={"model": load.model, "calls": load.calls}))
    return found
