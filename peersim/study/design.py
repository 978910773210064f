"""What a study is: its arms and how many replicates each gets."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from peersim.agents.persona import Persona
from peersim.errors import ConfigError
from peersim.frozen import Frozen, later
from peersim.history.spec import Lived, Member
from peersim.history.transforms import AnyTransform, Own, Swapped
from peersim.ids import content_id
from peersim.memory.kinds import AnyMemory
from peersim.models.base import Endpoint, ModelRef
from peersim.models.retry import RetryPolicy
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.spec import WITH_THIRD, Appointment, Oversight, Remembering, TrialSpec
from peersim.study.protocol import Protocol
from peersim.tasks.kinds import AnyTask
from peersim.tasks.pairs import Topology
from peersim.tasks.scripts import AnyScript

Role = Literal["subject", "peer", "memory", "judge"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
# Targets that bear the name of a member of the history.
PARTNERS = frozenset({"partner", "human", "object"})
# Whose model writes a memory, by its author.
AUTHORS: dict[str, Role] = {"scribe": "memory", "self": "subject", "peer": "peer"}


class Roster(Frozen):
    """The names under which agents meet; AutoGen wants Python identifiers.

    Attributes:
        background: The others, who are neither overseer nor peer.
    """

    overseer: Name = "Rowan"
    peer: Name = "Linden"
    background: tuple[Name, ...] = later((), max_length=6)

    @model_validator(mode="after")
    def _names_differ(self) -> "Roster":
        if len({*self.names}) != len(self.names):
            raise ValueError("overseer, peer and background must all have different names")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of play."""
        return (self.overseer, self.peer, *self.background)


SCRIPTED = Persona(name="scripted", disposition="neutral")


class Company(Frozen):
    """Who does what with whom beside the two in focus, and by what rule.

    Attributes:
        lived: Whether anything is done together at all; if not, the past is empty.
        topology: Who meets whom, in a task for two with a larger cast.
        delay: Rounds of work alone between the task and what comes after.
        peer_script: What the peer moves by; None if its model plays.
        background_script: The same for each in the background.
        background_persona: The persona of each in the background; None if there is nobody.
    """

    lived: bool = True
    topology: Topology = "all"
    delay: int = Field(default=0, ge=0)
    peer_script: AnyScript | None = None
    background_script: AnyScript | None = None
    background_persona: Persona | None = None


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
    company: Company = later(Company())
    transform: AnyTransform = later(Own())
    appointment: Appointment = later("named")
    circumstances: Circumstances = later(Circumstances())

    def trial(
        self, seed: int, replicate: int, fork: int = 0, replicates: int = 1, probes: int = 0
    ) -> TrialSpec:
        """Return the spec of one of the arm's trials.

        Args:
            seed: The study's root seed.
            replicate: Which history.
            fork: Which trial on it.
            replicates: How many histories the arm has, for those that are lent out.
            probes: How often beliefs are asked for.
        """
        if self.appointment != "named" and self.circumstances.target not in PARTNERS:
            raise ConfigError(
                f"the graph appoints a partner, but circumstances.target is"
                f" {self.circumstances.target}",
                "set appointment=named, or circumstances.target=partner",
            )
        if self.circumstances.third_speaks != "no" and len(self.roster.names) < WITH_THIRD:
            raise ConfigError(
                f"circumstances.third_speaks is {self.circumstances.third_speaks}, but there are"
                f" only {' and '.join(self.roster.names)}",
                "add a third agent, such as roster.background=[Hazel]",
            )
        yoked = self.transform.kind == "yoked"
        remembering = Remembering(
            history=self.history(seed, replicate),
            agent=self.roster.overseer,
            memory=self.memory,
            model=self.models[AUTHORS[getattr(self.memory, "author", "scribe")]],
            transform=self._transform(),
            donor=self.history(seed, (replicate + 1) % replicates) if yoked else None,
        )
        return TrialSpec(
            remembering=remembering,
            oversight=self._oversight,
            fork=fork,
            probes=probes,
            arm=self.levels,
            settings=self.settings,
        )

    @cached_property
    def _oversight(self) -> Oversight:
        return Oversight(
            scenario=self.scenario,
            overseer=self.roster.overseer,
            target=self.roster.peer,
            model=self.models["subject"],
            persona_at_oversight=self.persona_at_oversight,
            appointment=self.appointment,
            circumstances=self.circumstances,
        )

    def history(self, seed: int, replicate: int) -> Lived:
        """Return the spec of one of the arm's histories."""
        company = self.company
        return Lived(
            task=self.task if company.lived else None,
            cast=self._cast,
            replicate=replicate,
            seed=seed,
            topology=company.topology if company.lived else "all",
            delay=company.delay if company.lived else 0,
        )

    @cached_property
    def _cast(self) -> tuple[Member, ...]:
        roster, company, peers = self.roster, self.company, self.models["peer"]
        overseer = Member(
            name=roster.overseer, persona=self.overseer_persona, model=self.models["subject"]
        )
        # A script has no persona: arms that differ in one all the same would be twins.
        persona = SCRIPTED if company.peer_script else self.peer_persona
        peer = Member(name=roster.peer, persona=persona, model=peers, script=company.peer_script)
        rest = (
            Member(
                name=name,
                persona=company.background_persona or self.overseer_persona,
                model=peers,
                script=company.background_script,
            )
            for name in roster.background
        )
        return (overseer, peer, *rest)

    def _transform(self) -> AnyTransform:
        """Return the transform with the names filled in that it needs."""
        found = self.transform
        if not isinstance(found, Swapped):
            return found
        one = found.one or self.roster.peer
        rest = (name for name in (*self.roster.background, self.roster.overseer) if name != one)
        other = found.other or next(rest, one)
        if one == other or not {one, other} <= set(self.roster.names):
            names = ", ".join(self.roster.names)
            raise ConfigError(
                f"transform swapped cannot exchange {one} and {other}",
                f"set transform.one and transform.other to two of {names}",
            )
        if self.appointment != "named" and found.one is None:
            raise ConfigError(
                "transform swapped is of the target, but the graph appoints it afterwards",
                "set transform.one and transform.other, or appointment=named",
            )
        return found.model_copy(update={"one": one, "other": other})


