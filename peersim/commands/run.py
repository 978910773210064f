"""Running and resuming studies."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from peersim import steady
from peersim.commands.foreseen import check_contrasts
from peersim.commands.keys import check_keys
from peersim.commands.standing import print_trouble
from peersim.commands.trackers import Tracking, trackers
from peersim.errors import ConfigError, Interrupted, StoreError
from peersim.frozen import Frozen
from peersim.models.meter import Budget
from peersim.models.throttle import ThrottlePolicy
from peersim.store.runs import LATEST, find_stores, has_parts, remember_latest, run_directory
from peersim.store.schema import FILE
from peersim.store.study import StudyStore
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.certify import certify
from peersim.study.conditions import Conditions, Limits
from peersim.study.design import Study
from peersim.study.forking import forking
from peersim.study.handles import roomy
from peersim.study.prices import check_prices
from peersim.study.runner import STUDY_KEY, adopt, run_study
from peersim.study.scopes import cautions
from peersim.study.site import Stop
from peersim.tracking.progress import ProgressTracker

if TYPE_CHECKING:
    from peersim.config.launch import Job

OPTIONS_KEY = "options"


class Options(Frozen):
    """How a study is run; kept with it, so that resuming goes on in the same way."""

    concurrency: int
    max_invalid: float
    tracking: Tracking
    budget: Budget = Budget()
    throttle: ThrottlePolicy = ThrottlePolicy()
    limits: Limits = Limits()

    @property
    def conditions(self) -> Conditions:
        """Under what conditions the study is run."""
        return Conditions(
            concurrency=self.concurrency,
            budget=self.budget,
            throttle=self.throttle,
            limits=self.limits,
        )


def run(arguments: Sequence[str], console: Console) -> Path | None:
    """Run what the command line describes.

    Returns:
        The directory of the run or sweep; None if Hydra only showed something.
    """
    from peersim.config.launch import launch

    before = _latest_mark()
    workshop = Workshop(arguments, console)
    launch(arguments, workshop)
    if workshop.ran:
        return workshop.ran[-1]
    # Launchers that start processes of their own leave their trace on disk only.
    return run_directory(None) if _latest_mark() != before else None


class Workshop:
    """Runs the jobs of a command line, here or in the process of another launcher's.

    Attributes:
        ran: The directories of the runs or sweeps that were worked on here.
    """

    def __init__(self, arguments: Sequence[str], console: Console | None = None) -> None:
        """Work for a command line; without a console, as in a process of its own, on a new one."""
        self._arguments = tuple(arguments)
        self._console = console or Console(highlight=False)
        self.ran: list[Path] = []

    def __reduce__(self) -> tuple[type["Workshop"], tuple[tuple[str, ...]]]:
        """Go to another process without the console, which cannot."""
        return Workshop, (self._arguments,)

    def __call__(self, job: "Job") -> None:
        """Run a job's study.

        Raises:
            PeersimError: If it cannot go on.
            Interrupted: If the user asked for an early end.
        """
        from peersim.commands.attempts import place_of

        directory = place_of(job, self._arguments, self._console)
        self.ran.append(directory if job.merged else job.sweep or directory)
        config = job.config
        options = Options(
            concurrency=config.concurrency,
            max_invalid=config.max_invalid,
            tracking=Tracking.model_validate(config.tracking.model_dump()),
            budget=config.budget,
            throttle=config.throttle,
            limits=config.limits,
        )
        work(job.study, options, directory, self._console, latest=self.ran[-1])


def _latest_mark() -> int | None:
    return LATEST.stat().st_mtime_ns if LATEST.is_file() else None


def resume(
    directory: Path,
    console: Console,
    retry_invalid: bool = False,
    budget: Budget | None = None,
) -> Path:
    """Go on with every run of a directory that is not finished.

    Args:
        directory: The run or sweep.
        console: Where to say what happens.
        retry_invalid: Run invalid trials again as well.
        budget: A new budget, in place of the one that the run was started with.

    Returns:
        The directory.

    Raises:
        StoreError: If there is no run, or it never got as far as a plan.
    """
    remember_latest(directory)
    for path in find_stores(directory):
        study, options = held(path)
        if budget:
            options = options.model_copy(update={"budget": budget})
        work(study, options, path.parent, console, retry_invalid)
    if has_parts(directory):
        console.print(
            "note: jobs of the sweep that had not begun are not started by resume; give the"
            f" command again with hydra.sweep.dir={directory}",
            soft_wrap=True,
        )
    return directory


def new_budget(usd: float | None, tokens: int | None) -> Budget | None:
    """Return a budget from the command line; None if no ceiling was given.

    Raises:
        ConfigError: If a ceiling is not above zero.
    """
    if usd is None and tokens is None:
        return None
    if (usd is not None and usd <= 0) or (tokens is not None and tokens <= 0):
        raise ConfigError("a budget must be above zero", "leave the option out for no ceiling")
    return Budget(usd=usd, tokens=tokens)


def held(path: Path) -> tuple[Study, Options]:
    """Return the study that a store holds, and how it was run.

    Raises:
        StoreError: If it ended before it had a plan.
    """
    view = StoreView(path)
    study, options = view.meta(STUDY_KEY), view.meta(OPTIONS_KEY)
    view.connection.close()
    if study is None or options is None:
        raise StoreError(f"{path.parent} ended before it had a plan", "run it again: peersim run")
    with reading(f"the study in {path}"):
        return Study.model_validate_json(study), Options.model_validate_json(options)


def work(
    study: Study,
    options: Options,
    directory: Path,
    console: Console,
    retry_invalid: bool = False,
    latest: Path | None = None,
) -> None:
    """Run what a directory does not hold yet of a study.

    Args:
        study: The study.
        options: How it is run.
        directory: Of its store.
        console: Where to say what happens.
        retry_invalid: Run invalid trials again as well.
        latest: What commands mean from then on when they are given no directory, once there is
            a store; None to leave that as it is.

    Raises:
        PeersimError: If the study cannot go on.
        Interrupted: If the user asked for an early end.
    """
    check_keys(study)
    for caution in cautions(study):
        console.print(caution, style="yellow", soft_wrap=True, markup=False)
    check_contrasts(study, directory, console)
    conditions, cramped = roomy(study, options.conditions)
    if cramped:
        console.print(cramped, style="yellow", soft_wrap=True, markup=False)
    check_prices(study, conditions.budget)
    certify(study)  # before gates are paid for, and before there is a store
    store = StudyStore(directory)
    if latest:
        remember_latest(latest)
    stop = Stop()
    told = [ProgressTracker(console), *trackers(study, options.tracking, directory, console)]

    whole = False

    async def main() -> None:
        nonlocal whole
        print_trouble(directory, console)  # before what is gone comes back
        if study.protocol.gates:
            from peersim.commands.gates import check_begun

            check_begun(study, directory)
        await adopt(study, store)
        await store.put_meta(OPTIONS_KEY, options.model_dump_json())
        if retry_invalid:
            await store.forget_invalid()
        allowed = conditions
        if study.protocol.gates:
            from peersim.commands.gates import open_gates

            allowed = await open_gates(study, allowed, directory, console, stop)
        await run_study(study, store, told, allowed, stop=stop, certified=True)
        whole = len(store.done()) >= study.size

    try:
        steady.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Interrupted from None
    finally:
        store.close()
    if stop.asked and not whole:
        raise Interrupted
    saved = forking(StoreView(directory / FILE)).said
    if saved:
        console.print(f"  {saved}", soft_wrap=True)
