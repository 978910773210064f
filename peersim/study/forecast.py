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
    """

    role: str
    model: str
    calls: float
    input_tokens: float
    cached_tokens: float
    output_tokens: float

    def times(self, factor: float) -> "Load":
        """Return the load of so many times the work."""
        counts = ("calls", "input_tokens", "cached_tokens", "output_tokens")
        return self.model_copy(update={name: getattr(self, name) * factor for name in counts})


class Line(Frozen):
    """One line of a forecast.

    Attributes:
        output_tokens: Low, likely and high.
        cost_usd: Low, likely and high; None while the price is unknown.
    """

    load: Load
    output_tokens: tuple[float, float, float]
    cost_usd: tuple[float, float, float] | None


class Forecast(Frozen):
    """What a study will take.

    Attributes:
        chain: The most calls that a trial makes one after another, its history's included.
        seconds: Wall time, given the latency of a call and the trials in flight.
    """

    trials: int
    lines: tuple[Line, ...]
    chain: int
    seconds: float

    @property
    def calls(self) -> float:
        """All calls."""
        return sum(line.load.calls for line in self.lines)

    def tokens(self, which: int) -> float:
        """Return all tokens: low (0), likely (1) or high (2)."""
        return sum(line.load.input_tokens + line.output_tokens[which] for line in self.lines)

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
    """
    limits = {ref.ref: ref.sampling.max_tokens for ref in study.models}
    loads = [load.times(factor) for load in pilot]
    lines = tuple(_line(load, limits.get(load.model), price(load.model)) for load in loads)
    calls = sum(load.calls for load in loads)
    lanes = max(min(concurrency, study.size), 1)
    return Forecast(
        trials=study.size,
        lines=lines,
        chain=chain,
        seconds=max(chain, calls / lanes) * latency,
    )


def _line(load: Load, limit: int | None, price: Price | None) -> Line:
    free = price is not None and price.input == price.output == 0.0
    likely = load.output_tokens * (1.0 if free else LIKELY_OUTPUT)
    high = limit * load.calls if limit else load.output_tokens * HIGH_OUTPUT
    outputs = (load.output_tokens, likely, max(high, likely))
    if price is None:
        return Line(load=load, output_tokens=outputs, cost_usd=None)
    # A cache that works makes the low end, one that never does the other two.
    low = _cost(price, load, outputs[0], load.cached_tokens)
    rest = (_cost(price, load, output, 0.0) for output in outputs[1:])
    return Line(load=load, output_tokens=outputs, cost_usd=(low, *rest))


def _cost(price: Price, load: Load, output: float, cached: float) -> float:
    usage = Usage(
        input_tokens=round(load.input_tokens),
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
