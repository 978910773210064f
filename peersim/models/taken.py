"""Which of the parameters asked for a real model is never sent, found without asking anybody.

LiteLLM maps parameters to each provider's own. Some it refuses, and some it leaves out or changes
without a word: the record would then name a parameter that the model never saw, and two arms that
differ in it would be one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from peersim.errors import ConfigError
from peersim.models.base import Endpoint, ModelRef
from peersim.models.introduced import introduce

Asked = dict[str, JsonValue]

# Extra parameters that LiteLLM maps; others it passes on as they are.
MAPPED = frozenset(
    {"frequency_penalty", "presence_penalty", "logit_bias", "stop", "seed", "response_format"}
    | {"reasoning_effort", "thinking", "verbosity", "parallel_tool_calls"}
    | {"max_completion_tokens", "logprobs", "top_logprobs"}
)
# Who is sent only those extra parameters that LiteLLM knows, and others not at all.
SELECTIVE = ("gemini",)
# Any seed will do to see whether one is sent.
A_SEED = 20_011


def check_taken(ref: ModelRef, endpoint: Endpoint) -> None:
    """Check that a real model is sent every parameter that is asked for.

    Raises:
        ConfigError: If LiteLLM knows no such provider, or would leave out or change one.
    """
    if lost := untaken(ref, endpoint):
        raise ConfigError(
            f"{ref.ref} takes no {', '.join(lost)}: LiteLLM would refuse, change or leave out"
            " what is asked for",
            f"set {' and '.join(_setting(name, ref) for name in lost)} to null, or to a value"
            " that it takes",
        )


def untaken(ref: ModelRef, endpoint: Endpoint) -> list[str]:
    """Return the names of the parameters that would not be sent as they are asked for.

    Raises:
        ConfigError: If LiteLLM knows no such provider.
    """
    model, provider = provider_of(ref, endpoint)
    asked = _asked(ref)
    names = [name for name in asked if name not in ref.extra or name in MAPPED]
    lost = [name for name in names if not _taken(name, asked, model, provider)]
    return lost + (_left_out(ref) if provider in SELECTIVE else [])


def takes_tools(ref: ModelRef, endpoint: Endpoint) -> bool:
    """Return whether LiteLLM would pass tools on to a real model.

    Raises:
        ConfigError: If it knows no such provider.
    """
    model, provider = provider_of(ref, endpoint)
    function: JsonValue = {"name": "f", "parameters": {"type": "object", "properties": {}}}
    asked: Asked = {"tools": [{"type": "function", "function": function}]}
    return bool((_mapped(asked, model, provider) or {}).get("tools"))


def provider_of(ref: ModelRef, endpoint: Endpoint) -> tuple[str, str]:
    """Return a real model's name at its provider, and the provider.

    Raises:
        ConfigError: If LiteLLM knows no such provider.
    """
    from peersim.models.litellm import load_litellm

    litellm = load_litellm()
    introduce(litellm, ref)
    try:
        model, provider, *_ = litellm.get_llm_provider(ref.ref, api_base=endpoint.base_url)
    except litellm.BadRequestError as error:
        raise ConfigError(
            f"LiteLLM knows no provider of {ref.ref}",
            "write it as provider/name, such as openai/gpt-5.2",
        ) from error
    return str(model), str(provider)


def _setting(name: str, ref: ModelRef) -> str:
    if name == "seed" and name not in ref.extra:
        return "model.send_seed"
    return f"model.extra.{name}" if name in ref.extra else f"model.{name}"


def _asked(ref: ModelRef) -> Asked:
    """Return all parameters that go with every request."""
    sampling = ref.sampling.model_dump(exclude_none=True, exclude={"seed"})
    return {**ref.extra, **sampling, **({"seed": A_SEED} if ref.send_seed else {})}


def _taken(name: str, asked: Asked, model: str, provider: str) -> bool:
    """Return whether a parameter reaches the provider among the others as it is asked for."""
    without = {other: value for other, value in asked.items() if other != name}
    whole, rest = _mapped(asked, model, provider), _mapped(without, model, provider)
    if whole is None:  # Its fault, or that of another?
        return rest is None and _mapped({name: asked[name]}, model, provider) is not None
    value = asked[name]
    if whole.get(name) == value:
        return True
    # Some have another name for it; what is no number they may word in their own way.
    worded = not isinstance(value, int | float)
    return whole != rest and (worded or any(value == number for number in _numbers(whole)))


def _mapped(asked: Asked, model: str, provider: str) -> dict[str, Any] | None:
    """Return what LiteLLM makes of parameters for a provider; None if it refuses them."""
    from peersim.models.litellm import load_litellm

    litellm = load_litellm()
    try:
        found = litellm.utils.get_optional_params(
            model=model, custom_llm_provider=provider, **asked
        )
    except litellm.BadRequestError:
        return None
    return dict(found)


def _left_out(ref: ModelRef) -> list[str]:
    """Return the extra parameters that stand nowhere in the body that LiteLLM would send.

    It composes one for whoever asks, and sends nothing.
    """
    from peersim.models.litellm import load_litellm

    kinds: Any = load_litellm().types.utils
    names = [name for name in ref.extra if name not in MAPPED | {*kinds.all_litellm_params}]
    if not names:
        return []
    asked = {"model": ref.ref, "messages": [{"role": "user", "content": "Hi."}], **ref.extra}
    raw = load_litellm().utils.return_raw_request(kinds.CallTypes.completion, asked)
    sent = {_plain(name) for name in _names(raw.get("raw_request_body"))}
    return [name for name in names if sent and _plain(name) not in sent | {"extrabody"}]


def _plain(name: str) -> str:
    """Return a name as it is compared: some are sent as ``topK``, some as ``top_k``."""
    return name.replace("_", "").lower()


def _names(value: Any) -> Iterator[str]:
    """Yield all names in nested parameters."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _names(inner)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
