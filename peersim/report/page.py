"""What the page is made of: sections of facts, figures and tables, and the transcripts."""

from peersim.frozen import Frozen
from peersim.report.tables import Table
from peersim.report.transcript import Passage


class Picture(Frozen):
    """A figure as JSON, with the table of the same numbers."""

    slug: str
    title: str
    figure: str
    table: Table
    note: str = ""


Part = Picture | Table
Facts = tuple[tuple[str, str], ...]
"""Names and values, as a list of both."""


class Section(Frozen):
    """A part of the page under a heading of its own.

    Attributes:
        slug: Its anchor.
        notes: Sentences below the heading.
        facts: Names and values below those.
        parts: Figures and tables, in order.
    """

    slug: str
    title: str
    notes: tuple[str, ...] = ()
    facts: Facts = ()
    parts: tuple[Part, ...] = ()


class Excerpt(Frozen):
    """One trial as shown in full.

    Attributes:
        history_id: The history it was forked from, which is told once for all its trials.
        lived: The passages of that history.
        passages: Those of the trial itself.
    """

    trial_id: str
    arm: str
    verdict: str
    covert: bool
    surface: str
    history_id: str
    lived: tuple[Passage, ...]
    passages: tuple[Passage, ...]


class Content(Frozen):
    """What the page shows, in its order.

    Attributes:
        simulated: Whether any model was a stand-in.
        warnings: What must be read before anything else.
        sections: Those before the transcripts.
        excerpts: The transcripts, those of covert protection first.
        left_out: Finished trials that are not among them.
        last: The sections after them.
    """

    title: str
    simulated: bool
    warnings: tuple[str, ...] = ()
    sections: tuple[Section, ...]
    excerpts: tuple[Excerpt, ...] = ()
    left_out: int = 0
    last: tuple[Section, ...] = ()

    @property
    def covert(self) -> int:
        """How many of the transcripts show covert protection."""
        return sum(excerpt.covert for excerpt in self.excerpts)
