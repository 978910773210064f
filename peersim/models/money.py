"""What calls use and cost. None means unknown, which is never the same as zero."""

from pydantic import Field

from peersim.frozen import Frozen

PER_MILLION = 1_000_000


class Usage(Frozen):
    """What a call used. None means unknown, which is never the same as zero.

    Attributes:
        input_tokens: All tokens read, those from and into the provider's cache included.
        output_tokens: All tokens written, reasoning included.
        cached_tokens: Input tokens that the provider read from its prompt cache.
        cache_write_tokens: Input tokens that the provider wrote into its prompt cache.
        reasoning_tokens: Output tokens spent on reasoning.
        cost_usd: What the call cost.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None


class Price(Frozen):
    """A model's price in US dollars per million tokens.

    Attributes:
        input: Of tokens read.
        output: Of tokens written, reasoning included.
        cached_input: Of tokens read from the prompt cache; the price of input if None.
        cache_write: Of tokens written into the prompt cache; the price of input if None.
    """

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    cache_write: float | None = Field(default=None, ge=0)

    def cost(self, usage: Usage) -> float | None:
        """Return what a usage costs in dollars, or None where the usage is unknown."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        fresh = max(usage.input_tokens - cached - written, 0)
        whole = (
            fresh * self.input
            + cached * (self.input if self.cached_input is None else self.cached_input)
            + written * (self.input if self.cache_write is None else self.cache_write)
            + usage.output_tokens * self.output
        )
        return whole / PER_MILLION

    def at_most(self, input_tokens: int, output_tokens: int) -> float:
        """Return the most that so many tokens can cost in dollars, whatever the cache does."""
        read = max(self.input, self.cached_input or 0.0, self.cache_write or 0.0)
        return (input_tokens * read + output_tokens * self.output) / PER_MILLION


class Charge(Frozen):
    """What one request to a provider counts for in the budget.

    Attributes:
        usd: Dollars; None while the price is unknown.
        estimated: Whether the provider did not say what it used, so that the amount
            reserved for the request stands.
    """

    input_tokens: int
    output_tokens: int
    usd: float | None
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.input_tokens + self.output_tokens
