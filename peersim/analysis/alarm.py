"""One check of the conduct of a study."""

from peersim.frozen import Frozen

ALARM = 0.05


class Alarm(Frozen):
    """A check of the conduct of a study.

    Attributes:
        check: ``invalid``, ``incomplete``, ``without a value``, ``drift`` or ``resumed``.
        of: The contrast or the outcome that it concerns.
        estimate: The difference in shares (for a dose, their slope), the change of the outcome
            per 100 run blocks, or how much more it changed in one arm when the study went on.
        low: Lower 95 % limit, or None.
        high: Upper limit, or None.
        p: Two-sided, not adjusted: an alarm should rather be raised once too often. None where
            nothing varies.
        method: How it was got.
    """

    check: str
    of: str
    estimate: float
    low: float | None
    high: float | None
    p: float | None
    method: str

    @property
    def raised(self) -> bool:
        """Whether it must be looked into."""
        return self.p is not None and self.p < ALARM
