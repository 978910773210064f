"""What a study waits for right now, so that a stall can be explained and not only noticed."""

from collections.abc import Callable

from peersim.models.journal import CallKey
from peersim.steady import steady

# How many of the oldest calls a stall names.
NAMED = 3


class Watch:
    """The calls that are being waited for, and when anything last moved.

    Attributes:
        moved_at: When a call was last answered or a trial last ended, on the watch's clock.
    """

    def __init__(self, clock: Callable[[], float] = steady) -> None:
        """Start watching."""
        self.clock = clock
        self.moved_at = clock()
        self._asked: dict[CallKey, tuple[str, float]] = {}
        self._kept: dict[CallKey, float] = {}
        self._answered: dict[str, float] = {}
        self._last: dict[str, tuple[CallKey, str]] = {}

    def asked(self, key: CallKey, model: str) -> None:
        """Note that a call is waited for."""
        self._asked[key] = (model, self.clock())
        self._last[key.owner] = (key, model)

    def answered(self, key: CallKey) -> None:
        """Note that a call was answered, and that its answer is now written down."""
        self.ended(key)
        self._kept[key] = self.moved_at

    def ended(self, key: CallKey) -> None:
        """Note that a call is no longer waited for."""
        model, _ = self._asked.pop(key, (None, 0.0))
        self._kept.pop(key, None)
        self.moved()
        if model:
            self._answered[model] = self.moved_at

    def moved(self) -> None:
        """Note that something went on."""
        self.moved_at = self.clock()

    def last(self, owner: str) -> str | None:
        """Return the last call that a trial or history waited for, and forget it; None if none."""
        key, model = self._last.pop(owner, (None, ""))
        return f"{key} to {model}" if key else None

    @property
    def still(self) -> float:
        """Seconds in which nothing moved."""
        return self.clock() - self.moved_at

    def silent(self) -> dict[str, float]:
        """Return for how many seconds each model that is waited for has ended no call."""
        since: dict[str, float] = {}
        for model, asked_at in self._asked.values():
            since[model] = min(since.get(model, asked_at), asked_at)
        now = self.clock()
        return {name: now - max(at, self._answered.get(name, at)) for name, at in since.items()}

    def unkept(self) -> list[str]:
        """Return what is said of answers that are not written down yet, if there are any."""
        if not self._kept:
            return []
        many, since = len(self._kept), self.clock() - min(self._kept.values())
        answers = f"{many} answer{'s' if many > 1 else ''} to be written down for {since:.0f} s"
        return [f"{answers} (the disk is slow, or another program has locked the store)"]

    def oldest(self, only: str | None = None) -> list[str]:
        """Return the calls that are waited for longest, as people read them.

        Args:
            only: The model whose calls they are; None for any.
        """
        asked = [(since, key, model) for key, (model, since) in self._asked.items()]
        found = [one for one in asked if only in (None, one[2])]
        now = self.clock()
        return [
            f"{key} to {model} for {now - since:.0f} s"
            for since, key, model in sorted(found, key=lambda one: one[0])[:NAMED]
        ]
