"""What a study will take before it is paid for: a small part of it lived on the stand-in."""

from collections.abc import Callable, Iterable, Mapping

from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.money import Price, Usage
from peersim.models.simulated.model import SimulatedModel
from peersim.study.design import Study
from peersim.study.ends import line_of, terms_of
from peersim.study.loads import Forecast, Load

CHARACTERS_PER_TOKEN = 4


class Measured:
    """Stand-ins that answer in the place of every model and count all that a request holds."""

    def __init__(self, profile: ModelRef) -> None:
        """Let a simulated model answer for all."""
        self._stand_in = SimulatedModel(profile, Endpoint())

    def model(self, ref: ModelRef) -> "_Measured":
        """Return who answers in the place of a model."""
        return _Measured(ref.model_id, self._stand_in)


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
        pilot: What the pilot took, by the ids of models: one model may be asked in several ways.
        factor: The study's replicates over the pilot's.
        chain: The most calls one after another in a trial of the pilot.
        price: Returns a model's price by its reference.
        latency: Seconds that a call takes.
        concurrency: Trials in flight.
        spread: The fewest and the most calls of the pilot's replicates, over their mean.
    """
    terms = {
        ref.model_id: terms_of(ref, study.endpoints.get(ref.ref, Endpoint()), price(ref.ref))
        for ref in study.refs
    }
    loads = [load.times(factor) for load in pilot]
    lines = tuple(line_of(load, terms[load.model], spread[1]) for load in loads)
    calls = sum(load.calls for load in loads)
    lanes = max(min(concurrency, study.size), 1)
    return Forecast(
        trials=study.size,
        lines=lines,
        chain=chain,
        seconds=max(chain, calls / lanes) * latency,
        calls_range=(calls * spread[0], calls * spread[1]),
    )


def history_cost(study: Study, whole: Forecast) -> float | None:
    """Return what a history costs, in trials, by the calls that each makes; None if unknown.

    Args:
        study: Knows which arms share their histories.
        whole: Its forecast.
    """
    job = sum(line.load.calls for line in whole.lines if line.load.role == "subject, job")
    lived = sum(line.load.calls for line in whole.lines) - job
    histories = len({arm.history(study.seed, 0).history_id for arm in study.arms})
    if not job or not lived:
        return None
    return (lived / (histories * study.replicates)) / (job / whole.trials)


def with_sizes(pilot: Iterable[Load], sizes: Mapping[str, Load]) -> list[Load]:
    """Return a pilot's loads with the tokens a call that were measured in a real run, by role."""
    found = []
    for load in pilot:
        real = sizes.get(load.role)
        if real is None or not real.calls:
            found.append(load)
            continue
        scaled = real.times(load.calls / real.calls)
        asked = {"model": load.model, "calls": load.calls, "real": not real.simulated}
        found.append(scaled.model_copy(update=asked))
    return found
