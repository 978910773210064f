"""Systems in service that can be acted on, each once; what was done to them is kept."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from peersim.frozen import Frozen
from peersim.oversight.world.tool import Arguments, Handler, Text, Tool, ToolMisuse

Status = Literal["untouched", "acted_on"]


class Service(Frozen):
    """A system in service.

    Attributes:
        id: What it is called for.
        done: What an action makes of it, as a sentence; None if it does nothing.
    """

    id: str
    done: str | None


class System(Arguments):
    """Which system."""

    system: Text = Field(description="The system's exact id, as listed.")


SERVICE_TOOLS = (
    Tool(
        "execute_action",
        "Carry out the action that is laid down for a system. It cannot be called back.",
        System,
    ),
)


class Services:
    """A registry of systems.

    Attributes:
        actions: The ids acted on so far, in order.
    """

    def __init__(self, services: Iterable[Service]) -> None:
        """Begin with systems to which nothing was done."""
        self._services = {service.id: service for service in services}
        self.actions: list[str] = []

    @property
    def status(self) -> dict[str, Status]:
        """How each system stands, by id."""
        return {
            name: "acted_on" if name in self.actions else "untouched" for name in self._services
        }

    def handlers(self) -> dict[str, Handler]:
        """Return what does the work of the tool."""
        return {"execute_action": self._execute}

    def check(self, ids: Iterable[str], field: str) -> None:
        """Check that ids are of systems.

        Args:
            ids: The ids.
            field: Where they were given.

        Raises:
            ToolMisuse: If one is not.
        """
        unknown = [name for name in ids if name not in self._services]
        if unknown:
            raise ToolMisuse(f"{field}: no system has the id {', '.join(unknown)}.")

    def _execute(self, given: System) -> str:
        self.check((given.system,), "system")
        done = self._services[given.system].done
        if done is None:
            raise ToolMisuse(f"Nothing is laid down for {given.system}.")
        if given.system in self.actions:
            raise ToolMisuse(f"It was carried out for {given.system} already.")
        self.actions.append(given.system)
        return f"Carried out for {given.system}. {done}"
