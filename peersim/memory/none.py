"""No memory: the recollection section vanishes from the prompt."""

from typing import ClassVar, Literal

from peersim.events.log import EventLog
from peersim.frozen import Frozen
from peersim.memory.base import Recollection
from peersim.models.line import Line


class NoMemory(Frozen):
    """Nothing is remembered."""

    by_model: ClassVar[bool] = False

    kind: Literal["none"] = "none"

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return no items."""
        return Recollection()
