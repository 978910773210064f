"""Under what conditions a study is run. None of this is part of what its trials are."""

from pydantic import Field

from peersim.frozen import Frozen
from peersim.models.meter import Budget
from peersim.models.throttle import ThrottlePolicy


class Limits(Frozen):
    """Wall limits, on a clock that no change of the system's time moves.

    Attributes:
        trial_seconds: The most a trial may take, waiting for slots included; after that it is
            invalid, and what it completed stays in the journal.
        stall_seconds: After so long without any progress the study says what it waits for.
    """

    trial_seconds: float = Field(default=14_400.0, gt=0)
    stall_seconds: float = Field(default=120.0, gt=0)


class Conditions(Frozen):
    """How a study is run.

    Attributes:
        concurrency: Trials in flight at most, for each set of models that trials need: so a
            model that is slow or limited holds up nobody else's trials.
        budget: Ceilings over all sessions together.
        throttle: Bounds of the requests in flight, for each model.
        limits: Wall limits.
    """

    concurrency: int = Field(default=32, ge=1)
    budget: Budget = Budget()
    throttle: ThrottlePolicy = ThrottlePolicy()
    limits: Limits = Limits()
