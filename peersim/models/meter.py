"""The one budget of a study: reserved before a request is sent, settled when its reply is in.

A reservation is an upper estimate, so what is settled stays below the ceiling. When one does
not fit, it waits for those in flight to settle for less; when nothing is in flight any more,
the budget is used up.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable

from pydantic import Field

from peersim.frozen import Frozen
from peersim.models.base import Completion, Failure, FailureKind, Model, ModelRef, Request
from peersim.models.money import Charge, Price, Usage

# English has about four bytes a token, and no provider's count was seen near two.
BYTES_PER_TOKEN = 2
TOKENS_PER_MESSAGE = 16
# The output reserved where no max_tokens bounds it, until longer replies have been seen.
USUAL_OUTPUT = 4096
# Failures after which the provider may have worked, and so may bill.
MAYBE_BILLED: frozenset[FailureKind] = frozenset({"timeout", "malformed_reply", "unknown"})


class Budget(Frozen):
    """Ceilings over a whole study, all its sessions together; None for no ceiling.

    Attributes:
        usd: US dollars.
        tokens: Tokens read and written.
    """

    usd: float | None = Field(default=None, gt=0)
    tokens: int | None = Field(default=None, gt=0)

    @property
    def limited(self) -> bool:
        """Whether there is any ceiling."""
        return self.usd is not None or self.tokens is not None


class Spent(Frozen):
    """What a study has spent so far.

    Attributes:
        estimated_usd: How much of it stands for requests whose usage the provider did not say.
    """

    usd: float = 0.0
    tokens: int = 0
    estimated_usd: float = 0.0


class Meter:
    """Keeps the budget of a study."""

    def __init__(self, budget: Budget, spent: Spent | None = None) -> None:
        """Go on from what was spent before."""
        spent = spent or Spent()
        self.budget = budget
        self.usd, self.tokens, self.estimated_usd = spent.usd, spent.tokens, spent.estimated_usd
        self.held_usd, self.held_tokens, self._held = 0.0, 0, 0
        self.abandoned = Spent()
        self._waiting: deque[tuple[Charge, asyncio.Future[bool]]] = deque()

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return Spent(usd=self.usd, tokens=self.tokens, estimated_usd=self.estimated_usd)

    @property
    def queued(self) -> int:
        """How many requests wait for room in the budget."""
        return len(self._waiting)

    async def reserve(self, most: Charge) -> bool:
        """Reserve room for a request; return whether there was any left."""
        if not self._waiting and self._fits(most):
            self._hold(most, 1)
            return True
        if not self._held:
            return False
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((most, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.settle(most, None)
            raise

    def settle(self, most: Charge, charge: Charge | None) -> None:
        """Put what a request really used in the place of its reservation.

        Args:
            most: What was reserved.
            charge: What counts; None if the provider cannot have billed it.
        """
        self._hold(most, -1)
        if charge:
            self.usd += charge.usd or 0.0
            self.tokens += charge.input_tokens + charge.output_tokens
            self.estimated_usd += (charge.usd or 0.0) if charge.estimated else 0.0
        self._admit()

    def resume(self, spent: Spent) -> None:
        """Count what was spent before this process began."""
        self.usd += spent.usd
        self.tokens += spent.tokens
        self.estimated_usd += spent.estimated_usd

    def abandon(self, most: Charge) -> None:
        """Count a request whose reply nobody waited for: it may be billed all the same."""
        lost, tokens = self.abandoned, most.input_tokens + most.output_tokens
        usd = most.usd or 0.0
        self.abandoned = Spent(usd=lost.usd + usd, tokens=lost.tokens + tokens)
        self.settle(most, most.model_copy(update={"estimated": True}))

    def _hold(self, most: Charge, sign: int) -> None:
        self._held += sign
        self.held_tokens += sign * (most.input_tokens + most.output_tokens)
        # Sums of floats that are taken away again leave dust, which must not add up.
        self.held_usd = self.held_usd + sign * (most.usd or 0.0) if self._held else 0.0

    def _fits(self, most: Charge) -> bool:
        usd, tokens = self.budget.usd, self.budget.tokens
        wanted = most.input_tokens + most.output_tokens
        dear = usd is not None and self.usd + self.held_usd + (most.usd or 0.0) > usd
        return not dear and (tokens is None or self.tokens + self.held_tokens + wanted <= tokens)

    def _admit(self) -> None:
        """Let those who wait go on, in their order; refuse them when nothing is in flight."""
        while self._waiting:
            most, turn = self._waiting[0]
            fits = self._fits(most)
            if not turn.done() and not fits and self._held:
                return
            self._waiting.popleft()
            if not turn.done():
                turn.set_result(fits)
                if fits:
                    self._hold(most, 1)


class Metered:
    """A model whose every request is paid for out of the study's budget."""

    def __init__(
        self, model: Model, ref: ModelRef, meter: Meter, price: Callable[[], Price | None]
    ) -> None:
        """Wrap a model.

        Args:
            model: Who is asked.
            ref: Its reference, for the longest reply it may give.
            meter: The budget.
            price: Returns the model's price, None if it is unknown; looked up at first use.
        """
        self._model = model
        self._ref = ref
        self._meter = meter
        self._find_price = price
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
        if not await self._meter.reserve(most):
            return self._no_room()
        reply: Completion | Failure | None = None
        try:
            reply = await self._model.complete(request)
        finally:
            if reply is None:
                self._meter.abandon(most)
        charge = self._charge(reply, most)
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
        unsure = most.model_copy(update={"estimated": True})
        if isinstance(reply, Failure):
            return unsure if reply.kind in MAYBE_BILLED else None
        usage = reply.usage
        if usage.output_tokens is not None:
            self._longest = max(self._longest, 2 * usage.output_tokens)
        if usage.input_tokens is None or usage.output_tokens is None:
            return unsure
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
        return Failure(
            kind="budget",
            detail=f"the budget of {' and '.join(parts)} has no room for another call",
            retryable=False,
            origin="budget",
        )
