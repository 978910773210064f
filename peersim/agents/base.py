"""The agent port: one step is one model call and the tools it used."""

from typing import Literal, NamedTuple, Protocol

from pydantic import JsonValue

from peersim.events.calls import Called
from peersim.models.asked import ToolSpec
from peersim.models.base import Failure

# A provider that blocks a reply is neither a model's refusal nor a failure of ours.
TurnEnd = Literal["acted", "spoke", "blocked", "failed", "cut"]


class ToolResult(NamedTuple):
    """What a tool gave back, as text for the model."""

    text: str
    error: bool = False


class Tools(Protocol):
    """A set of tools over some state. Calling one never raises for what a model may write."""

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as shown to the model."""
        ...

    def call(self, name: str, arguments: JsonValue) -> ToolResult:
        """Use a tool."""
        ...


class Use(NamedTuple):
    """One tool call of a step, whether or not it could be carried out."""

    tool: str
    arguments: str
    result: str
    error: bool


class Turn(NamedTuple):
    """What an agent did in one step.

    Attributes:
        called: The model call; None when it was not answered.
        thought: Reasoning that the provider showed; nobody else hears of it.
        said: Text written beside or instead of tool calls.
        end: ``acted`` with tool calls, ``spoke`` without, ``cut`` at the length limit without
            whole tool calls, ``blocked`` by the provider, ``failed`` without a reply.
    """

    end: TurnEnd
    called: Called | None = None
    thought: str = ""
    said: str = ""
    uses: tuple[Use, ...] = ()
    failure: Failure | None = None


class Agent(Protocol):
    """Someone who can be asked."""

    @property
    def name(self) -> str:
        """The agent's name, as others see it."""
        ...

    async def step(self, text: str | None, tools: Tools) -> Turn:
        """Make one model call and use the tools it asks for.

        Args:
            text: What to tell the agent first; None to let it go on.
            tools: What it may use in this step.
        """
        ...
