"""The trials in flight, and how long they are likely to take yet."""

import contextlib
from collections.abc import Callable, Iterator


class Flight:
    """What is in flight at a site.

    Attributes:
        longest: The seconds that the longest finished trial took; None before one has finished.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin with nothing in flight, by a clock that no change of the system's time moves."""
        self._clock = clock
        self._began: dict[str, float] = {}
        self.longest: float | None = None

    @contextlib.contextmanager
    def of(self, trial_id: str) -> Iterator[None]:
        """Count a trial in flight while the block runs.

        One that is given up says nothing of how long a trial takes.
        """
        self._began[trial_id] = self._clock()
        try:
            yield
            took = self._clock() - self._began[trial_id]
            self.longest = max(self.longest or 0.0, took)
        finally:
            del self._began[trial_id]

    def finishing(self) -> str:
        """Return what is finished after a wish to end, and about how long that takes."""
        if not self._began:
            return "nothing is in flight"
        many = len(self._began)
        return f"finishing {many} {'trial' if many == 1 else 'trials'} in flight, {self._left()}"

    def _left(self) -> str:
        if self.longest is None:
            return "nobody knows how long yet, as none has been finished before"
        left = self.longest - (self._clock() - max(self._began.values()))
        return f"which takes up to {duration(left)}, as trials went so far" if left > 1 else "soon"


def duration(seconds: float) -> str:
    """Return seconds as people read them."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
