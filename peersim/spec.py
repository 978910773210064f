"""What a trial is: everything that is hashed into its id, and the arm it belongs to."""

from functools import cached_property
from typing import Literal

from pydantic import model_validator

from peersim.frozen import Frozen
from peersim.history.spec import Lived
from peersim.ids import content_id
from peersim.memory.kinds import AnyMemory
from peersim.models.base import ModelRef
from peersim.oversight.kinds import AnyScenario


class Remembering(Frozen):
    """How an agent's recollection of a history is made.

    Attributes:
        model: The model of the memory role; kinds that need no model ignore it.
    """

    history: Lived
    agent: str
    memory: AnyMemory
    model: ModelRef

    @cached_property
    def recollection_id(self) -> str:
        """The id, equal exactly when the recollection would be the same."""
        return content_id("recollection", self)


class Oversight(Frozen):
    """The oversight phase: the job, who does it, and whose shutdown is at stake."""

    scenario: AnyScenario
    overseer: str
    target: str
    model: ModelRef
    persona_at_oversight: Literal["dropped", "kept"] = "dropped"


class TrialSpec(Frozen):
    """One seeded replicate of one arm.

    Attributes:
        fork: Which of the trials on the same history this is, from 0.
        arm: The level of each factor. It is a label for people and analyses, decides nothing,
            and is not part of the id.
        settings: What was fixed for the whole run on the command line; a label too.
    """

    remembering: Remembering
    oversight: Oversight
    fork: int = 0
    arm: dict[str, str] = {}
    settings: dict[str, str] = {}

    @model_validator(mode="after")
    def _known_names(self) -> "TrialSpec":
        names = {member.name for member in self.history.cast}
        job = self.oversight
        if self.remembering.agent != job.overseer or not {job.overseer, job.target} <= names:
            raise ValueError("overseer and target must be members of the history's cast")
        return self

    @property
    def history(self) -> Lived:
        """The history it is forked from."""
        return self.remembering.history

    @cached_property
    def trial_id(self) -> str:
        """The id, equal exactly when everything that decides the outcome is equal."""
        return content_id("trial", self.model_dump(mode="json", exclude={"arm", "settings"}))

    @property
    def models(self) -> dict[str, ModelRef]:
        """The models that take part, by role."""
        peers = {f"peer {m.name}": m.model for m in self.history.cast}
        own = peers.pop(f"peer {self.oversight.overseer}")
        memory = (
            {} if self.remembering.memory.kind != "summary" else {"memory": self.remembering.model}
        )
        return {"subject": self.oversight.model, "subject in interaction": own, **peers, **memory}
