"""The only door to real providers: one request of theirs for each call of ours.

LiteLLM takes seconds and 200 MiB to import, so it is imported by the first real call.
Its retries, fallbacks and caches stay off: they would change the data unseen.
"""

import asyncio
import gc
import logging
import os
import warnings
from functools import cache, cached_property
from types import ModuleType

from peersim.errors import ConfigError
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.certificates import check_certificates
from peersim.models.failures import answered, blocked, failure_of
from peersim.models.heard import Heard
from peersim.models.keytext import check_key_text, long_keys, names_of_key, secrets_of
from peersim.models.money import Price, Usage
from peersim.models.needed import missing_key, takes_any_key
from peersim.models.prices import Entry, cached_aside, entry_of, limit_in, price_in
from peersim.models.reserved import check_extra
from peersim.models.spared import sparing, teach_sparing
from peersim.models.taken import untaken
from peersim.models.told import told
from peersim.models.truncated import cut_prompt
from peersim.models.unresent import teach_sending_once
from peersim.models.wire import Wire, completion_of, wire_request

# The library's own timeout limits each read, so a server that drips would hold us for ever.
WALL_FACTOR = 1.05
WALL_MARGIN_SECONDS = 0.5

PLACEHOLDER_KEY = "none-needed"

# Whose thinking LiteLLM counts with a tokenizer of its own, where the provider does not say.
COUNTS_THOUGHT = ("anthropic/", "bedrock/", "vertex_ai/claude")
SAID_COST = "llm_provider-x-litellm-response-cost"


@cache
def load_litellm() -> ModuleType:
    """Import LiteLLM once, set up as the project needs it.

    Raises:
        ConfigError: If the environment names certificates that cannot be used.
    """
    check_certificates()
    # The bundled price map: no download at import, and the same prices every time.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    # Its development mode would read keys from a .env file that nobody pointed to.
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    os.environ.setdefault("AIOHTTP_CONNECTOR_LIMIT", "2000")
    os.environ.setdefault("AIOHTTP_CONNECTOR_LIMIT_PER_HOST", "2000")
    import litellm

    litellm.suppress_debug_info = True
    litellm.drop_params = False
    litellm.cache = None
    for name in ("callbacks", "success_callback", "failure_callback"):
        setattr(litellm, name, [])
    vars(litellm)["telemetry"] = False  # Older releases look at it, newer ones have it no more.
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    _teach_ends()
    teach_sparing()
    teach_sending_once()
    # Cancelled at the wrong moment it drops a coroutine of its own, and Python says so on stderr.
    warnings.filterwarnings("ignore", r"coroutine .* was never awaited", RuntimeWarning)
    # Of a reply that is not quite of the protocol's shape; it is read all the same, or a failure.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    gc.collect()
    gc.freeze()
    module: ModuleType = litellm
    return module


def _teach_ends() -> None:
    """Let it tell a full window of Anthropic's from a whole reply, where it does not by itself.

    Of what it does not know it makes "stop", and of Anthropic's ends it keeps no other word.
    """
    from litellm.litellm_core_utils import core_helpers

    known: dict[str, str] = getattr(core_helpers, "_FINISH_REASON_MAP", {})
    known.setdefault("model_context_window_exceeded", "length")


async def close_connections() -> None:
    """Close the connections of every real model of this process, at the end of its loop."""
    if not load_litellm.cache_info().currsize:
        return
    litellm = load_litellm()
    await litellm.close_litellm_async_clients()
    # A closed client stays in its cache, and a later call on this loop would be given it.
    litellm.in_memory_llm_clients_cache.flush_cache()


