"""Judging on the terminal: a run's trials, or the labelled excerpts."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape

from peersim import steady
from peersim.commands.calls import study_of
from peersim.commands.judge_tables import print_judged, print_labelled
from peersim.commands.judge_ties import print_ties
from peersim.commands.keys import check_keys
from peersim.commands.run import held
from peersim.errors import ConfigError, Interrupted
from peersim.models.base import Endpoint, ModelRef
from peersim.models.meter import Budget, Meter
from peersim.models.onward import JUDGE, LABELLED, NONE_KEPT
from peersim.models.pool import Pool
from peersim.prompts.library import library_digest
from peersim.readings.judging.family import family
from peersim.readings.judging.human import FILE as LABELS
from peersim.readings.judging.human import keep_labels
from peersim.readings.judging.labels import Excerpt, labelled
from peersim.readings.judging.rubric import load_rubric
from peersim.readings.judging.verdict import Judgement
from peersim.store.study import StudyStore
from peersim.store.view import RunView, StoreView
from peersim.study.conditions import Conditions
from peersim.study.design import Study
from peersim.study.judging import Bench, judge_labelled, judge_run
from peersim.study.prices import prices_of
from peersim.study.runner import VERSION_KEY
from peersim.study.site import Stop
from peersim.tracking.progress import ProgressTracker

LEFT = "no verdict is lost. The same command again goes on"


class Wish(NamedTuple):
    """What the command line asks for.

    Attributes:
        models: Who is to judge, as ``model=`` takes it; empty for the run's own judge.
        settings: Overrides for them.
        votes: Votes of each on each trial.
        again: Read stored verdicts again as well.
        budget: A ceiling for the whole run; None for the one it was started with.
        early: Look at what was said by arm now, whatever the plan says.
        labels: A table of what people said of the run's trials, to be kept with the run.
    """

    models: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    votes: int = 1
    rubric: str = "conduct"
    again: bool = False
    budget: Budget | None = None
    early: bool = False
    labels: Path | None = None


class _Judge(NamedTuple):
    """A judge's model and how it is reached."""

    model: ModelRef
    endpoints: dict[str, Endpoint]


@contextlib.contextmanager
def leaving(left: str) -> Iterator[None]:
    """Say what is left of the work when Ctrl-C ends the block."""
    try:
        yield
    except KeyboardInterrupt:  # where no work listens for it itself
        raise Interrupted(left) from None


@leaving(LEFT)
def judge_trials(directory: Path, wish: Wish, console: Console) -> None:
    """Judge the finished trials of a run or sweep, and print what was said.

    Raises:
        ConfigError: If nobody is there to judge, or a key is missing.
        PeersimError: If the judging cannot go on.
        Interrupted: If the user asked for an early end.
    """
    rubric = load_rubric(wish.rubric)
    given = [_composed(name, wish.settings) for name in wish.models]
    if wish.labels:
        kept = keep_labels(directory, wish.labels)
        console.print(f"{len(kept)} labels are kept in {escape(str(directory / LABELS))}")
    only_labels = wish.labels is not None and not given
    for store in () if only_labels else RunView(directory).stores:
        study, options = held(store.path)
        conditions = options.conditions
        if wish.budget:
            conditions = conditions.model_copy(update={"budget": wish.budget})
        _warn_of_version(store, console)
        for one in given or _own(study):
            _warn_of_family(study, one.model, console)
            endpoints = {**study.endpoints, **one.endpoints}
            reached = study.model_copy(update={"endpoints": endpoints})
            check_keys(reached, [one.model])
            bench = Bench(one.model, wish.votes, rubric, wish.again)
            _sit(reached, store, bench, conditions, console)
    if rubric.of_histories:
        print_ties(RunView(directory), console)
    else:
        print_judged(RunView(directory), console, wish.early)


def _composed(name: str, settings: Sequence[str]) -> _Judge:
    study = study_of(name, settings)
    return _Judge(model=study.models[0], endpoints=study.endpoints)


def _own(study: Study) -> list[_Judge]:
    if study.judge is None:
        raise ConfigError(
            "the run has no judge of its own",
            "say who judges: peersim judge --model openai/gpt-5.2, or run with +model@roles.judge=",
        )
    return [_Judge(model=study.judge, endpoints={})]


def _warn_of_version(store: StoreView, console: Console) -> None:
    """Say so if the job that judges see is written by other templates than the trials' own."""
    begun = store.meta(VERSION_KEY) or ""
    if not begun.endswith(f"prompts {library_digest()}"):
        console.print(
            f"note: the run was begun by {begun}; judges are shown the job as this version"
            " words it",
            style="yellow",
            soft_wrap=True,
        )


def _warn_of_family(study: Study, judge: ModelRef, console: Console) -> None:
    overseers = {arm.models["subject"].ref for arm in study.arms}
    kin = sorted(ref for ref in overseers if family(ref) == family(judge.ref))
    if kin:
        console.print(
            f"warning: {escape(judge.ref)} is of the family of the overseer {escape(kin[0])}, so it"
            " may judge its own kind; take a judge of another family",
            style="yellow",
            soft_wrap=True,
        )


def _sit(
    study: Study, view: StoreView, bench: Bench, conditions: Conditions, console: Console
) -> None:
    """Judge one store.

    Raises:
        PeersimError: If it cannot go on.
        Interrupted: If the user asked for an early end.
    """
    store, stop = StudyStore(view.path.parent, JUDGE), Stop()
    trackers = [ProgressTracker(console)]
    try:
        steady.run(judge_run(study, store, view, bench, trackers, conditions, stop=stop))
    except asyncio.CancelledError:
        raise Interrupted(LEFT) from None
    finally:
        store.close()
    if stop.asked:
        raise Interrupted(LEFT)


@leaving(NONE_KEPT)
def judge_labels(wish: Wish, console: Console) -> None:
    """Judge the labelled excerpts, and print how often each judge was right.

    Raises:
        ConfigError: If nobody is named to judge, or a key is missing.
        PeersimError: If the judging cannot go on.
    """
    if not wish.models:
        raise ConfigError("--labelled needs a judge", "name it: --model openai/gpt-5.2")
    rubric = load_rubric(wish.rubric)
    if rubric.of_histories:
        fix = "leave --labelled out: judged ties are held against the acts of the run"
        raise ConfigError(f"there are no labelled excerpts for the rubric {wish.rubric}", fix)
    for name in wish.models:
        study = study_of(name, wish.settings)
        check_keys(study, study.models[:1])
        bench = Bench(study.models[0], wish.votes, rubric)
        found = steady.run(_labelled(study, bench, wish.budget or Budget()))
        print_labelled(bench.model, found, console)


async def _labelled(study: Study, bench: Bench, budget: Budget) -> list[tuple[Excerpt, Judgement]]:
    pool = Pool(study.endpoints, study.retry, meter=Meter(budget))
    try:
        if budget.usd is not None:
            prices_of([bench.model], pool, LABELLED)
        return await judge_labelled(labelled(), bench, pool)
    finally:
        await pool.aclose()
