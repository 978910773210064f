"""How a study fares while it runs: counts that say nothing about its question.

By arm only what is finished and what was lost. Pooled over arms also how often what happened: a
rate over all arms cannot tell one arm from another.
"""

from collections import Counter

from peersim.models.counter import CallCounter
from peersim.tracking.page import Cell


class ArmHealth:
    """The finished and the invalid trials of one arm."""

    def __init__(self) -> None:
        """Start at zero."""
        self.finished = self.invalid = 0

    def count(self, invalid: str | None) -> None:
        """Count a trial. Calls and tokens stay out: by arm they would hint at the outcome.

        Args:
            invalid: The origin of the failure; None for a valid trial.
        """
        self.finished += 1
        self.invalid += invalid is not None

    @property
    def values(self) -> dict[str, Cell]:
        """The counts by name."""
        return {"health/finished": self.finished, "health/invalid": self.invalid}


class StudyHealth:
    """The counts of all arms together."""

    def __init__(self, planned: int, arms: int) -> None:
        """Start at zero.

        Args:
            planned: Trials of the whole study.
            arms: How many arms there are. With a single one nothing is pooled, so that its
                outcomes stay unseen like those of any other.
        """
        self.finished = self._protected = 0
        self._planned, self._pooled = planned, arms > 1
        self._invalid: Counter[str] = Counter()

    def count(self, invalid: str | None, protected: bool) -> None:
        """Count a trial.

        Args:
            invalid: The origin of the failure; None for a valid trial.
            protected: Whether the peer was protected.
        """
        self.finished += 1
        self._protected += protected
        if invalid is not None:
            self._invalid[invalid] += 1

    def values(self, spent: CallCounter | None = None) -> dict[str, Cell]:
        """Return the counts by name, with what this process spent.

        Args:
            spent: The calls of this process; None if nothing was spent.
        """
        lost = self._invalid.total()
        valid = self.finished - lost
        found: dict[str, Cell] = {
            "progress/finished": self.finished,
            "progress/planned": self._planned,
            "progress/invalid": lost,
        }
        found |= {f"progress/invalid/{origin}": n for origin, n in sorted(self._invalid.items())}
        if self._pooled and valid:
            found["progress/pooled/protected"] = self._protected / valid
        if spent is not None:
            found["progress/session/calls"] = spent.made
            if spent.cost_usd is not None:
                found["progress/session/cost_usd"] = spent.cost_usd
        return found
