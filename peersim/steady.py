"""Time that stands still with the process: a loop, and a clock, that count no time lost to all.

A process that was stopped, or whose machine was frozen, finds all its time limits past when it
goes on, while what came meanwhile lies unread: replies would be lost, and paid for once more.
"""

import asyncio
import math
import selectors
import socket
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

# A loop that looks at nothing for longer than this has stood still, or was as good as stopped.
# So much of each such gap counts all the same, so that time goes on whatever happens.
SLACK_SECONDS = 1.0

# Names that are looked up at the same time; each takes a thread.
NAMES_AT_ONCE = 32


class _Presence(selectors.DefaultSelector):
    """Waits for sockets, and knows for how long its loop was not there to look at them.

    Attributes:
        lost: The seconds that it stood still, all together.
    """

    def __init__(self) -> None:
        """Begin now."""
        super().__init__()
        self.lost = 0.0
        self._due = time.monotonic()  # By then it was to be back.

    def look(self) -> float:
        """Return the time without what was lost, which this notes."""
        now = time.monotonic()
        if now > self._due:
            self.lost += max(now - self._due - SLACK_SECONDS, 0.0)
            self._due = now
        return now - self.lost

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for sockets, which are looked at once more before anybody's time is up."""
        self.look()
        self._due += math.inf if timeout is None else timeout
        found = super().select(timeout)
        self._due = min(self._due, time.monotonic())
        self.look()
        # A wait that a signal cut off, such as the one to go on, says nothing of what came.
        return found or (super().select(0) if timeout else found)


class SteadyLoop(asyncio.SelectorEventLoop):
    """A loop whose time, and so every limit on it, stands still when its process does."""

    def __init__(self) -> None:
        """Make a loop that has not started."""
        self._presence = _Presence()
        super().__init__(self._presence)
        self._looking_up = asyncio.Semaphore(NAMES_AT_ONCE)

    def time(self) -> float:
        """Return seconds from any start."""
        return self._presence.look()

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Look a name up on a thread that no end waits for: nothing cuts a slow answer off."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()

        def look_up() -> None:
            try:
                answer.set_result(socket.getaddrinfo(host, port, **options))
            except (OSError, ValueError) as error:
                answer.set_exception(error)

        async with self._looking_up:
            threading.Thread(target=look_up, name="peersim-names", daemon=True).start()
            return await asyncio.wrap_future(answer, loop=self)

    @property
    def lost(self) -> float:
        """The seconds for which it stood still."""
        return self._presence.lost


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, as ``asyncio.run`` does, on a steady loop."""
    with asyncio.Runner(loop_factory=SteadyLoop) as runner:
        return runner.run(main)


def steady() -> float:
    """Return seconds from any start on the clock of the running loop, if there is one."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()


def stood_still() -> float:
    """Return the seconds for which the running loop has stood still, as far as it knows."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return 0.0
    return loop.lost if isinstance(loop, SteadyLoop) else 0.0
