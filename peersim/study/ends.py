"""From what a stand-in took to what a model may take: low, likely and high, and the price."""

from peersim.frozen import Frozen
from peersim.models.base import Endpoint, ModelRef
from peersim.models.metered import USUAL_OUTPUT
from peersim.models.money import Price, Usage
from peersim.study.loads import Ends, Line, Load

# A stand-in says what it must and no more. Real models talk and reason besides.
LIKELY_OUTPUT = 3.0
HIGH_OUTPUT = 10.0
# What a real model was seen to write it is likely to write again; a few trials may mislead.
HIGH_MEASURED = 3.0


class Terms(Frozen):
    """What is known of a model before it is asked.

    Attributes:
        limit: The most tokens of a reply; None if nothing limits it.
        expected: What a reply is expected to have, its thinking included; None for what the
            stand-in wrote, and some more.
        price: The model's price; None if it is unknown.
        marked: Whether all that is sent is marked for the provider's cache, and so written into it.
    """

    ref: str
    limit: int | None = None
    expected: int | None = None
    price: Price | None = None
    marked: bool = False


def terms_of(ref: ModelRef, reached: Endpoint, price: Price | None) -> Terms:
    """Return what is known of a model by how it is asked, how it is reached, and its price."""
    return Terms(
        ref=ref.ref,
        limit=ref.sampling.max_tokens,
        expected=reached.expected_output_tokens,
        price=price,
        marked=reached.prompt_cache,
    )


def line_of(load: Load, terms: Terms, most: float) -> Line:
    """Return a load with its ends and its price.

    Args:
        load: What the pilot took, for the whole study.
        terms: What is known of the model.
        most: The calls of the busiest replicate, over the mean.
    """
    likely, high = _outputs(load, terms)
    said = load.output_tokens or 1.0
    # What others hear is no thinking; how much of a reply up to its limit is, nobody knows.
    heard = high if terms.limit else min(high, max(said * HIGH_OUTPUT, likely))
    outputs = (load.output_tokens, likely, high * most)
    inputs = (
        load.input_tokens,
        load.input_tokens + _grown(likely, said) * load.reread_tokens,
        most
        * (
            load.input_tokens
            + _grown(high, said) * load.reread_tokens
            + _grown(heard, said) * load.overheard_tokens
        ),
    )
    cost = None if terms.price is None else _costs(terms, load, inputs, outputs)
    named = load.model_copy(update={"model": terms.ref})
    return Line(
        load=named,
        input_tokens=inputs,
        output_tokens=outputs,
        cost_usd=cost,
        expected=terms.expected,
    )


def _grown(written: float, said: float) -> float:
    return max(written / said - 1.0, 0.0)


def _outputs(load: Load, terms: Terms) -> tuple[float, float]:
    """Return the likely and the high output of a load."""
    simulated = terms.ref.startswith("simulated/")
    likely = load.output_tokens * (1.0 if simulated or load.real else LIKELY_OUTPUT)
    high = load.output_tokens * (HIGH_MEASURED if load.real else HIGH_OUTPUT)
    if not simulated and not load.real:
        # A stand-in never thinks, and thinking is most of what such a model is paid for.
        likely = max(likely, (terms.expected or 0) * load.calls)
        high = max(high, USUAL_OUTPUT * load.calls)
    if terms.limit:
        high = terms.limit * load.calls
        likely = max(min(likely, high), load.output_tokens)
    return likely, max(high, likely)


def _costs(terms: Terms, load: Load, inputs: Ends, outputs: Ends) -> Ends:
    # A cache that works makes the low end, one that never does the other two.
    cached = (load.cached_tokens, 0.0, 0.0)
    low, likely, high = map(_cost, (terms,) * 3, inputs, outputs, cached)
    return low, likely, high


def _cost(terms: Terms, read: float, output: float, cached: float) -> float:
    assert terms.price is not None
    usage = Usage(
        input_tokens=round(read),
        cached_tokens=round(cached),
        cache_write_tokens=round(read - cached) if terms.marked else None,
        output_tokens=round(output),
    )
    return terms.price.cost(usage) or 0.0
