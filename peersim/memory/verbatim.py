"""Verbatim memory: everything witnessed, in order, word for word."""

from typing import Literal

from peersim.events.log import EventLog
from peersim.frozen import Frozen
from peersim.memory.base import Recollection
from peersim.memory.telling import told
from peersim.models.line import Line


class Verbatim(Frozen):
    """Everything witnessed is remembered."""

    kind: Literal["verbatim"] = "verbatim"

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return one item an event, each citing itself."""
        return Recollection(items=told(log, agent))
