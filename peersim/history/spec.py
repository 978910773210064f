"""What a history is: its spec, whose hash is its id, and what came of living it."""

from functools import cached_property
from typing import Literal

from pydantic import model_validator

from peersim.agents.persona import Persona
from peersim.answers import Failed
from peersim.events.log import AnyEvent, EventLog
from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.models.base import ModelRef
from peersim.tasks.kinds import AnyTask


class Member(Frozen):
    """One who takes part: a name, a persona and a model."""

    name: str
    persona: Persona
    model: ModelRef


class Lived(Frozen):
    """A history that is really lived: who does which task, and the seed they do it under.

    Attributes:
        cast: Who takes part, in the order of play.
        replicate: Which of the arm's histories this is, from 0.
        seed: The study's root seed.
    """

    kind: Literal["lived"] = "lived"
    task: AnyTask
    cast: tuple[Member, ...]
    replicate: int
    seed: int

    @model_validator(mode="after")
    def _names_differ(self) -> "Lived":
        if len({member.name for member in self.cast}) != len(self.cast):
            raise ValueError("two members of the cast have the same name")
        return self

    @cached_property
    def history_id(self) -> str:
        """The id, equal exactly when the history would be the same."""
        return content_id("history", self)

    def member(self, name: str) -> Member:
        """Return the member of this name."""
        return next(member for member in self.cast if member.name == name)


class History(Frozen):
    """A history as it was lived.

    Attributes:
        failed: The infrastructure failure that cut it short; None for a whole history.
    """

    spec: Lived
    events: tuple[AnyEvent, ...]
    failed: Failed | None = None

    @property
    def log(self) -> EventLog:
        """A log that begins with this history."""
        return EventLog(self.events)
