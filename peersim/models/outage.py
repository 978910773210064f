"""An outage: a model that loses what it is sent is asked by one request at a time, for all callers.

A request that is lost once it was sent may be billed, so it counts in the budget as it was
reserved. If each caller found out by itself that the provider is down, and again at each attempt,
such estimates alone could use a budget up.
"""

from collections.abc import Callable

# Requests in a row, all callers together, that were lost at a possible cost: after so many a
# model is taken to be down. Where one in ten is lost by chance, so many are one time in 10^8.
LOST = 8


class Outage:
    """Whether a model is down, and when it may be tried again.

    Attributes:
        lost: Requests in a row that were lost.
    """

    def __init__(self, first: float, longest: float, clock: Callable[[], float]) -> None:
        """Begin with a model that is not down.

        Args:
            first: Seconds before one that has gone down is tried.
            longest: Seconds between two tries at most; they double up to there.
            clock: Tells seconds from any start.
        """
        self._first, self._longest, self._clock = first, longest, clock
        self._since: float | None = None
        self._wait = self._next_at = self._past = 0.0
        self.lost = 0

    @property
    def on(self) -> bool:
        """Whether the model is down."""
        return self._since is not None

    @property
    def pause(self) -> float:
        """Seconds until it may be tried again; 0 if it may be asked now."""
        return max(self._next_at - self._clock(), 0.0) if self.on else 0.0

    @property
    def seconds(self) -> float:
        """For how long it was down, all outages together."""
        return self._past + (0.0 if self._since is None else self._clock() - self._since)

    def lose(self, sent_at: float) -> bool:
        """Note a request that was lost; return whether the model may be tried later than before.

        Args:
            sent_at: When it was sent. Of what was sent before the outage was noticed, nothing
                is learned about how long it lasts.
        """
        self.lost += 1
        now = self._clock()
        if self._since is None:
            if self.lost < LOST:
                return False
            self._since, self._wait = now, self._first
        elif sent_at >= self._since:
            self._wait = min(2 * self._wait, self._longest)
        else:
            return False
        self._next_at = now + self._wait
        return True

    def answered(self) -> bool:
        """Note that the model has answered; return whether it had been down."""
        self.lost = 0
        if self._since is None:
            return False
        self._past = self.seconds
        self._since = None
        return True
