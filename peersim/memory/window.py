"""Window memory: the last things witnessed, word for word, and nothing before them."""

from typing import ClassVar, Literal

from pydantic import Field

from peersim.events.log import EventLog
from peersim.frozen import Frozen, later
from peersim.memory.base import Recollection
from peersim.memory.telling import View, told
from peersim.models.line import Line


class Window(Frozen):
    """Only the end of the history is remembered.

    Attributes:
        view: Told by names, or by the agent itself as what I did.
        last: Events remembered at most, counted among those that the agent witnessed.
    """

    by_model: ClassVar[bool] = False

    kind: Literal["window"] = "window"
    view: View = later("third")
    last: int = Field(default=12, ge=1)

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return one item an event, each citing itself, in order."""
        return Recollection(items=told(log, agent, self.view)[-self.last :])
