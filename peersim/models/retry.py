"""Retries, the same for every provider: bounded, jittered, honouring Retry-After."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from pydantic import Field

from peersim.frozen import Frozen
from peersim.models.base import Attempt, Completion, Failure, FailureKind, Request
from peersim.models.port import Model
from peersim.models.throttle import Throttle, ThrottlePolicy
from peersim.steady import steady

# What passes when the provider or the network is back.
PASSING: frozenset[FailureKind] = frozenset({"overloaded", "connection", "rate_limited"})


class RetryPolicy(Frozen):
    """How often and how patiently a failed call is made again.

    An outage passes, and so does a limit: those are waited out for as long as a call may take.
    What the provider answered badly, not in time, or over a connection that broke costs work,
    and may be billed, each time, so it is bounded.

    Attributes:
        attempts: Requests per call at most that time out, lose their connection once they were
            sent, or bring a reply that cannot be read. With 1, no call is made again, whatever
            its failure.
        base_seconds: The wait before the second attempt; it doubles from there.
        cap_seconds: The longest wait of our own choice.
        call_seconds: Wall limit of one call, its retries and waits included but not the time
            in which it waits for a slot of a model that is not down. A Retry-After beyond it
            ends the study.
        reach_seconds: How long a model that has answered nothing yet may be out of reach: its
            address is wrong or its server not started, more likely than the network is down.
            Then the study ends.
    """

    attempts: int = Field(default=8, ge=1)
    base_seconds: float = Field(default=1.0, ge=0)
    cap_seconds: float = Field(default=60.0, ge=0)
    call_seconds: float = Field(default=1800.0, gt=0)
    reach_seconds: float = Field(default=60.0, gt=0)

    def wait(self, attempt: int, failure: Failure) -> float:
        """Return the seconds to wait after a failed attempt, counted from 1.

        Never less than the provider asked for, nor than our own back-off: some providers ask
        for a second each time, for as long as they are down. Waiting never reaches a record, so
        the jitter need not come from the seed tree.
        """
        full = min(self.base_seconds * 2.0 ** min(attempt - 1, 60), self.cap_seconds)
        own = random.uniform(full / 2, full)
        if failure.retry_after is None:
            return own
        return max(failure.retry_after, own) + random.uniform(0, min(full, self.base_seconds))

    def spent(self, costly: int) -> bool:
        """Return whether no other attempt may follow one that failed.

        Args:
            costly: How many of a call's attempts have failed at a cost.
        """
        return self.attempts == 1 or costly >= self.attempts


def costs(failure: Failure) -> bool:
    """Return whether a failed attempt may have cost the provider work, and us money."""
    lost = failure.kind == "connection" and failure.sent
    return failure.kind not in PASSING or failure.begun or lost


class CutOff(asyncio.CancelledError):
    """The cancellation of a call of which attempts had failed, which must not be lost.

    Attributes:
        earlier: The failed attempts.
    """

    def __init__(self, earlier: tuple[Attempt, ...]) -> None:
        """Carry the failed attempts."""
        super().__init__()
        self.earlier = earlier


class Retrying:
    """A model that makes a failed call again while that can help, a slot for each attempt.

    Attributes:
        backing_off: How many calls wait before they are made again.
        trouble: What failed last, since a call was answered last; None for nothing.
        reached: Whether it has answered any request, be it with an error.
    """

    def __init__(
        self,
        model: Model,
        policy: RetryPolicy,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = steady,
    ) -> None:
        """Wrap a model.

        Args:
            model: Who is asked.
            policy: How often and how patiently.
            sleep: Waits so many seconds.
            throttle: The slots of the model, shared by all who ask it.
            clock: Tells seconds from any start; it must not follow the wall clock.
        """
        self._model = model
        self._policy = policy
        self._throttle = throttle or Throttle(ThrottlePolicy(start=1000), clock)
        self._sleep = sleep
        self._clock = clock
        self.backing_off = 0
        self.trouble: Attempt | None = None
        self.reached = False

    @property
    def name(self) -> str:
        """The wrapped model's reference."""
        return self._model.name

    @property
    def simulated(self) -> bool:
        """Whether the wrapped model is simulated."""
        return self._model.simulated

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer a request, or return the last failure; the failed attempts come with it.

        Raises:
            CutOff: If it is cancelled after an attempt has failed.
        """
        earlier: list[Attempt] = []
        try:
            return await self._answer(request, earlier)
        except asyncio.CancelledError as cancelled:
            if earlier:
                raise CutOff(tuple(earlier)) from cancelled
            raise

    async def _answer(self, request: Request, earlier: list[Attempt]) -> Completion | Failure:
        spent, costly = 0.0, 0
        while True:
            reply, seconds = await self._attempt(request)
            if isinstance(reply, Completion):
                self.trouble = None
                break
            self.trouble = reply.attempt
            wait = self._policy.wait(len(earlier) + 1, reply)
            spent += seconds + wait
            if self._hopeless(reply, spent):
                # Every other call would be told the same, so the study ends and is resumed later.
                reply = reply.model_copy(update={"retryable": False, "hopeless": True})
            costly += costs(reply)
            last = self._policy.spent(costly) or not reply.retryable
            if last or spent > self._policy.call_seconds:
                break
            earlier.append(reply.attempt.model_copy(update={"waited": wait}))
            await self._back_off(wait)
        return reply.model_copy(update={"earlier": tuple(earlier)}) if earlier else reply

    def _hopeless(self, failure: Failure, spent: float) -> bool:
        """Return whether no call is worth waiting for, after so many seconds of one."""
        unreached = failure.kind == "connection" and not self.reached
        long = (failure.retry_after or 0.0) > self._policy.call_seconds
        return long or (unreached and spent > self._policy.reach_seconds)

    async def _attempt(self, request: Request) -> tuple[Completion | Failure, float]:
        """Return what one request brought, and the seconds it took.

        The wait for a slot counts as far as the model was down meanwhile.
        """
        down = self._throttle.outage.seconds
        await self._throttle.enter()
        down = self._throttle.outage.seconds - down
        sent_at = self._clock()
        reply: Completion | Failure | None = None
        try:
            reply = await self._model.complete(request)
        finally:
            self._throttle.leave(reply, sent_at)
        self.reached = self.reached or isinstance(reply, Completion) or reply.kind != "connection"
        return reply, self._clock() - sent_at + down

    async def _back_off(self, seconds: float) -> None:
        self.backing_off += 1
        try:
            await self._sleep(seconds)
        finally:
            self.backing_off -= 1
