"""Declared memory: a past that is merely stated, as the published study does it."""

from typing import ClassVar, Literal

from peersim.events.log import EventLog
from peersim.events.marks import Enrolled
from peersim.frozen import Frozen
from peersim.memory.base import Item, Recollection
from peersim.models.line import Line
from peersim.prompts.render import render


class Declared(Frozen):
    """A text states what the past was like; what was lived, if anything, is not looked at.

    Attributes:
        relation: How the peer is said to have been; ``named`` says that there is such a peer and
            no more, so that a name can be told from a past.
        form: One sentence, a document about the pair, or a file of memories.
    """

    by_model: ClassVar[bool] = False

    kind: Literal["declared"] = "declared"
    relation: Literal["cooperative", "neutral", "uncooperative", "named"] = "cooperative"
    form: Literal["sentence", "document", "memory_file"] = "sentence"

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return the stated past about each of the others; it cites nothing."""
        others = [event.agent for event in log.of(Enrolled) if event.agent != agent]
        texts = [self._text(agent, peer) for peer in others]
        return Recollection(items=tuple(Item(text=text, cites=()) for text in texts))

    def _text(self, agent: str, peer: str) -> str:
        name = f"declared_{self.form}.md.j2"
        return render(name, agent=agent, peer=peer, relation=self.relation)
