"""Sits beside a running study: says what it waits for when nothing moves any more."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from peersim.errors import PeersimError
from peersim.models.watch import Watch
from peersim.steady import stood_still

# How often it looks, in parts of the time after which a study counts as stalled.
LOOKS = 4
LONGEST_SLEEP = 5.0


class Vigil:
    """Looks at a study now and then."""

    def __init__(
        self,
        watch: Watch,
        stall_seconds: float,
        waits: Callable[[str | None], list[str]],
        tell: Callable[[str], None],
        flush: Callable[[], Awaitable[None]],
        lost: Callable[[], float] = stood_still,
    ) -> None:
        """Sit down.

        Args:
            watch: Knows which calls are waited for, and when anything last moved.
            stall_seconds: After so long without progress it speaks, of all or of one model, and
                after each time so long.
            waits: Returns what else is waited for, of one model or of all.
            tell: Gets what it says.
            flush: Stores what has gathered since the last look.
            lost: Tells for how many seconds this very process has stood still so far.
        """
        self._watch = watch
        self._stall = stall_seconds
        self._waits = waits
        self._tell = tell
        self._flush = flush
        self._lost, self._lost_before = lost, 0.0
        self._told: dict[str, int] = {}

    async def keep(self) -> None:
        """Look until cancelled."""
        storing: asyncio.Task[None] | None = None
        try:
            while True:
                await asyncio.sleep(min(self._stall / LOOKS, LONGEST_SLEEP))
                # Where the store is what does not move, it must not be waited for.
                if storing is None or storing.done():
                    storing = asyncio.create_task(self._store())
                self.look()
                self.look_at_itself()
        finally:
            if storing:
                storing.cancel()
                await asyncio.gather(storing, return_exceptions=True)

    async def _store(self) -> None:
        with contextlib.suppress(PeersimError):  # whoever has work to keep is told of it
            await self._flush()

    def look(self) -> None:
        """Say what is waited for, once for each stretch without progress.

        A model that answers nothing is told of by its name, however well others do.
        """
        if self._anew("", self._watch.still):
            self._tell(self._said())
        for model, seconds in self._watch.silent().items():
            if self._anew(model, seconds) and self._watch.still < self._stall:
                self._tell(self._said_of(model, seconds))

    def look_at_itself(self) -> None:
        """Say if the process itself has stood still for long, which is nobody else's fault."""
        lost = self._lost()
        if lost - self._lost_before >= self._stall:
            self._tell(
                f"this process itself has stood still for {lost - self._lost_before:.0f} s, as when"
                " it is stopped or its machine is frozen; no time limit counts that"
            )
            self._lost_before = lost

    def _anew(self, what: str, still: float) -> bool:
        """Return whether a stretch without progress has got as long as to be told of, or again."""
        before, now = self._told.get(what, 0), int(still // self._stall)
        self._told[what] = now
        return now not in (0, before)

    def _said(self) -> str:
        asked = [*self._watch.oldest(), *self._watch.unkept()]
        asked = asked or ["no model call: the disk, a tool or this program is slow"]
        return f"nothing has moved for {self._watch.still:.0f} s; waiting for " + "; ".join(
            [*asked, *self._waits(None)]
        )

    def _said_of(self, model: str, seconds: float) -> str:
        return f"{model} has answered nothing for {seconds:.0f} s; waiting for " + "; ".join(
            [*self._watch.oldest(model), *self._waits(model)]
        )
