"""AutoGen's model client over a line: messages are turned into requests, replies back."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelFamily,
    ModelInfo,
    RequestUsage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from peersim.agents.bench import Bench
from peersim.agents.converting import as_result, convert, usage_of
from peersim.models.asked import Message, ToolSpec
from peersim.models.base import Completion, Failure
from peersim.models.line import Line
from peersim.models.usable import usable_calls

_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=False,
    family=ModelFamily.UNKNOWN,  # the safe value: AutoGen's list ends before today's models
    structured_output=False,
    multiple_system_messages=True,
)
# A message of AutoGen's, and what it is with us.
_Converted = tuple[LLMMessage, tuple[Message, ...]]


class CallFailed(Exception):  # not an error of ours: a failure on its way to data
    """Carries a failure through AutoGen, which knows exceptions only."""

    def __init__(self, failure: Failure) -> None:
        """Carry a failure."""
        super().__init__(failure.detail)
        self.failure = failure


class LineClient(ChatCompletionClient):
    """A model client that asks over a line and remembers the last completion."""

    def __init__(self, line: Line, bench: Bench) -> None:
        """Ask over a line, with the tools that lie on the bench."""
        self.line = line
        self.last: Completion | None = None
        self._bench = bench
        # AutoGen keeps no more of a reply than its text and calls; the rest is put back from here.
        self._said: list[Completion] = []
        self._thinks = False
        # A context only grows, so what was converted for the last call serves the next.
        self._converted: list[_Converted] = []
        self._sent: tuple[Message, ...] = ()

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """Ask for one completion.

        Raises:
            CallFailed: If there is none.
        """
        return as_result(await self.reply(messages, self._bench.specs if tools else ()))

    async def reply(
        self, messages: Sequence[LLMMessage], tools: tuple[ToolSpec, ...]
    ) -> Completion:
        """Ask for one completion, and return it as the line gave it.

        Raises:
            CallFailed: If there is none.
        """
        self.last = None
        reply = await self.line.ask(self._messages(messages), tools)
        if isinstance(reply, Failure):
            raise CallFailed(reply)
        self.last = reply
        self._thinks = self._thinks or bool(reply.thinking or reply.thinking_blocks)
        self._said.append(reply)
        return reply

    def _messages(self, messages: Sequence[LLMMessage]) -> tuple[Message, ...]:
        """Return the messages as ours, converting only what is new."""
        done = self._converted
        same = _same(done, messages)
        if same < len(done):
            del done[same:]
            self._sent = _flat(done)
        fresh = [(message, convert(message)) for message in messages[same:]]
        if self._thinks:
            fresh = self._restored(fresh)
        done.extend(fresh)
        self._sent += _flat(fresh)
        return self._sent

    def _restored(self, fresh: Sequence[_Converted]) -> list[_Converted]:
        """Return messages with the thinking that came with them, which providers want back.

        A model may say the same twice, so the second such message is the second such reply's.
        """
        before = (message for _, converted in self._converted for message in converted)
        seen = Counter(_mark(message) for message in before if message.role == "assistant")
        replies: dict[str, list[Completion]] = {}
        for reply in self._said:
            replies.setdefault(_mark(reply), []).append(reply)
        return [
            (message, tuple(_with_thinking(one, replies, seen) for one in converted))
            for message, converted in fresh
        ]

    def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Refuse: the journal keeps whole completions.

        Raises:
            TypeError: Always.
        """
        raise TypeError("this client does not stream")

    async def close(self) -> None:
        """Leave the line open: it belongs to the trial."""

    def actual_usage(self) -> RequestUsage:
        """Return the usage of the last completion, zero where it is unknown."""
        return usage_of(self.last)

    def total_usage(self) -> RequestUsage:
        """Return the usage of the last completion; totals are read from the event log."""
        return usage_of(self.last)

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """Return a rough count, four characters a token."""
        return sum(len(m.content) for message in messages for m in convert(message)) // 4

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """Return a number that never makes AutoGen cut a context: cutting changes the arm."""
        return 10**9

    @property
    def capabilities(self) -> ModelInfo:
        """What the model can do."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return _INFO


def _same(done: Sequence[_Converted], messages: Sequence[LLMMessage]) -> int:
    """Return how many of the messages at the beginning have been converted before."""
    # AutoGen makes a new system message object for no call, so identity is enough.
    for number, ((before, _), message) in enumerate(zip(done, messages, strict=False)):
        if before is not message:
            return number
    return min(len(done), len(messages))


def _flat(converted: Iterable[_Converted]) -> tuple[Message, ...]:
    return tuple([message for _, ours in converted for message in ours])


def _mark(said: Completion | Message) -> str:
    """Return what tells one assistant's message from its others: its calls, else its text."""
    calls = usable_calls(said) if isinstance(said, Completion) else said.tool_calls
    return "\n".join(call.id for call in calls) or said.content


def _with_thinking(
    message: Message, replies: Mapping[str, Sequence[Completion]], seen: Counter[str]
) -> Message:
    """Return a message with its thinking, and count it among those seen."""
    if message.role != "assistant":
        return message
    mark = _mark(message)
    said, number = replies.get(mark, ()), seen[mark]
    seen[mark] += 1
    if number >= len(said):
        return message
    return Message(
        role=message.role,
        content=message.content,
        tool_calls=message.tool_calls,
        thinking=said[number].thinking,
        thinking_blocks=said[number].thinking_blocks,
    )
