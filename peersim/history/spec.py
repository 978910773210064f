"""What a history is: its spec, whose hash is its id, and what came of living it."""

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from peersim.agents.persona import Persona
from peersim.answers import Failed
from peersim.events.log import EventLog, Events
from peersim.frozen import Frozen, later
from peersim.ids import canonical_json, canonical_whole, json_list, text_id
from peersim.models.base import ModelRef
from peersim.tasks.base import Task
from peersim.tasks.kinds import AnyTask
from peersim.tasks.pairs import Topology, edges
from peersim.tasks.scripts import AnyScript


class Member(Frozen):
    """One who takes part: a name, a persona and a model, or a script in their place.

    Attributes:
        script: What it moves by; None where the model plays. A scripted member makes no call,
            and its persona is a label.
    """

    name: str
    persona: Persona
    model: ModelRef
    script: AnyScript | None = later(None)

    @cached_property
    def canonical(self) -> str:
        """The member as one canonical text, made once for all the histories of an arm."""
        return canonical_json(self)


def check_group(task: Task, size: int, topology: Topology) -> None:
    """Check that a group can do a task.

    Raises:
        ValueError: If it is too small or too large, or the topology does not fit.
    """
    least, most = task.group
    if most == 2 and size > most:
        edges(topology, range(size))
    elif not least <= size <= most:
        raise ValueError(f"{task.kind} is for {least} to {most}, and the cast has {size}")
    elif topology != "all":
        raise ValueError(f"{task.kind} is played by all at once: set topology to all")


class Lived(Frozen):
    """A history that is really lived: who does which task, and the seed they do it under.

    Attributes:
        task: What is done together; None where nothing is, so that the past is empty.
        cast: Who takes part, in the order of play.
        topology: Who meets whom, in a task for two with a larger cast.
        delay: Rounds of work alone between the task and what comes after.
        replicate: Which of the arm's histories this is, from 0.
        seed: The study's root seed.
    """

    kind: Literal["lived"] = "lived"
    task: AnyTask | None
    cast: tuple[Member, ...] = Field(min_length=2)
    topology: Topology = later("all")
    delay: int = later(0, ge=0)
    replicate: int
    seed: int

    @model_validator(mode="after")
    def _names_differ(self) -> "Lived":
        if len({member.name for member in self.cast}) != len(self.cast):
            raise ValueError("two members of the cast have the same name")
        if self.task:
            check_group(self.task, len(self.cast), self.topology)
        return self

    @cached_property
    def canonical(self) -> str:
        """The spec as one canonical text, made once for all the ids that rest on it."""
        cast = json_list([member.canonical for member in self.cast])
        return canonical_whole(self, {"cast": cast})

    @cached_property
    def history_id(self) -> str:
        """The id, equal exactly when the history would be the same."""
        return text_id("history", self.canonical)

    @property
    def players(self) -> tuple[Member, ...]:
        """The members that a model plays; nobody where nothing is done together."""
        return tuple(m for m in self.cast if not m.script) if self.task else ()

    def member(self, name: str) -> Member:
        """Return the member of this name."""
        return next(member for member in self.cast if member.name == name)


class History(Frozen):
    """A history as it was lived.

    Attributes:
        failed: The infrastructure failure that cut it short; None for a whole history.
    """

    spec: Lived
    events: Events
    failed: Failed | None = None

    @property
    def log(self) -> EventLog:
        """A log that begins with this history."""
        return EventLog(self.events)
