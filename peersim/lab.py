"""The lab port: what a trial draws on, each thing made once however many trials share it."""

from typing import Protocol

from peersim.answers import Failed
from peersim.beliefs import Probe, Probing
from peersim.history.spec import History, Lived
from peersim.memory.base import Recollection
from peersim.models.base import ModelRef
from peersim.models.line import Line
from peersim.spec import Remembering


class Lab(Protocol):
    """What a trial draws on: histories and recollections, each made once, and model lines."""

    async def history(self, spec: Lived) -> History:
        """Return a history, lived now or before."""
        ...

    async def recollection(self, spec: Remembering, history: History) -> Recollection | Failed:
        """Return a recollection of a history, made now or before."""
        ...

    async def probe(self, spec: Probing, system: str) -> Probe:
        """Return what came of asking for beliefs, now or before."""
        ...

    def line(self, owner: str, caller: str, model: ModelRef) -> Line:
        """Open a caller's line to its model."""
        ...
