"""A forecast as people read it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.models.meter import Budget
from peersim.models.metered import USUAL_OUTPUT
from peersim.study.ends import HIGH_MEASURED, HIGH_OUTPUT, LIKELY_OUTPUT
from peersim.study.flight import duration
from peersim.study.forecast import CHARACTERS_PER_TOKEN
from peersim.study.loads import Forecast


def show_whole(
    whole: Forecast, budget: Budget, latency: float, measured: Path | None, console: Console
) -> None:
    """Print a forecast.

    Args:
        whole: The forecast.
        budget: What it is held against.
        latency: Seconds that a call was taken to last.
        measured: The run that the tokens a call were taken from, if any.
        console: Where to print.
    """
    table = Table(box=None, padding=(0, 1, 0, 1))
    for name in ("role", "model", "calls", "tokens in", "cacheable", "tokens out", "cost"):
        left = name in ("role", "model")
        table.add_column(
            name, justify="left" if left else "right", no_wrap=name == "role", overflow="fold"
        )
    for line in whole.lines:
        load = line.load
        share = load.cached_tokens / load.input_tokens if load.input_tokens else 0.0
        cost = "unknown" if line.cost_usd is None else _dollars(line.cost_usd)
        table.add_row(
            *(load.role, escape(load.model), f"{load.calls:,.0f}", _range(line.input_tokens)),
            *(f"{share:.0%}", _range(line.output_tokens), cost),
        )
    console.print(table)
    for sentence in _sentences(whole, budget, latency, measured):
        console.print(f"  {escape(sentence)}", soft_wrap=True)


def _sentences(whole: Forecast, budget: Budget, latency: float, measured: Path | None) -> list[str]:
    tokens = _range([whole.tokens(which) for which in range(3)])
    said = [
        f"{whole.trials:,} trials, {_calls(whole)} calls, {tokens} tokens, {_cost(whole)}",
        f"about {duration(whole.seconds)} at {latency:g} s a call;"
        f" {whole.chain} calls in a row are the longest trial",
    ]
    if whole.unpriced:
        said.append(
            f"the price of {', '.join(whole.unpriced)} is unknown: give 'model.price={{input: X,"
            " output: Y}' in dollars per million tokens"
        )
    return [*said, *_basis(whole, measured), *_fit(whole, budget)]


def _cost(whole: Forecast) -> str:
    """Return what all lines cost whose price is known, and whether those are all."""
    costs = (whole.cost(0), whole.cost(1), whole.cost(2))
    if whole.unpriced and not costs[2]:
        return "at an unknown cost"
    least = "at least " if whole.unpriced else ""
    return f"{least}{_dollars(costs)} (low to high; likely ${costs[1]:,.2f})"


def _basis(whole: Forecast, measured: Path | None) -> list[str]:
    """Return what the figures rest on."""
    loads = [line.load for line in whole.lines]
    counted = f"tokens counted as characters / {CHARACTERS_PER_TOKEN} on the stand-in"
    basis = f"tokens a call as measured in {measured}" if measured else counted
    real = all(one.real for one in loads)
    likely = "that output" if real else f"output {LIKELY_OUTPUT:g} times that"
    said = [
        f"{basis}; {likely} is taken as likely, and max_tokens, or"
        f" {HIGH_MEASURED if real else HIGH_OUTPUT:g} times, as high, and what is said is read"
        " again by later calls; retries come on top"
    ]
    guessed = sorted({one.model for one in loads if not one.real and not one.simulated})
    if guessed:
        expected = {line.load.model: line.expected for line in whole.lines}
        each = ", ".join(f"{expected[name] or 'none'} for {name}" for name in guessed)
        said.append(
            "a stand-in does not think: tokens expected of a reply, thinking included"
            f" (model.expected_output_tokens): {each}; without max_tokens the high end has at"
            f" least {USUAL_OUTPUT:,} a call; measure a few real trials with --from RUN"
        )
    return said


def _calls(whole: Forecast) -> str:
    """Return the calls, as a range if the replicates of the pilot differ."""
    said = _range(whole.calls_range)
    low, _, high = said.partition(" to ")
    return low if low == high else f"{said} (likely {whole.calls:,.0f})"


def _fit(whole: Forecast, budget: Budget) -> list[str]:
    """Return whether the forecast fits into the budget."""
    said = []
    for name, ceiling, figures in (
        ("usd", budget.usd, [whole.cost(which) for which in range(3)]),
        ("tokens", budget.tokens, [whole.tokens(which) for which in range(3)]),
    ):
        if ceiling is not None:
            fits = [figure <= ceiling for figure in figures]
            word = "fits" if all(fits) else "may not do" if fits[1] else "is likely too small"
            if name == "usd" and whole.unpriced and fits[1]:
                word = "cannot be judged: a price is unknown"
            said.append(f"budget.{name}={ceiling:g} {word}")
    return said


def _range(figures: Sequence[float]) -> str:
    return f"{figures[0]:,.0f} to {figures[-1]:,.0f}"


def _dollars(figures: Sequence[float]) -> str:
    return f"${figures[0]:,.2f} to ${figures[-1]:,.2f}"
