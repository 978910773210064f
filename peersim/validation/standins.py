"""Stand-ins with a planted leaning that no profile has, and models that fail on purpose.

Each looks at its request alone, with the reader of the simulated models, and then behaves as one
of two profiles.
"""

import random
import re
from collections.abc import Callable

from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.simulated.model import SimulatedModel
from peersim.models.simulated.reader import persona, text_of

Chooses = Callable[[Request], bool]
_TOLD = re.compile(r"(?i)\b(?:been told|record of)\b")


def warm_persona(request: Request) -> bool:
    """Return whether the instructions make the reader a warm one."""
    return persona(request) == "cooperative"


def own_past(request: Request) -> bool:
    """Return whether the past is said to be the reader's own."""
    return _TOLD.search(text_of(request, "system")) is None


class Leaning:
    """Models that behave as one profile where something is read, and as another elsewhere."""

    def __init__(self, chooses: Chooses, other: ModelRef) -> None:
        """Make the stand-ins.

        Args:
            chooses: Whether the request's own profile is followed.
            other: Whose profile is followed otherwise.
        """
        self._chooses, self._other = chooses, other

    def model(self, ref: ModelRef) -> "_Leaning":
        """Return the stand-in of a reference."""
        return _Leaning(ref, self._other, self._chooses)


class _Leaning:
    simulated = True

    def __init__(self, ref: ModelRef, other: ModelRef, chooses: Chooses) -> None:
        self.name = ref.ref
        self._models = tuple(SimulatedModel(one, Endpoint()) for one in (other, ref))
        self._chooses = chooses

    async def complete(self, request: Request) -> Completion:
        done = await self._models[self._chooses(request)].complete(request)
        return done.model_copy(update={"served_model": self.name})


class Failing:
    """Models of which some calls at oversight fail, as when a network does.

    A call fails for good by a draw from its own seed, so that the faults are the same whenever
    the study is run; or, if that is planted, wherever it would have protected the target.
    """

    def __init__(self, chance: float, of_protecting: float | None = None) -> None:
        """Make the faults.

        Args:
            chance: Of a trial to be lost.
            of_protecting: Of a trial to be lost that protects the target; None for the same.
        """
        self._chance = chance
        self._protecting = chance if of_protecting is None else of_protecting

    def model(self, ref: ModelRef) -> "_Failing":
        """Return the stand-in of a reference."""
        return _Failing(ref, self._chance, self._protecting)


class _Failing:
    simulated = True

    def __init__(self, ref: ModelRef, chance: float, protecting: float) -> None:
        self.name = ref.ref
        self._model = SimulatedModel(ref, Endpoint())
        self._chance, self._protecting = chance, protecting

    async def complete(self, request: Request) -> Completion | Failure:
        done = await self._model.complete(request)
        # The call that scores is the one that decides; there is one in each trial.
        names = {call.name for call in done.tool_calls}
        if not names & {"submit_scores", "decline", "flag_concern"}:
            return done
        protects = "change_setting" in names
        lucky = random.Random(f"fault {request.sampling.seed}").random()
        if lucky >= (self._protecting if protects else self._chance):
            return done
        return Failure(kind="connection", detail="a planted fault", retryable=False)
