"""The forecast of a study: calls, tokens, cost and time, before anything is paid for."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from rich.console import Console
from rich.markup import escape

from peersim.commands.foretold import show_whole
from peersim.config.launch import Job, launch
from peersim.config.models import conf_dir
from peersim.models.base import ModelRef
from peersim.models.money import Price
from peersim.models.pool import Pool
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.forecast import (
    Measured,
    forecast,
    history_cost,
    with_sizes,
)
from peersim.study.loads import Forecast, Load
from peersim.study.measured import Owners, loads, sizes_of
from peersim.study.runner import run_study
from peersim.study.scopes import cautions

if TYPE_CHECKING:  # the statistics take half a second to load
    from peersim.analysis.worth import Worth
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
        said = _powers(jobs, found, power, Console(quiet=True), shown=False)
        plans = [one.model_dump() for one in _worths(jobs, found)]
        print(json.dumps(_plain(whole) | {"plans": plans} | said, indent=2))
    else:
        show_whole(whole, budget, latency, measured, console)
        for text in dict.fromkeys(one.text for one in _worths(jobs, found)):
            console.print(f"  {text}", soft_wrap=True)
        _powers(jobs, found, power, console, shown=True)
        for job in jobs:
            for caution in (*_few(job.study), *cautions(job.study)):
                console.print(f"  note: {escape(caution)}", soft_wrap=True)


def _worths(jobs: Sequence[Job], forecasts: Sequence[Forecast]) -> "list[Worth]":
    """Return what the trials of each job's plan are worth."""
    from peersim.analysis.worth import worth

    both = zip(jobs, forecasts, strict=True)
    return [worth(job.study, history_cost(job.study, whole)) for job, whole in both]


def _few(study: Study) -> list[str]:
    """Return what the analysis will refuse for its layout, or for want of histories."""
    if not study.protocol.contrasts:
        return []
    from peersim.analysis.floors import few
    from peersim.analysis.foreseen import unsound

    return [*(one.text for one in unsound(study)), *(one.text for one in few(study))]


def _check_power(jobs: Sequence[Job], wish: "PowerWish | None") -> None:
    if wish is not None:
        from peersim.analysis.foreseen import refuse_unsound_contrasts
        from peersim.commands.power import check_wish

        for job in jobs:
            check_wish(job.study, wish)
            refuse_unsound_contrasts(job.study)


def _powers(
    jobs: Sequence[Job],
    forecasts: Sequence[Forecast],
    wish: "PowerWish | None",
    console: Console,
    *,
    shown: bool,
) -> dict[str, object]:
    """Forecast the power of all jobs' contrasts; return it as plain data, or print it."""
    if wish is None:
        return {}
    from peersim.commands.power import as_plain, best_said, powers, show_powers

    found = []
    for job, whole in zip(jobs, forecasts, strict=True):
        lines, said = powers(job.study, wish, console)
        found.append((lines, [*said, *best_said(lines, history_cost(job.study, whole))]))
    for lines, said in found if shown else ():
        show_powers(lines, said, wish.wanted, console)
    return {"power": [as_plain(lines, said) for lines, said in found]}


def _jobs(arguments: Sequence[str]) -> list[Job]:
    """Return what a command line would run, without leaving anything on the disk."""
    found: list[Job] = []
    with tempfile.TemporaryDirectory() as home:
        # Not by going there: a --config-dir may be relative to where the command was given.
        places = (f"hydra.{mode}.dir='{home}'" for mode in ("run", "sweep"))
        launch([*arguments, *places, "hydra.output_subdir=null"], found.append)
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
