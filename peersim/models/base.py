"""What goes into a model and what comes out: requests, completions, failures."""

from typing import Literal

from pydantic import Field, JsonValue

from peersim.answers import Failed, Origin
from peersim.frozen import Frozen, later, made_once
from peersim.ids import content_id, digest
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.money import Charge, Price, Usage
from peersim.models.written import Block, Text

Finish = Literal["stop", "tool_calls", "length", "content_filter", "unknown"]
ToolChoice = Literal["auto", "required", "none"]
FailureKind = Literal[
    "rate_limited",
    "overloaded",
    "timeout",
    "connection",
    "auth",
    "bad_request",
    "context_window",
    "malformed_reply",
    "budget",
    "unknown",
]


# Failures after which the provider may have worked, and so may bill.
MAYBE_BILLED: frozenset[FailureKind] = frozenset(
    {"timeout", "malformed_reply", "unknown", "connection"}
)


class Request(Frozen):
    """All that a model sees: messages, tools and sampling parameters, nothing else."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = "auto"
    sampling: Sampling = Sampling()

    @made_once
    def parts(self) -> dict[str, str]:
        """The digest of each part, by name, so that a divergence can say what changed."""
        parts = {f"message {i} ({m.role})": m.measured[0] for i, m in enumerate(self.messages)}
        parts |= {f"tool {tool.name}": tool.digest for tool in self.tools}
        parts["sampling"] = digest(self._settings)
        return parts

    def readable(self, part: str) -> str:
        """Return the text of a part, by its name, for a diff that people read."""
        kind, _, rest = part.partition(" ")
        if kind == "message":
            message = self.messages[int(rest.partition(" ")[0])]
            return message.content if not message.tool_calls else message.text
        if kind == "tool":
            return next(tool.text for tool in self.tools if tool.name == rest)
        return self._settings

    @property
    def _settings(self) -> str:
        return f'["{self.tool_choice}",{self.sampling.text}]'

    @property
    def digest(self) -> str:
        """The content digest of the whole request."""
        listed = '", "'.join(self.parts.values())  # as json.dumps writes them, which ids rest on
        return digest(f'["{listed}"]')


class ModelRef(Frozen):
    """Which model answers, with all that can change its replies; part of a trial's identity.

    Attributes:
        ref: ``simulated/<profile>``, or a LiteLLM reference such as ``openai/gpt-5.2``.
        sampling: Parameters sent with every request.
        send_seed: Send a real provider the per-call seed too.
        extra: Further provider parameters, passed on as they are.
        profile: The planted behaviour of a simulated model.
        code_digest: The digest of the file of a simulated model written as a function.
    """

    ref: str
    sampling: Sampling = Sampling()
    send_seed: bool = False
    extra: dict[str, JsonValue] = {}
    profile: dict[str, JsonValue] | None = None
    code_digest: str | None = None

    @made_once
    def model_id(self) -> str:
        """The id, equal exactly when the same would be asked in the same way; made once."""
        return content_id("model", self)

    @property
    def simulated(self) -> bool:
        """Whether a stand-in answers."""
        return self.ref.startswith("simulated/")


class Endpoint(Frozen):
    """How a model is reached; it changes where replies come from, not what is asked.

    Attributes:
        base_url: The server's address; None for the provider's own.
        key_env: The environment variable that holds the key; None for the provider's usual one.
        timeout_seconds: Wall limit of one request.
        price: The model's price, where the bundled price map has none or a wrong one.
        prompt_cache: Mark the prefix for providers that cache only what is marked (Anthropic).
        function: ``path/to/file.py:name`` of a simulated model written as a function.
        latency_seconds: How long a simulated model takes to answer.
        expected_output_tokens: Of a reply, its thinking included; for forecasts alone.
    """

    base_url: str | None = None
    key_env: str | None = None
    timeout_seconds: float = Field(default=120.0, gt=0)
    price: Price | None = None
    prompt_cache: bool = False
    function: str | None = None
    latency_seconds: float = Field(default=0.0, ge=0)
    expected_output_tokens: int | None = later(None, ge=1)


class Attempt(Frozen):
    """A request to a provider that failed, on the way to a completion or to the last failure.

    Attributes:
        retry_after: Seconds the provider asked to wait; None when it did not say.
        waited: Seconds waited before the next attempt.
        charge: What it counts for in the budget; None if the provider cannot have billed it.
    """

    kind: FailureKind
    detail: Text
    retry_after: float | None = None
    waited: float = 0.0
    charge: Charge | None = None


class Completion(Frozen):
    """A model's reply.

    Attributes:
        content: The text; empty when there are only tool calls.
        ended: The provider's own word for an end that is none we know; empty for others.
        thinking: Reasoning text that the provider returned apart from the content.
        thinking_blocks: The same as the provider's own signed blocks, opaque to us.
        served_model: The model that the provider says it served.
        fingerprint: The provider's mark of the version or configuration that answered.
        provider: Who served it, where the provider is a broker that says so.
        earlier: The failed attempts before it.
        charge: What it counts for in the budget; None if nobody metered it.
    """

    content: Text = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish = "stop"
    ended: Text = ""
    thinking: Text = ""
    thinking_blocks: tuple[Block, ...] = ()
    served_model: Text = ""
    fingerprint: Text = ""
    provider: Text = ""
    simulated: bool = False
    usage: Usage = Usage()
    earlier: tuple[Attempt, ...] = ()
    charge: Charge | None = None


class Failure(Frozen):
    """Why no completion came. It is data, and no caller may turn it into a number.

    Attributes:
        retry_after: Seconds the provider asked to wait; None when it did not say.
        earlier: The failed attempts before the last one.
        hopeless: Whether the provider asks everyone to wait longer than a call may take.
        charge: What the last attempt counts for in the budget; None if it cannot be billed.
        sent: Whether the request may have reached the provider.
        begun: Whether the provider had begun to reply, and so may bill it.
    """

    kind: FailureKind
    detail: Text
    retryable: bool
    retry_after: float | None = None
    earlier: tuple[Attempt, ...] = ()
    origin: Origin = "provider"
    hopeless: bool = False
    charge: Charge | None = None
    sent: bool = later(True)
    begun: bool = later(False)

    @property
    def stops_study(self) -> bool:
        """Whether every other call would fail in the same way."""
        return self.hopeless or self.kind in ("auth", "bad_request")

    @property
    def maybe_billed(self) -> bool:
        """Whether the provider may have worked for it, and so may bill it."""
        return self.begun or (self.sent and self.kind in MAYBE_BILLED)

    @property
    def attempt(self) -> Attempt:
        """The failure as one attempt among others."""
        kept = {name: getattr(self, name) for name in ("kind", "detail", "retry_after", "charge")}
        return Attempt(**kept)

    def as_failed(self) -> Failed:
        """Return the failure as an answer."""
        return Failed(origin=self.origin, cause=self.kind, detail=self.detail)
