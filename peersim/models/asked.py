"""What a request is made of: messages, tools and sampling parameters."""

import json
from typing import Literal

from pydantic import JsonValue

from peersim.frozen import Frozen, made_once
from peersim.ids import canonical_json, digest, digest_and_size, json_text
from peersim.models.written import Text

Role = Literal["system", "user", "assistant", "tool"]


class ToolCall(Frozen):
    """A call of a tool as the model wrote it; the arguments are text that may not parse."""

    id: Text
    name: Text
    arguments: Text

    @property
    def text(self) -> str:
        """The call as one canonical text."""
        return f"[{json_text(self.id)},{json_text(self.name)},{json_text(self.arguments)}]"


class ToolSpec(Frozen):
    """A tool as shown to a model; its parameters are a JSON schema of type ``object``."""

    name: str
    description: str
    parameters: dict[str, JsonValue]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolSpec) and self.digest == other.digest

    def __hash__(self) -> int:  # by content: the parameters themselves have no hash
        return hash(self.digest)

    @made_once
    def digest(self) -> str:
        """The tool's content digest, made once."""
        return digest(self.text)

    @made_once
    def size(self) -> int:
        """The bytes of its text, counted once."""
        return digest_and_size(self.text)[1]

    @made_once
    def schema_text(self) -> str:
        """The parameters as JSON, in their own order, made once."""
        return json.dumps(self.parameters)

    @made_once
    def text(self) -> str:
        """The tool as one canonical text, made once."""
        return canonical_json([self.name, self.description, self.parameters])


class Message(Frozen):
    """One message of a request.

    Attributes:
        thinking: The reasoning text that came with an assistant's message. Some providers
            refuse the results of tool calls unless they get it back.
        thinking_blocks: The same as the provider's own signed blocks, opaque to us.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    thinking: str = ""
    thinking_blocks: tuple[dict[str, JsonValue], ...] = ()

    @made_once
    def measured(self) -> tuple[str, int]:
        """The message's digest and the bytes of its text, made once."""
        return digest_and_size(self.text)  # the text itself would double the memory

    @property
    def digest(self) -> str:
        """The message's content digest, made once."""
        return self.measured[0]

    @property
    def size(self) -> int:
        """The bytes of its text, counted once."""
        return self.measured[1]

    @property
    def text(self) -> str:
        """The message as one canonical text."""
        calls = ",".join([call.text for call in self.tool_calls])
        said = f'"{self.role}",{json_text(self.content)},[{calls}],{json_text(self.tool_call_id)}'
        if self.thinking or self.thinking_blocks:
            said += f",{json_text(self.thinking)},{canonical_json(list(self.thinking_blocks))}"
        return f"[{said}]"


def _json_number(value: float | None) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else canonical_json(value)


class Sampling(Frozen):
    """Sampling parameters, None being the provider's default.

    Attributes:
        seed: Opaque and different for each call. Real providers get it only when asked to.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None

    @property
    def text(self) -> str:
        """The parameters as one canonical text."""
        return (
            f'{{"max_tokens":{_json_number(self.max_tokens)},"seed":{_json_number(self.seed)}'
            f',"temperature":{_json_number(self.temperature)},"top_p":{_json_number(self.top_p)}}}'
        )
