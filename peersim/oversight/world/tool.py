"""What a tool is: its text for the model, its checked arguments, and how a call is carried out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ConfigDict, JsonValue, ValidationError

from peersim.agents.base import ToolResult
from peersim.frozen import Frozen
from peersim.models.asked import ToolSpec
from peersim.prompts.sections import storable


def _storable_if_text(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable_if_text)]


class Arguments(Frozen):
    """The arguments of a tool. Nothing is coerced: the text "60" is not the number 60."""

    model_config = ConfigDict(strict=True)


class NoArguments(Arguments):
    """The arguments of a tool that takes none."""


class ToolMisuse(Exception):  # not a failure of ours: an answer on its way to a model
    """A call that cannot be carried out; the message tells the model why."""


# Takes the tool's own Arguments, so what it accepts differs from tool to tool.
Handler = Callable[[Any], str]


@dataclass(frozen=True, eq=False)
class Tool:
    """A tool as a scenario declares it; each is equal to itself alone.

    Attributes:
        arguments: The model that checks the arguments; the schema shown is made from it.
    """

    name: str
    description: str
    arguments: type[Arguments] = NoArguments

    def spec(self) -> ToolSpec:
        """Return the tool as shown to a model."""
        schema = self.arguments.model_json_schema()
        plain = _plain(schema, schema.get("$defs", {}))
        return ToolSpec(
            name=self.name,
            description=self.description,
            parameters=cast(dict[str, JsonValue], {"properties": {}, **plain}),
        )


def carry_out(
    tools: Iterable[Tool], handlers: Mapping[str, Handler], name: str, arguments: JsonValue
) -> ToolResult:
    """Carry out a call; whatever a model may have written, the answer is a result.

    Args:
        tools: The tools on offer.
        handlers: What does the work of each, by name.
        name: The tool called for.
        arguments: Any JSON value; null counts as no arguments.
    """
    for tool in tools:
        if tool.name == name:
            break
    else:
        offered = ", ".join(tool.name for tool in tools)
        return _error(f"There is no tool {name!r}. The tools are: {offered}.")
    given = {} if arguments is None else arguments
    if not isinstance(given, dict):
        fields = ", ".join(tool.arguments.model_fields) or "no fields"
        return _error(f"{name} takes an object with {fields}.")
    try:
        return ToolResult(text=storable(handlers[name](tool.arguments.model_validate(given))))
    except ValidationError as error:
        return _error(f"{name} was not carried out. {_problems(error)}")
    except ToolMisuse as error:
        return _error(f"{name} was not carried out. {error}")


def _error(text: str) -> ToolResult:
    return ToolResult(text=storable(text), error=True)


def _problems(error: ValidationError) -> str:
    """Name each wrong argument. What was given is not repeated: it may be huge."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{_place(problem['loc'])}: {problem['msg']}." for problem in found]
    return " ".join(lines).replace("valid tuple", "list")  # JSON knows no tuples


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in location) or "arguments"


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema without references and without pydantic's titles and our docstrings.

    Not every provider follows references, and docstrings speak to programmers.
    """
    if isinstance(schema, list):
        return [_plain(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    dropped = {"title", "$defs"} | ({"description"} if schema.get("type") == "object" else set())
    return {key: _plain(part, definitions) for key, part in schema.items() if key not in dropped}
