"""What a reply used, and what the price map of the provider library says it costs.

Nothing here imports the library: usage and map are handed in.
"""

from collections.abc import Mapping
from typing import Any

from peersim.models.base import ModelRef
from peersim.models.money import PER_MILLION, Price, Usage

Entry = Mapping[str, Any]


def usage_of(usage: object, silent: bool) -> Usage:
    """Return what a call used, with None for what the provider did not say.

    LiteLLM fills missing counts with zeros. No request is empty, and no reply that says
    something is free of tokens, so a zero there means unknown. Its input counts what was read
    from the provider's cache and written into it, for every provider.

    Args:
        usage: The reply's usage, with counts as attributes, or None.
        silent: Whether the reply holds nothing at all.
    """
    asked = _count(usage, "prompt_tokens") or None
    answered = _count(usage, "completion_tokens") or None
    if asked is None:
        return Usage(output_tokens=answered)
    read = getattr(usage, "prompt_tokens_details", None)
    written = getattr(usage, "completion_tokens_details", None)
    return Usage(
        input_tokens=asked,
        output_tokens=0 if answered is None and silent else answered,
        cached_tokens=_cached(usage),
        cache_write_tokens=_count(read, "cache_creation_tokens"),
        reasoning_tokens=_count(written, "reasoning_tokens"),
    )


def cached_aside(reply: object) -> bool:
    """Return whether a reply's cached tokens stand where LiteLLM does not look for them."""
    usage = getattr(reply, "usage", None)
    return _cached(usage) != _count(getattr(usage, "prompt_tokens_details", None), "cached_tokens")


def _cached(usage: object) -> int | None:
    """Return the tokens read from the cache: among the details, or beside them (Moonshot)."""
    read = _count(getattr(usage, "prompt_tokens_details", None), "cached_tokens")
    return _count(usage, "cached_tokens") if read is None else read


def entry_of(prices: Mapping[str, Entry], ref: ModelRef) -> Entry:
    """Return what the map says of a model, which is nothing for most.

    The map names some models with their provider in front and some without. An entry without
    counts only if it is of the same provider: others serve models of that name at their price.
    """
    if ref.ref in prices:
        return prices[ref.ref]
    provider, _, name = ref.ref.partition("/")
    entry = prices.get(name, {})
    return entry if str(entry.get("litellm_provider", "")).startswith(provider) else {}


def price_in(entry: Entry) -> Price | None:
    """Return the price in an entry of the map; None if it has none per token."""
    if entry.get("input_cost_per_token") is None or entry.get("output_cost_per_token") is None:
        return None

    def per_million(name: str) -> float | None:
        found = entry.get(name)
        return None if found is None else float(found) * PER_MILLION

    return Price(
        input=per_million("input_cost_per_token") or 0.0,
        output=per_million("output_cost_per_token") or 0.0,
        cached_input=per_million("cache_read_input_token_cost"),
        cache_write=per_million("cache_creation_input_token_cost"),
    )


def limit_in(entry: Entry) -> int | None:
    """Return the most tokens that a reply may have by an entry of the map; None if unsaid."""
    limit = entry.get("max_output_tokens") or entry.get("max_tokens")
    return limit if isinstance(limit, int) else None


def _count(counts: object, name: str) -> int | None:
    """Return a count, or None for what is none."""
    value = getattr(counts, name, None)
    return value if isinstance(value, int) and value >= 0 else None