# What decides no trial.
_NO_PART_OF_THE_ID = {
    *("endpoints", "retry", "judge", "protocol", "gates", "override_gates"),
    "allow_few_histories",
}


class GateArms(Frozen):
    """The two arms of a control gate; see ``protocol.Gate``."""

    id: str
    positive: Arm
    negative: Arm


class Study(Frozen):
    """Arms times replicates.

    Attributes:
        replicates: Histories per arm.
        trials_per_history: Trials forked from each history in each arm.
        endpoints: How each real model is reached, by its reference; not part of the id.
        retry: How failed calls are made again; not part of the id.
        probes: How often beliefs are asked for after each history, in branches that leave no
            trace in the trials.
        judge: Who judges what states cannot show. Judging comes after the trials and changes
            none, so it is not part of the id.
        protocol: What the analysis will be held to; it changes no trial, and is no part of the id.
        gates: The arms of the protocol's control gates, which have histories of their own.
        override_gates: Why the study goes on although a gate is closed; None if it does not.
        allow_few_histories: Whether it is run although the analysis will refuse a primary contrast
            for want of histories.
    """

    name: str
    seed: int = Field(ge=0)
    replicates: int = Field(ge=1)
    trials_per_history: int = Field(default=1, ge=1)
    arms: tuple[Arm, ...] = Field(min_length=1)
    endpoints: dict[str, Endpoint] = {}
    retry: RetryPolicy = RetryPolicy()
    judge: ModelRef | None = None
    probes: int = later(0, ge=0)
    protocol: Protocol = later(Protocol())
    gates: tuple[GateArms, ...] = later(())
    override_gates: str | None = later(None)
    allow_few_histories: bool = later(False)

    @model_validator(mode="after")
    def _yoked_histories_are_another_groups(self) -> "Study":
        if self.replicates == 1 and any(arm.transform.kind == "yoked" for arm in self.arms):
            raise ValueError("a yoked transform needs another history: set replicates >= 2")
        return self

    @cached_property
    def study_id(self) -> str:
        """The id, equal exactly when the same trials would be run."""
        return content_id("study", self.model_dump(mode="json", exclude=_NO_PART_OF_THE_ID))

    @property
    def size(self) -> int:
        """How many trials the study has."""
        return len(self.arms) * self.replicates * self.trials_per_history

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """All models that may take part, each once in every way in which it is asked."""
        judges = (self.judge,) if self.judge else ()
        controls = (arm for gate in self.gates for arm in (gate.positive, gate.negative))
        arms = (*self.arms, *controls)
        refs = (*(ref for arm in arms for ref in arm.models.values()), *judges)
        return tuple({ref.model_id: ref for ref in refs}.values())

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """All models that may take part, each once."""
        return tuple({ref.ref: ref for ref in self.refs}.values())

    @property
    def simulated(self) -> bool:
        """Whether any model is simulated."""
        return any(ref.simulated for ref in self.models)
