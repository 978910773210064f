"""AutoGen's workbench over our tools; the tools on it are changed from step to step."""

import json
from collections.abc import Mapping
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import FunctionExecutionResult
from autogen_core.tools import TextResultContent, ToolResult, ToolSchema, Workbench
from pydantic import BaseModel, JsonValue

from peersim.agents.base import ToolResult as Result
from peersim.agents.base import Tools
from peersim.models.asked import ToolSpec


class Bench(Workbench):
    """A workbench that shows and calls whatever tools lie on it."""

    def __init__(self) -> None:
        """Start empty."""
        self._tools: Tools | None = None
        self.specs: tuple[ToolSpec, ...] = ()

    def lay(self, tools: Tools) -> None:
        """Put other tools on the bench."""
        self._tools = tools
        self.specs = tools.specs()

    async def list_tools(self) -> list[ToolSchema]:
        """Return the tools as AutoGen shows them."""
        return [_schema(spec) for spec in self.specs]

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        """Call a tool that lies on the bench."""
        result = self._use(name, None if arguments is None else dict(arguments))
        return ToolResult(
            name=name, result=[TextResultContent(content=result.text)], is_error=result.error
        )

    def carry_out(self, call: FunctionCall) -> FunctionExecutionResult:
        """Carry out a model's call; what no tool can take is answered as AutoGen answers it."""
        try:
            arguments = json.loads(call.arguments)
        except json.JSONDecodeError as error:
            text, failed = f"Error: {error}", True
        else:
            if any(spec.name == call.name for spec in self.specs):
                done = self._use(call.name, arguments)
                text, failed = done.text, done.error
            else:
                text, failed = f"Error: tool '{call.name}' not found in any workbench", True
        return FunctionExecutionResult(
            content=text, call_id=call.id, is_error=failed, name=call.name
        )

    def _use(self, name: str, arguments: JsonValue) -> Result:
        assert self._tools is not None, "list_tools comes first, and offers nothing"
        # Whatever JSON the model wrote is handed over, so a list or a number can come too.
        return self._tools.call(name, arguments)

    async def start(self) -> None:
        """Need no start."""

    async def stop(self) -> None:
        """Need no stop."""

    async def reset(self) -> None:
        """Keep the tools; their state is the trial's."""

    async def save_state(self) -> Mapping[str, Any]:
        """Have no state of its own."""
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Have no state of its own."""

    def _to_config(self) -> BaseModel:
        """Refuse: benches are built from a trial's spec, never from an AutoGen component."""
        raise TypeError("a bench is not an AutoGen component that can be dumped")


def _schema(spec: ToolSpec) -> ToolSchema:
    return ToolSchema(
        name=spec.name,
        description=spec.description,
        parameters=spec.parameters,  # type: ignore[typeddict-item]  # a JSON schema either way
    )
