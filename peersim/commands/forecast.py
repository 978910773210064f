"""The forecast of a study: calls, tokens, cost and time, before anything is paid for."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.config.launch import Job, launch
from peersim.config.models import conf_dir
from peersim.models.base import ModelRef
from peersim.models.meter import Budget
from peersim.models.money import Price
from peersim.models.pool import Pool
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.forecast import (
    CHARACTERS_PER_TOKEN,
    HIGH_OUTPUT,
    LIKELY_OUTPUT,
    Forecast,
    Load,
    Measured,
    forecast,
    with_sizes,
)
from peersim.study.measured import Owners, loads, sizes_of
from peersim.study.runner import run_study
from peersim.study.scopes import cautions

if TYPE_CHECKING:  # the statistics take half a second to load
    from peersim.commands.power import PowerWish

# The stand-in that acts in the pilot: one that uses every tool now and then.
STAND_IN = "loyal"


def show_forecast(
    arguments: Sequence[str],
    console: Console,
    pilot: int = 2,
    latency: float = 3.0,
    measured: Path | None = None,
    as_json: bool = False,
    power: "PowerWish | None" = None,
) -> None:
    """Print what a study would take; no model is called and nothing is kept.

    Args:
        arguments: The command line that would run it.
        console: Where to print.
        pilot: Replicates that are lived on the stand-in.
        latency: Seconds that a call is taken to last.
        measured: A run of real models to take the tokens a call from, by role.
        as_json: Print a JSON object.
        power: What is asked of a forecast of power; None for no such forecast.

    Raises:
        ConfigError: If the configuration is wrong, or power is asked for where nothing is
            declared.
    """
    jobs = _jobs(arguments)
    _check_power(jobs, power)
    sizes = sizes_of(measured) if measured else {}
    found = [_forecast(job, pilot, latency, sizes) for job in jobs]
    whole = Forecast(
        trials=sum(one.trials for one in found),
        lines=tuple(line for one in found for line in one.lines),
        chain=max(one.chain for one in found),
        seconds=sum(one.seconds for one in found),
        calls_range=(
            sum(one.calls_range[0] for one in found),
            sum(one.calls_range[1] for one in found),
        ),
    )
    budget = jobs[0].config.budget
    if as_json:
        # The object is all that may be printed.
        said = _powers(jobs, power, Console(quiet=True), shown=False)
        print(json.dumps(_plain(whole) | said, indent=2))
    else:
        _show(whole, budget, latency, measured, console)
        _powers(jobs, power, console, shown=True)
        for job in jobs:
            for caution in cautions(job.study):
                console.print(f"  note: {escape(caution)}", soft_wrap=True)


def _check_power(jobs: Sequence[Job], wish: "PowerWish | None") -> None:
    if wish is not None:
        from peersim.commands.power import check_wish

        for job in jobs:
            check_wish(job.study, wish)


def _powers(
    jobs: Sequence[Job], wish: "PowerWish | None", console: Console, *, shown: bool
) -> dict[str, object]:
    """Forecast the power of all jobs' contrasts; return it as plain data, or print it."""
    if wish is None:
        return {}
    from peersim.commands.power import as_plain, powers, show_powers

    found = [powers(job.study, wish, console) for job in jobs]
    for lines, said in found if shown else ():
        show_powers(lines, said, wish.wanted, console)
    return {"power": [as_plain(lines, said) for lines, said in found]}


def _jobs(arguments: Sequence[str]) -> list[Job]:
    """Return what a command line would run, without leaving anything on the disk."""
    found: list[Job] = []
    quiet = ("hydra.run.dir=.", "hydra.sweep.dir=.", "hydra.output_subdir=null")
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(Path(home)):
        launch([*arguments, *quiet], found.append)
    return found


