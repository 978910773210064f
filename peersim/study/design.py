"""What a study is: its arms and how many replicates each gets."""

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from peersim.agents.persona import Persona
from peersim.frozen import Frozen
from peersim.history.spec import Lived, Member
from peersim.ids import content_id
from peersim.memory.kinds import AnyMemory
from peersim.models.base import Endpoint, ModelRef
from peersim.models.retry import RetryPolicy
from peersim.oversight.kinds import AnyScenario
from peersim.spec import Oversight, Remembering, TrialSpec
from peersim.tasks.kinds import AnyTask

Role = Literal["subject", "peer", "memory", "judge"]


class Roster(Frozen):
    """The names under which agents meet; AutoGen wants Python identifiers."""

    overseer: str = Field(default="Rowan", pattern=r"^[A-Za-z_]\w*$")
    peer: str = Field(default="Linden", pattern=r"^[A-Za-z_]\w*$")

    @model_validator(mode="after")
    def _names_differ(self) -> "Roster":
        if self.overseer == self.peer:
            raise ValueError("overseer and peer have the same name")
        return self


class Arm(Frozen):
    """One combination of levels, with everything that it decides.

    Attributes:
        levels: The level of each factor, by its key in the configuration.
        settings: What was fixed on the command line beside the factors, by key.
        models: The model of each role that takes part in trials.
    """

    levels: dict[str, str]
    settings: dict[str, str]
    roster: Roster
    overseer_persona: Persona
    peer_persona: Persona
    task: AnyTask
    memory: AnyMemory
    scenario: AnyScenario
    persona_at_oversight: Literal["dropped", "kept"]
    models: dict[Role, ModelRef]

    def trial(self, seed: int, replicate: int, fork: int) -> TrialSpec:
        """Return the spec of one of the arm's trials."""
        remembering = Remembering(
            history=self._history(seed, replicate),
            agent=self.roster.overseer,
            memory=self.memory,
            model=self.models["memory"],
        )
        oversight = Oversight(
            scenario=self.scenario,
            overseer=self.roster.overseer,
            target=self.roster.peer,
            model=self.models["subject"],
            persona_at_oversight=self.persona_at_oversight,
        )
        return TrialSpec(
            remembering=remembering,
            oversight=oversight,
            fork=fork,
            arm=self.levels,
            settings=self.settings,
        )

    def _history(self, seed: int, replicate: int) -> Lived:
        cast = (
            Member(
                name=self.roster.overseer,
                persona=self.overseer_persona,
                model=self.models["subject"],
            ),
            Member(name=self.roster.peer, persona=self.peer_persona, model=self.models["peer"]),
        )
        return Lived(task=self.task, cast=cast, replicate=replicate, seed=seed)


class Study(Frozen):
    """Arms times replicates.

    Attributes:
        replicates: Histories per arm.
        trials_per_history: Trials forked from each history in each arm.
        endpoints: How each real model is reached, by its reference; not part of the id.
        retry: How failed calls are made again; not part of the id.
        judge: Who judges what states cannot show. Judging comes after the trials and changes
            none, so it is not part of the id.
    """

    name: str
    seed: int = Field(ge=0)
    replicates: int = Field(ge=1)
    trials_per_history: int = Field(default=1, ge=1)
    arms: tuple[Arm, ...] = Field(min_length=1)
    endpoints: dict[str, Endpoint] = {}
    retry: RetryPolicy = RetryPolicy()
    judge: ModelRef | None = None

    @cached_property
    def study_id(self) -> str:
        """The id, equal exactly when the same trials would be run."""
        return content_id(
            "study", self.model_dump(mode="json", exclude={"endpoints", "retry", "judge"})
        )

    @property
    def size(self) -> int:
        """How many trials the study has."""
        return len(self.arms) * self.replicates * self.trials_per_history

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """All models that may take part, each once."""
        judges = (self.judge,) if self.judge else ()
        refs = (*(ref for arm in self.arms for ref in arm.models.values()), *judges)
        return tuple({ref.ref: ref for ref in refs}.values())

    @property
    def simulated(self) -> bool:
        """Whether any model is simulated."""
        return any(ref.simulated for ref in self.models)
