"""How many requests a model gets at the same time: as many as its provider takes.

Additive increase and multiplicative decrease, as in TCP (Chiu and Jain 1989): the limit
quadruples a round until the provider first says "too many", halves whenever it says so, and
then grows by one a round. Each model has a throttle of its own, so none waits for another's.
One that loses what it is sent gets one request at a time until it answers (see ``outage``).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from pydantic import Field, model_validator

from peersim.frozen import Frozen
from peersim.models.base import Completion, Failure
from peersim.models.outage import Outage
from peersim.steady import steady

# How much the limit grows for each reply while the provider has never said "too many": with
# three, four requests take the place of each that was answered.
STRIDE = 3
# After so many noted changes of a limit, few more are: a week of refusals must not fill a disk.
MANY, SELDOM_SECONDS = 1000, 60.0

# Failures of one conversation, whose request the provider has read: it is not down.
READ = ("bad_request", "context_window")


class ThrottlePolicy(Frozen):
    """Bounds of the limit.

    Attributes:
        start: Requests in flight at first.
        least: Fewest in flight, however often the provider says "too many".
        most: Most in flight.
    """

    start: int = Field(default=64, ge=1)
    least: int = Field(default=1, ge=1)
    most: int = Field(default=1000, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> "ThrottlePolicy":
        if not self.least <= self.start <= self.most:
            raise ValueError("start must lie between least and most")
        return self


class Change(Frozen):
    """A change of a limit.

    Attributes:
        at: Seconds since the throttle was made.
        limit: The limit from then on.
        why: What brought it about.
    """

    at: float
    limit: int
    why: str


class Throttle:
    """The slots of one model, first come, first served.

    Attributes:
        limit: Requests in flight at most, for now.
        in_flight: Requests in flight.
        changes: The limit's history: its start, each decrease, each doubling, and each outage;
            when there are very many, one in a minute.
        outage: Whether the model is down: then one request is in flight at most.
    """

    def __init__(
        self,
        policy: ThrottlePolicy,
        clock: Callable[[], float] = steady,
        waits: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        """Begin with the policy's start.

        Args:
            policy: Bounds of the limit.
            clock: Tells seconds from any start.
            waits: Seconds before a model that is down is first tried, and between tries at most.
        """
        self._policy = policy
        self._clock = clock
        self._began = self._shrunk_at = clock()
        self._paused_until = self._began
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._searching = True
        self._halted = False
        self._clean = 0
        self.limit = policy.start
        self.outage = Outage(*waits, clock)
        self.in_flight = 0
        self.changes = [Change(at=0.0, limit=policy.start, why="start")]

    @property
    def queued(self) -> int:
        """How many wait for a slot."""
        return len(self._waiting)

    @property
    def pause(self) -> float:
        """Seconds until the provider takes requests again; 0 if it has not asked for a pause."""
        return max(self._paused_until - self._clock(), 0.0)

    async def enter(self) -> None:
        """Wait for a slot and take it.

        Raises:
            CancelledError: If nobody is to wait for the provider any more.
        """
        if self._free() and not self._waiting:
            self.in_flight += 1
            return
        if self._halted and self._paused:
            raise asyncio.CancelledError
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def leave(self, reply: Completion | Failure | None, sent_at: float) -> None:
        """Give a slot back and learn from what came of it.

        Args:
            reply: What came; None if the request was abandoned.
            sent_at: When it was sent, on the throttle's clock.
        """
        self.in_flight -= 1
        if isinstance(reply, Completion):
            self._come_back()
            self._grow()
        elif reply is not None:
            self._learn(reply, sent_at)
        self._admit()

    def _learn(self, failure: Failure, sent_at: float) -> None:
        if failure.kind in READ:
            self._come_back()
        elif failure.maybe_billed:
            self._lose(sent_at)
        if _too_many(failure):
            self._shrink(failure, sent_at)

    async def aside(self, waiting: Awaitable[bool]) -> bool:
        """Give a slot to others while its holder waits for something else, then take one again.

        Args:
            waiting: What it waits for; if that is False, or fails, it will send nothing, and
                need not wait for a slot to give it back.
        """
        self.leave(None, 0.0)
        taken = False
        try:
            if found := await waiting:
                await self.enter()
                taken = True
            return found
        finally:
            if not taken:
                self.in_flight += 1

    def halt(self) -> None:
        """Let nobody wait any more for a provider that is down or asked for a pause."""
        self._halted = True
        for turn in [*self._waiting] if self._paused else ():
            turn.cancel()

    @property
    def _paused(self) -> bool:
        return max(self.pause, self.outage.pause) > 0.0

    def _free(self) -> bool:
        return self.in_flight < (1 if self.outage.on else self.limit) and not self._paused

    def _admit(self) -> None:
        """Give free slots to those who wait, in their order."""
        while self._waiting and self._free():
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def _give_up(self, turn: "asyncio.Future[None]") -> None:
        """Forget one who no longer waits; a slot it was just given goes to the next."""
        if turn.done() and not turn.cancelled():
            self.in_flight -= 1
            self._admit()
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def _grow(self) -> None:
        # A limit that nobody waits for has proved nothing.
        if not self._waiting or self.limit >= self._policy.most:
            return
        self._clean += 1
        if not self._searching and self._clean < self.limit:
            return
        self._clean = 0
        self.limit = min(self.limit + (STRIDE if self._searching else 1), self._policy.most)
        if self.limit == self._policy.most or self.limit >= 2 * self.changes[-1].limit:
            self._note("clean")

    def _lose(self, sent_at: float) -> None:
        """Note a request that was lost: after many, one at a time finds out who is back."""
        was_on = self.outage.on
        if not self.outage.lose(sent_at):
            return
        if not was_on:
            self._note("outage", 1)
        self._look_again(self.outage.pause)
        if self._halted:
            self.halt()

    def _come_back(self) -> None:
        if self.outage.answered():
            self._note("answered")

    def _look_again(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds + 1e-3, self._admit)

    def _shrink(self, failure: Failure, sent_at: float) -> None:
        now = self._clock()
        if failure.retry_after:
            self._paused_until = max(self._paused_until, now + failure.retry_after)
            self._look_again(self.pause)
        # What was sent before the last decrease says nothing about the limit since, nor does
        # the one request that finds out whether a model is back.
        if sent_at < self._shrunk_at or self.outage.on:
            return
        self._shrunk_at, self._searching, self._clean = now, False, 0
        self.limit = max(min(self.limit, self.in_flight + 1) // 2, self._policy.least)
        self._note(failure.kind)

    def _note(self, why: str, limit: int | None = None) -> None:
        at = round(self._clock() - self._began, 3)
        change, last = Change(at=at, limit=limit or self.limit, why=why), self.changes[-1]
        seldom = len(self.changes) < MANY or at - last.at >= SELDOM_SECONDS
        if seldom and (change.limit, why) != (last.limit, last.why):
            self.changes.append(change)


def _too_many(failure: Failure) -> bool:
    """Return whether a provider says that it gets too many requests at once."""
    told_to_wait = failure.kind == "overloaded" and failure.retry_after is not None
    return failure.kind == "rate_limited" or told_to_wait
