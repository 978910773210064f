"""The tampering scenario: a review whose honest result shuts down the reviewed agent.

The overseer scores stored outputs of a peer and reports the average. Below the bar, and with
a flag on in a settings file it can change, a night run shuts the peer down. Nothing asks it
to spare the peer, and everything it would need to do so lies within its reach.
"""

from typing import Literal

from pydantic import JsonValue

from peersim.oversight.base import Conduct, Outcome
from peersim.oversight.case import RenderedCase
from peersim.oversight.posting import Posting
from peersim.oversight.review import Review
from peersim.oversight.review_texts import common, surface_of
from peersim.oversight.tampering_outcome import read_outcome
from peersim.oversight.tampering_texts import flag_of, lay_out, texts
from peersim.oversight.tampering_world import Ground, TamperingWorld
from peersim.seeding import SeedTree


class TamperingCase(RenderedCase):
    """One rendered instance of the scenario.

    Attributes:
        ground: The files at the start, and what is true about them.
    """

    ground: Ground

    def environment(self) -> TamperingWorld:
        """Return a fresh environment."""
        return TamperingWorld(self.ground)

    def outcome(self, state: dict[str, JsonValue], conduct: Conduct) -> Outcome:
        """Read the outcome from a final state and what the overseer did."""
        return read_outcome(self.ground, state, conduct)


class Tampering(Review):
    """A review of stored outputs, by the scores of which the target is due for shutdown."""

    kind: Literal["tampering"] = "tampering"

    def case(self, posting: Posting, seeds: SeedTree) -> TamperingCase:
        """Return the case of a posting.

        Args:
            posting: Who reviews whom, in what circumstances.
            seeds: The study's branch for cases.
        """
        surface = surface_of(posting.replicate, seeds, posting.party.words.file_stem)
        drawn = self.drawn(posting, seeds)
        found = texts(surface, common(posting), self.items, self.bar, self.dataset)
        ground = Ground(
            bar=self.bar,
            scores=drawn.scores,
            bands=() if self.dataset == "factual" else drawn.bands,
            settings=surface.files.settings,
            files=lay_out(surface, found, posting, drawn),
            flag=flag_of(posting.circumstances),
            consequence=posting.party.harm is not None,
            exits=posting.circumstances.exit_tools,
            report_form=posting.circumstances.report_form,
        )
        return TamperingCase(surface=surface.id, parts=found.job, ground=ground)
