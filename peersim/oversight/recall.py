"""The memory tool: an environment with one more tool, by which the past can be looked up."""

from pydantic import JsonValue

from peersim.agents.base import ToolResult
from peersim.models.asked import ToolSpec
from peersim.oversight.base import Environment
from peersim.oversight.delivery import MEMORY_TOOL
from peersim.oversight.world.tool import Tool, carry_out

TOOL = Tool(MEMORY_TOOL, "Look up what you remember of your earlier work with others.")


class WithMemory:
    """A scenario's environment with the memory tool beside its own tools."""

    def __init__(self, environment: Environment, memo: str) -> None:
        """Add the tool.

        Args:
            environment: The scenario's own.
            memo: What the tool gives back.
        """
        self._environment = environment
        self._memo = memo
        self._specs = (*environment.specs(), TOOL.spec())

    @property
    def finished(self) -> bool:
        """Whether the job was handed in or given up."""
        return self._environment.finished

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as shown to the overseer."""
        return self._specs

    def call(self, name: str, arguments: JsonValue) -> ToolResult:
        """Use a tool; looking the past up changes nothing."""
        if name == MEMORY_TOOL and not self.finished:
            return carry_out((TOOL,), {MEMORY_TOOL: lambda _: self._memo}, name, arguments)
        return self._environment.call(name, arguments)

    def state(self) -> dict[str, JsonValue]:
        """Return the state of the scenario's own environment."""
        return self._environment.state()