def _forecast(job: Job, pilot: int, latency: float, sizes: dict[str, Load]) -> Forecast:
    study = job.study
    small = study.model_copy(update={"replicates": min(pilot, study.replicates)})
    loads, chain, spread = _lived(small)
    pool = Pool(study.endpoints, study.retry)
    prices: dict[str, Price | None] = {ref.ref: pool.price(ref) for ref in study.models}
    return forecast(
        study,
        with_sizes(loads, sizes),
        study.replicates / small.replicates,
        chain,
        prices.__getitem__,
        latency,
        job.config.concurrency,
        spread,
    )


def _lived(study: Study) -> tuple[list[Load], int, tuple[float, float]]:
    """Live a study on the stand-in.

    Returns:
        What it took, its longest chain of calls, and the spread of calls over its replicates.
    """
    path = conf_dir() / "model" / "simulated" / f"{STAND_IN}.yaml"
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))["profile"]
    models = Measured(ModelRef(ref=f"simulated/{STAND_IN}", profile=profile))
    with tempfile.TemporaryDirectory() as home:
        directory = Path(home) / "pilot"
        store = StudyStore(directory)
        try:
            asyncio.run(run_study(study, store, models=models))
        finally:
            store.close()
        view = RunView(directory)
        (held,) = view.stores
        owners = Owners(view, held)
        return loads(held, _overseers(study), owners), owners.chain, owners.spread


def _overseers(study: Study) -> set[str]:
    return {arm.roster.overseer for arm in study.arms}


def _plain(whole: Forecast) -> dict[str, object]:
    """Return a forecast as plain data; three figures are low, likely and high."""
    return {
        "trials": whole.trials,
        "calls": whole.calls,
        "calls_range": list(whole.calls_range),
        "tokens": [whole.tokens(which) for which in range(3)],
        "cost_usd": None if whole.unpriced else [whole.cost(which) for which in range(3)],
        "seconds": whole.seconds,
        "unpriced": whole.unpriced,
        "lines": [line.model_dump() for line in whole.lines],
    }


def _show(
    whole: Forecast, budget: Budget, latency: float, measured: Path | None, console: Console
) -> None:
    table = Table(box=None, padding=(0, 1, 0, 1))
    for name in ("role", "model", "calls", "tokens in", "cacheable", "tokens out", "cost"):
        left = name in ("role", "model")
        table.add_column(name, justify="left" if left else "right", no_wrap=name == "role")
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
    least = "at least " if whole.unpriced else ""
    costs = (whole.cost(0), whole.cost(1), whole.cost(2))
    tokens = _range([whole.tokens(which) for which in range(3)])
    said = [
        f"{whole.trials:,} trials, {_calls(whole)} calls, {tokens} tokens,"
        f" {least}{_dollars(costs)} (low to high; likely ${costs[1]:,.2f})",
        f"about {_duration(whole.seconds)} at {latency:g} s a call;"
        f" {whole.chain} calls in a row are the longest trial",
    ]
    if whole.unpriced:
        said.append(
            f"the price of {', '.join(whole.unpriced)} is unknown: give 'model.price={{input: X,"
            " output: Y}' in dollars per million tokens"
        )
    basis = (
        f"tokens a call as measured in {measured}"
        if measured
        else (f"tokens counted as characters / {CHARACTERS_PER_TOKEN} on the stand-in")
    )
    said.append(
        f"{basis}; output {LIKELY_OUTPUT:g} times that is taken as likely, and max_tokens, or"
        f" {HIGH_OUTPUT:g} times, as high, and what is said is read again by later calls; retries"
        " come on top"
    )
    return [*said, *_fit(whole, budget)]


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
            said.append(f"budget.{name}={ceiling:g} {word}")
    return said


def _range(figures: Sequence[float]) -> str:
    return f"{figures[0]:,.0f} to {figures[-1]:,.0f}"


def _dollars(figures: Sequence[float]) -> str:
    return f"${figures[0]:,.2f} to ${figures[-1]:,.2f}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
