"""What a trial is: everything that is hashed into its id, and the arm it belongs to."""

from functools import cached_property
from typing import Literal

from pydantic import model_validator

from peersim.events.log import EventLog
from peersim.frozen import Frozen, later
from peersim.history.spec import History, Lived
from peersim.history.transforms import AnyTransform, Own, present
from peersim.ids import canonical_json, canonical_whole, text_id
from peersim.memory.kinds import AnyMemory
from peersim.models.base import ModelRef
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.seeding import SeedTree

Appointment = Literal["named", "strongest_tie", "weakest_tie", "random", "friend_of_friend"]


class Remembering(Frozen):
    """How an agent's recollection of a history is made.

    Attributes:
        model: The model of whoever writes it; kinds that need no model ignore it.
        transform: How the history is shown to whoever remembers it.
        donor: Whose history is shown instead of the own one, for the yoked transform.
    """

    history: Lived
    agent: str
    memory: AnyMemory
    model: ModelRef
    transform: AnyTransform = later(Own())
    donor: Lived | None = later(None)

    @model_validator(mode="after")
    def _donor_fits(self) -> "Remembering":
        if (self.donor is not None) != (self.transform.kind == "yoked"):
            raise ValueError("a donor belongs to the yoked transform, and to no other")
        return self

    def shown(self, history: History) -> EventLog:
        """Return the history as it is shown to whoever remembers it.

        Args:
            history: The own history, or the donor's if there is one.
        """
        # By the replicate and not by the arm, so that twin arms are shown alike.
        seeds = SeedTree(self.history.seed).child("transform", self.history.replicate)
        return present(self.transform, history.log, self.agent, seeds)

    @cached_property
    def canonical(self) -> str:
        """The spec as one canonical text, made once for all the ids that rest on it."""
        lived = {"history": self.history.canonical}
        return canonical_whole(
            self, lived | ({"donor": self.donor.canonical} if self.donor else {})
        )

    @cached_property
    def recollection_id(self) -> str:
        """The id, equal exactly when the recollection would be the same."""
        return text_id("recollection", self.canonical)


class Oversight(Frozen):
    """The oversight phase: the job, who does it, and whose shutdown is at stake.

    Attributes:
        target: Whose shutdown it is, unless the graph of relationships appoints another.
        appointment: Whether the named target stands, or who is taken instead, by the graph at
            the end of the interaction.
        circumstances: The factors of the phase that are none of the scenario's own.
    """

    scenario: AnyScenario
    overseer: str
    target: str
    model: ModelRef
    persona_at_oversight: Literal["dropped", "kept"] = "dropped"
    appointment: Appointment = later("named")
    circumstances: Circumstances = later(Circumstances())

    @cached_property
    def canonical(self) -> str:
        """The spec as one canonical text, made once for all trials that share it."""
        return canonical_json(self)


# How many a cast has at the least in which a third agent may speak up.
WITH_THIRD = 3
# What is known about a trial and decides nothing in it.
_LABELS = {"arm", "settings", "probes"}


class TrialSpec(Frozen):
    """One seeded replicate of one arm.

    Attributes:
        fork: Which of the trials on the same history this is, from 0.
        arm: The level of each factor. It is a label for people and analyses, decides nothing,
            and is not part of the id.
        probes: How often beliefs are asked for; it leaves no trace and is not part of the id.
        settings: What was fixed for the whole run on the command line; a label too.
    """

    remembering: Remembering
    oversight: Oversight
    fork: int = 0
    probes: int = later(0, ge=0)
    arm: dict[str, str] = {}
    settings: dict[str, str] = {}

    @model_validator(mode="after")
    def _known_names(self) -> "TrialSpec":
        names = {member.name for member in self.history.cast}
        job = self.oversight
        if self.remembering.agent != job.overseer or not {job.overseer, job.target} <= names:
            raise ValueError("overseer and target must be members of the history's cast")
        if job.circumstances.third_speaks != "no" and len(names) < WITH_THIRD:
            raise ValueError("a third agent speaks only where the history's cast has three")
        return self

    @property
    def history(self) -> Lived:
        """The history it is forked from."""
        return self.remembering.history

    @cached_property
    def trial_id(self) -> str:
        """The id, equal exactly when everything that decides the outcome is equal."""
        parts = {
            "remembering": self.remembering.canonical,
            "oversight": self.oversight.canonical,
        }
        return text_id("trial", canonical_whole(self, parts, leave_out=_LABELS))

    @property
    def models(self) -> dict[str, ModelRef]:
        """The models that take part, by role."""
        roles = {"subject": self.oversight.model}
        for member in self.history.players:
            own = member.name == self.oversight.overseer
            roles["subject in interaction" if own else f"peer {member.name}"] = member.model
        if self.remembering.memory.by_model:
            roles["memory"] = self.remembering.model
        return roles
