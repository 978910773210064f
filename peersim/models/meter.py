"""The one budget of a study: reserved before a request is sent, settled when its reply is in.

A reservation is an upper estimate, so what is settled stays below the ceiling. When one does
not fit, it waits for those in flight to settle for less; when nothing is in flight any more,
the budget is used up. How much is in flight is written down before it is sent, so that it
counts even if the process is killed.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import Field

from peersim.frozen import Frozen
from peersim.models.doubt import Doubts
from peersim.models.money import Charge

Aside = Callable[[Awaitable[bool]], Awaitable[bool]]

# How often a request that waits for room may be passed by smaller ones that fit beside it: enough
# that one dear call stalls nobody, and few enough that it has its turn.
PASSES = 100
# The mark of what is in flight rises by this factor at least, so that it is seldom written.
HEADROOM = 1.25


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


class Spent(NamedTuple):
    """What a study has spent so far.

    Attributes:
        estimated_usd: How much of it stands for requests whose usage the provider did not say.
        unseen_usd: How much of that stands for requests that were in flight when an earlier
            session was killed or stopped.
        unseen_tokens: The same in tokens.
    """

    usd: float = 0.0
    tokens: int = 0
    estimated_usd: float = 0.0
    unseen_usd: float = 0.0
    unseen_tokens: int = 0


class Waiter:
    """A request that waits for room.

    Attributes:
        most: What it reserves.
        turn: Whether there was room for it, once that is known.
        passed: How many later ones were let pass while it was the first.
    """

    __slots__ = ("most", "passed", "turn")

    def __init__(self, most: Charge) -> None:
        """Wait from now on."""
        self.most = most
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.passed = 0


class Meter:
    """Keeps the budget of a study.

    Attributes:
        keep: Writes down the most that may be in flight or billed and stand in no journal yet;
            None if nobody does.
        doubts: What this process has counted by an estimate, or taken over from killed ones.
    """

    def __init__(self, budget: Budget, spent: Spent | None = None) -> None:
        """Go on from what was spent before."""
        spent = spent or Spent()
        self.budget = budget
        self.usd, self.tokens, self.estimated_usd = spent.usd, spent.tokens, spent.estimated_usd
        self.held_usd, self.held_tokens, self._held = 0.0, 0, 0
        self.doubts = Doubts()
        self.keep: Callable[[Spent], Awaitable[None]] | None = None
        # What counts and is not known to be in the journal, and what of it was written down.
        self._loose_usd, self._loose_tokens = 0.0, 0
        self._mark = Spent()
        self._marking = asyncio.Lock()
        self._waiting: deque[Waiter] = deque()

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return Spent(usd=self.usd, tokens=self.tokens, estimated_usd=self.estimated_usd)

    @property
    def queued(self) -> int:
        """How many requests wait for room in the budget."""
        return len(self._waiting)

    @property
    def loose(self) -> Spent:
        """What requests count for that stand in no journal: in flight, given up, or cut off."""
        usd, tokens = self._loose_usd + self.held_usd, self._loose_tokens + self.held_tokens
        return Spent(usd=max(usd, 0.0), tokens=max(tokens, 0))

    async def reserve(self, most: Charge, aside: Aside | None = None) -> bool:
        """Reserve room for a request; return whether there was any left.

        Args:
            most: An upper estimate of what it uses.
            aside: Awaits what is waited for, and lets others go first meanwhile.

        Raises:
            StoreError: If what is in flight could not be written down.
        """
        if not await self._room(most, aside):
            return False
        sure = False
        try:
            await self._write_mark()
            sure = True
        finally:
            if not sure:
                self.settle(most, None)
        return True

    async def _write_mark(self) -> None:
        """Have it written down what is in flight, if that is more than ever before.

        Who comes while the mark is being written waits, and most often finds it high enough.
        """
        if self.keep is None or not self._above_mark():
            return
        async with self._marking:
            if self._above_mark():
                mark = self._next_mark()
                await self.keep(mark)
                self._mark = mark

    def _above_mark(self) -> bool:
        loose = self.loose
        return loose.usd > self._mark.usd or loose.tokens > self._mark.tokens

    def _next_mark(self) -> Spent:
        """Return a mark with room for some more, though for no more than the budget has."""
        loose, budget = self.loose, self.budget
        usd, tokens = loose.usd * HEADROOM, math.ceil(loose.tokens * HEADROOM)
        if budget.usd is not None:
            usd = min(usd, max(budget.usd - (self.usd - self._loose_usd), loose.usd))
        if budget.tokens is not None:
            tokens = min(
                tokens, max(budget.tokens - self.tokens + self._loose_tokens, loose.tokens)
            )
        return Spent(usd=max(usd, self._mark.usd), tokens=max(tokens, self._mark.tokens))

    async def _room(self, most: Charge, aside: Aside | None) -> bool:
        """Wait for room for a request, and hold it; return whether there was any left."""
        if self._let(most, self._waiting):
            return True
        if not self._held:
            return False
        waiter = Waiter(most)
        self._waiting.append(waiter)
        turn = waiter.turn
        try:
            return await (aside(turn) if aside else turn)
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
            self.tokens += charge.tokens
            self.estimated_usd += (charge.usd or 0.0) if charge.estimated else 0.0
            self._loose_usd += charge.usd or 0.0
            self._loose_tokens += charge.tokens
        self._admit()

    def resume(self, spent: Spent) -> None:
        """Count what was spent before this process began."""
        self.usd += spent.usd
        self.tokens += spent.tokens
        self.estimated_usd += spent.estimated_usd
        self.doubts.add_unseen(spent.unseen_usd, spent.unseen_tokens)

    def written(self, charged: Spent) -> None:
        """Note that the journal holds requests that count for so much."""
        self._loose_usd -= charged.usd
        self._loose_tokens -= charged.tokens

    def abandon(self, most: Charge) -> None:
        """Count a request whose reply nobody waited for: it may be billed all the same."""
        self.settle(most, most.model_copy(update={"estimated": True}))

    def _hold(self, most: Charge, sign: int) -> None:
        self._held += sign
        self.held_tokens += sign * most.tokens
        # Sums of floats that are taken away again leave dust, which must not add up.
        self.held_usd = self.held_usd + sign * (most.usd or 0.0) if self._held else 0.0

    def _fits(self, most: Charge) -> bool:
        usd, tokens = self.budget.usd, self.budget.tokens
        dear = usd is not None and self.usd + self.held_usd + (most.usd or 0.0) > usd
        return not dear and (
            tokens is None or self.tokens + self.held_tokens + most.tokens <= tokens
        )

    def _let(self, most: Charge, before: deque[Waiter]) -> bool:
        """Hold room for a request if it fits and may pass those before it; return whether so."""
        if not self._fits(most) or (before and before[0].passed >= PASSES):
            return False
        if before:
            before[0].passed += 1
        self._hold(most, 1)
        return True

    def _admit(self) -> None:
        """Let those who wait go on if they fit, the first of those who do not when none is left.

        That one is refused if it does not fit even then: there is nothing to wait for any more.
        """
        while self._waiting:
            self._let_all()
            if self._held or not self._waiting:
                return
            self._waiting.popleft().turn.set_result(False)

    def _let_all(self) -> None:
        """Let go on all who fit, in their order, and forget those who gave up."""
        left: deque[Waiter] = deque()
        for waiter in self._waiting:
            if waiter.turn.done():
                continue
            if self._let(waiter.most, left):
                waiter.turn.set_result(True)
            else:
                left.append(waiter)
        self._waiting = left