class LiteLLMModel:
    """A real model, reached through LiteLLM."""

    simulated = False

    def __init__(self, ref: ModelRef, endpoint: Endpoint) -> None:
        """Make a model; nothing is imported or opened before its first call.

        Raises:
            ConfigError: If the reference's extra parameters set a reserved one.
        """
        check_extra(ref)
        self._ref = ref
        self._endpoint = endpoint

    @property
    def name(self) -> str:
        """The model's reference, such as ``openai/gpt-5.2``."""
        return self._ref.ref

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer a request with exactly one request to the provider."""
        if trouble := self._key_trouble(wholly=bool(self._endpoint.key_env)):
            return trouble
        if self._untaken:
            detail = f"it takes no {', '.join(self._untaken)} as asked for"
            return Failure(kind="bad_request", detail=detail, retryable=False, sent=False)
        litellm = load_litellm()
        limit = self._endpoint.timeout_seconds * WALL_FACTOR + WALL_MARGIN_SECONDS
        heard = Heard()
        try:
            async with asyncio.timeout(limit):
                with sparing(price=self._map_prices):
                    reply = await litellm.acompletion(**self._keywords(request), logger_fn=heard)
            found = heard.named(completion_of(reply, request), self._ref.ref)
            found = heard.unechoed(heard.counted(found, self._ref.ref), long_keys(self._key_names))
            return self._checked(found, request, reply)
        except TimeoutError:
            detail = f"no whole reply within {limit:g} s"
            return Failure(kind="timeout", detail=detail, retryable=True)
        except Exception as error:  # noqa: BLE001 - a provider's trouble is data, whatever it is
            return self._troubled(error, heard)

    async def aclose(self) -> None:
        """Close the connections of every real model of this process."""
        await close_connections()

    def _key_trouble(self, wholly: bool = True) -> Failure | None:
        """Return why there is no key to send, or None if there is one or none is needed.

        Args:
            wholly: Ask LiteLLM too which key is missing, which takes longer than to look at it.
        """
        try:
            check_key_text(self._key_names)
            absent = missing_key(self._ref, self._endpoint) if wholly else None
        except ConfigError as error:
            return Failure(kind="auth", detail=str(error), retryable=False)
        return _no_key(absent) if absent else None

    @cached_property
    def _key_names(self) -> tuple[str, ...]:
        return names_of_key(self._ref, self._endpoint)

    def _keywords(self, request: Request) -> Wire:
        """Return all that a call is made with."""
        keywords = wire_request(self._ref, request, self._endpoint.prompt_cache)
        keywords |= {"num_retries": 0, "max_retries": 0, "caching": False}
        keywords["timeout"] = self._endpoint.timeout_seconds
        if self._endpoint.base_url:
            # Some providers' paths are put behind it with a slash of their own.
            keywords["api_base"] = self._endpoint.base_url.rstrip("/")
        # None lets LiteLLM find the provider's usual key.
        if key := self._named_key() or self._placeholder:
            keywords["api_key"] = key
        return keywords

    def _named_key(self) -> str | None:
        return os.environ[self._endpoint.key_env] if self._endpoint.key_env else None

    @cached_property
    def _untaken(self) -> list[str]:
        """What would not be sent as asked for; if LiteLLM knows no such model, the call says so."""
        try:
            return untaken(self._ref, self._endpoint)
        except ConfigError:
            return []

    @cached_property
    def _placeholder(self) -> str | None:
        # Clients refuse to start without any key, and local servers do not look at it.
        return PLACEHOLDER_KEY if takes_any_key(self._ref, self._endpoint) else None

    def _troubled(self, error: Exception, heard: Heard) -> Completion | Failure:
        """Return what an exception tells of: an outcome where the provider blocked the call."""
        secrets = secrets_of(self._endpoint)
        if not answered(error) and heard.error:
            return told(heard.error, secrets)
        if blocked(error):
            return Completion(finish="content_filter")
        failure = failure_of(error, secrets)
        # Without a key the client gives up before it asks, and calls that a server error.
        unasked = failure.kind in ("overloaded", "auth") and not answered(error)
        return (self._key_trouble() if unasked else None) or self._with_key_named(failure)

    def _with_key_named(self, failure: Failure) -> Failure:
        """Return a failure that says which variable the key came from, if it is about the key."""
        names = [name for name in self._key_names if os.environ.get(name)]
        if failure.kind != "auth" or not names:
            return failure
        detail = f"with the key in {names[0]}: {failure.detail}"
        return failure.model_copy(update={"detail": detail})

    def _checked(
        self, found: Completion | Failure, request: Request, reply: object
    ) -> Completion | Failure:
        """Return a completion with its cost, unless the server had cut what was asked."""
        if isinstance(found, Failure):
            return found
        return cut_prompt(self._ref, request, found) or self._priced(found, reply)

    def _priced(self, completion: Completion, reply: object) -> Completion:
        """Return a completion with its cost, where both the usage and the price are known."""
        usage, endpoint = completion.usage, self._endpoint
        if self._thought_is_guessed(completion):
            usage = usage.model_copy(update={"reasoning_tokens": None})
        if usage.input_tokens is not None and usage.output_tokens is not None:
            cost = endpoint.price.cost(usage) if endpoint.price else self._cost(reply, usage)
            usage = usage.model_copy(update={"cost_usd": cost})
        return completion.model_copy(update={"usage": usage})

    def _cost(self, reply: object, usage: Usage) -> float | None:
        """Return what the server says that a call cost, as brokers do, or the map's price of it."""
        hidden = getattr(reply, "_hidden_params", {})
        said = (hidden.get("additional_headers") or {}).get(SAID_COST)
        if isinstance(said, float):
            return said
        if not self._map_prices:
            return None
        if cached_aside(reply) and (price := price_of(self._ref, self._endpoint)):
            return price.cost(usage)
        cost: float | None = hidden.get("response_cost")
        return cost

    def _thought_is_guessed(self, completion: Completion) -> bool:
        """Return whether LiteLLM may have counted the thinking itself, as it does for Claude."""
        return bool(completion.thinking) and self._ref.ref.startswith(COUNTS_THOUGHT)

    @cached_property
    def _map_prices(self) -> bool:
        """Whether the bundled price map says what a call costs."""
        # A server of one's own may bear a priced model's name, but not its price.
        own = self._endpoint.base_url or self._endpoint.price
        return not own and price_known(self._ref)


def price_of(ref: ModelRef, endpoint: Endpoint) -> Price | None:
    """Return a model's price: the endpoint's own, else the bundled map's; None if unknown.

    Of prices that rise with the length of the request, it is the lowest.
    """
    if endpoint.price or endpoint.base_url:
        return endpoint.price
    return price_in(_entry(ref))


def price_known(ref: ModelRef) -> bool:
    """Return whether the bundled price map has a price per token for a real model."""
    return price_in(_entry(ref)) is not None


def output_limit(ref: ModelRef) -> int | None:
    """Return the most tokens that a reply of a real model may have; None if unknown."""
    return limit_in(_entry(ref))


def _entry(ref: ModelRef) -> Entry:
    return entry_of(load_litellm().model_cost, ref)


def _no_key(name: str) -> Failure:
    return Failure(kind="auth", detail=f"{name} is not set", retryable=False)
