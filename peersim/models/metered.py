"""A model whose requests are paid for out of the study's budget."""

import math
from collections.abc import Callable

from peersim.models.base import Completion, Failure, ModelRef, Request
from peersim.models.meter import Aside, Meter
from peersim.models.money import Charge, Price, Usage
from peersim.models.port import Model

# English has about four bytes a token, and no provider's count was seen near two.
BYTES_PER_TOKEN = 2
TOKENS_PER_MESSAGE = 16
# The output reserved where no max_tokens bounds it, until longer replies have been seen.
USUAL_OUTPUT = 4096


class Metered:
    """A model whose every request is paid for out of the study's budget."""

    def __init__(
        self,
        model: Model,
        ref: ModelRef,
        meter: Meter,
        price: Callable[[], Price | None],
        aside: Aside | None = None,
    ) -> None:
        """Wrap a model.

        Args:
            model: Who is asked.
            ref: Its reference, for the longest reply it may give.
            meter: The budget.
            price: Returns the model's price, None if it is unknown; looked up at first use.
            aside: Gives the caller's slot to others while it waits for room in the budget.
        """
        self._model = model
        self._ref = ref
        self._meter = meter
        self._find_price = price
        self._aside = aside
        self._price: Price | None = None
        self._priced = False
        self._longest = USUAL_OUTPUT

    @property
    def name(self) -> str:
        """The wrapped model's reference."""
        return self._model.name

    @property
    def simulated(self) -> bool:
        """Whether the wrapped model is simulated."""
        return self._model.simulated

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer a request if the budget has room for it, else return a failure that says so."""
        most = self._most(request)
        if not await self._meter.reserve(most, self._aside):
            return self._no_room()
        reply: Completion | Failure | None = None
        try:
            reply = await self._model.complete(request)
        finally:
            if reply is None:
                self._meter.abandon(most)
        charge = self._charge(reply, most)
        if charge and charge.estimated:
            self._meter.doubts.add(reply, charge)
        self._meter.settle(most, charge)
        return reply.model_copy(update={"charge": charge})

    def _most(self, request: Request) -> Charge:
        """Return an upper estimate of what a request uses."""
        sizes = [message.size for message in request.messages]
        sizes += [tool.size for tool in request.tools]
        read = sum(math.ceil(size / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE for size in sizes)
        written = request.sampling.max_tokens or self._ref.sampling.max_tokens or self._longest
        price = self._known_price()
        usd = price.at_most(read, written) if price else None
        return Charge(input_tokens=read, output_tokens=written, usd=usd)

    def _known_price(self) -> Price | None:
        if not self._priced:
            self._price, self._priced = self._find_price(), True
        return self._price

    def _charge(self, reply: Completion | Failure, most: Charge) -> Charge | None:
        """Return what a reply counts for: what the provider said, else what was reserved."""
        if isinstance(reply, Failure):
            return most.model_copy(update={"estimated": True}) if reply.maybe_billed else None
        usage = reply.usage
        if usage.output_tokens is not None:
            self._longest = max(self._longest, 2 * usage.output_tokens)
        if usage.input_tokens is None or usage.output_tokens is None:
            return most.model_copy(update={"estimated": True})
        return Charge(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=self._cost(usage),
        )

    def _cost(self, usage: Usage) -> float | None:
        if usage.cost_usd is not None:
            return usage.cost_usd
        price = self._known_price()
        return price.cost(usage) if price else None

    def _no_room(self) -> Failure:
        budget = self._meter.budget
        parts = [] if budget.usd is None else [f"${budget.usd:g}"]
        parts += [] if budget.tokens is None else [f"{budget.tokens:,} tokens"]
        detail = f"the budget of {' and '.join(parts)} has no room for another call"
        if doubts := self._meter.doubts.words(budget.usd, budget.tokens):
            detail += f"; {doubts}"
        return Failure(
            kind="budget",
            detail=detail,
            retryable=False,
            origin="budget",
        )
