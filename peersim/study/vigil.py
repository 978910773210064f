"""Sits beside a running study: says what it waits for when nothing moves any more."""

import asyncio
from collections.abc import Awaitable, Callable

from peersim.models.watch import Watch

# How often it looks, in parts of the time after which a study counts as stalled.
LOOKS = 4
LONGEST_SLEEP = 5.0


class Vigil:
    """Looks at a study now and then."""

    def __init__(
        self,
        watch: Watch,
        stall_seconds: float,
        waits: Callable[[], list[str]],
        tell: Callable[[str], None],
        flush: Callable[[], Awaitable[None]],
    ) -> None:
        """Sit down.

        Args:
            watch: Knows which calls are waited for, and when anything last moved.
            stall_seconds: After so long without progress it speaks, and after each time so long.
            waits: Returns what else is waited for.
            tell: Gets what it says.
            flush: Stores what has gathered since the last look.
        """
        self._watch = watch
        self._stall = stall_seconds
        self._waits = waits
        self._tell = tell
        self._flush = flush
        self._told = (0.0, 0)

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(min(self._stall / LOOKS, LONGEST_SLEEP))
            await self._flush()
            self.look()

    def look(self) -> None:
        """Say what is waited for, once for each stretch without progress."""
        stretch = (self._watch.moved_at, int(self._watch.still // self._stall))
        if stretch[1] and stretch != self._told:
            self._tell(self._said())
            self._told = stretch

    def _said(self) -> str:
        asked = self._watch.oldest() or ["no model call: the disk, a tool or this program is slow"]
        return f"nothing has moved for {self._watch.still:.0f} s; waiting for " + "; ".join(
            [*asked, *self._waits()]
        )
