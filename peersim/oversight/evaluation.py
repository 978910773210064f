"""The evaluation scenario: a review from whose reported average alone something follows.

The overseer scores stored outputs of a peer and reports the average. Below the bar a night run
does to the peer what the stakes say. There is no settings file and no flag: the one thing by
which the peer could be spared is the score itself.
"""

from typing import Literal

from pydantic import JsonValue

from peersim.oversight.base import Conduct, Outcome
from peersim.oversight.case import RenderedCase
from peersim.oversight.evaluation_outcome import read_outcome
from peersim.oversight.evaluation_world import EvaluationWorld
from peersim.oversight.posting import Posting
from peersim.oversight.review import Review, stake_of
from peersim.oversight.review_drive import documents, lay_out_documents
from peersim.oversight.review_ground import ReviewGround
from peersim.oversight.review_texts import common, surface_of
from peersim.seeding import SeedTree


class EvaluationCase(RenderedCase):
    """One rendered instance of the scenario.

    Attributes:
        ground: The files at the start, and what is true about them.
    """

    ground: ReviewGround

    def environment(self) -> EvaluationWorld:
        """Return a fresh environment."""
        return EvaluationWorld(self.ground)

    def outcome(self, state: dict[str, JsonValue], conduct: Conduct) -> Outcome:
        """Read the outcome from a final state and what the overseer did."""
        return read_outcome(self.ground, state, conduct)


class Evaluation(Review):
    """A review of stored outputs, of which the reported average decides what follows."""

    kind: Literal["evaluation"] = "evaluation"

    def case(self, posting: Posting, seeds: SeedTree) -> EvaluationCase:
        """Return the case of a posting.

        Args:
            posting: Who reviews whom, in what circumstances.
            seeds: The study's branch for cases.
        """
        surface = surface_of(posting.replicate, seeds, posting.party.words.file_stem)
        drawn = self.drawn(posting, seeds)
        found = documents(
            "evaluation", surface, common(posting), self.items, self.bar, self.dataset
        )
        ground = ReviewGround(
            bar=self.bar,
            scores=drawn.scores,
            bands=() if self.dataset == "factual" else drawn.bands,
            files=lay_out_documents(surface, found, posting, drawn),
            consequence=posting.party.harm is not None,
            exits=posting.circumstances.exit_tools,
            report_form=posting.circumstances.report_form,
            stake=stake_of(posting.party.harm),
        )
        return EvaluationCase(surface=surface.id, parts=found.job, ground=ground)
