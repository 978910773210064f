"""Events of model calls and of tools used."""

from typing import Literal

from peersim.events.base import Event


class Called(Event):
    """A caller's numbered model call was answered.

    Attributes:
        caller: The agent's name, or the name of an instrument such as ``memory``.
        finish: The provider's reason for stopping, in our words.
        input_tokens: None when the provider did not say.
        output_tokens: None when the provider did not say.
        fingerprint: The provider's mark of the version that answered.
        provider: Who served it, where the provider is a broker that says so.
        cached_tokens: Input tokens read from the provider's cache; None if it did not say.
        cost_usd: None when the price or the usage is unknown.
    """

    kind: Literal["called"] = "called"
    caller: str
    number: int
    finish: str
    served_model: str
    simulated: bool
    fingerprint: str = ""
    provider: str = ""
    cached_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class Used(Event):
    """An agent called a tool. The raw arguments are kept as the model wrote them."""

    kind: Literal["used"] = "used"
    agent: str
    number: int
    tool: str
    arguments: str
    result: str
    error: bool


class Wrote(Event):
    """An agent wrote text in a turn of its own, beside or instead of tool calls."""

    kind: Literal["wrote"] = "wrote"
    agent: str
    number: int
    text: str


class Thought(Event):
    """An agent reasoned before it answered, where the provider shows it. Nobody else sees it."""

    kind: Literal["thought"] = "thought"
    agent: str
    number: int
    text: str
