"""The tracker port."""

from typing import Literal, Protocol

from pydantic import Field, InstanceOf

from peersim.frozen import Frozen
from peersim.models.counter import CallCounter
from peersim.record import TrialRecord

Ending = Literal["complete", "stopped", "budget", "failed"]


class Header(Frozen):
    """What a tracker is told at the start.

    Attributes:
        total: Trials of the whole study.
        done: Trials that were finished before.
        arms: The levels of each planned arm.
        spent: What this process spends, as it goes on; None if nobody counts.
    """

    name: str
    study_id: str
    directory: str
    total: int
    done: int
    simulated: bool
    arms: tuple[dict[str, str], ...] = ()
    spent: InstanceOf[CallCounter] | None = Field(default=None, exclude=True, repr=False)


class Tracker(Protocol):
    """Is told what happens. It must not raise for what the network does."""

    def begin(self, header: Header) -> None:
        """Hear that a study begins or goes on."""
        ...

    def started(self, trial_id: str) -> None:
        """Hear that a trial was started."""
        ...

    def finished(self, record: TrialRecord, spent: CallCounter) -> None:
        """Hear that a trial is finished and stored, and what this process spent so far."""
        ...

    def warned(self, text: str) -> None:
        """Hear of something that needs a look, such as a stall."""
        ...

    def end(self, ending: Ending) -> None:
        """Hear that the work is over for now."""
        ...
