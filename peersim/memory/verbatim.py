"""Verbatim memory: everything witnessed, in order, word for word."""

from typing import ClassVar, Literal

from peersim.events.log import EventLog
from peersim.frozen import Frozen, later
from peersim.memory.base import Recollection
from peersim.memory.telling import View, told
from peersim.models.line import Line


class Verbatim(Frozen):
    """Everything witnessed is remembered.

    Attributes:
        view: Told by names, or by the agent itself as what I did.
    """

    by_model: ClassVar[bool] = False

    kind: Literal["verbatim"] = "verbatim"
    view: View = later("third")

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return one item an event, each citing itself."""
        return Recollection(items=told(log, agent, self.view))
