"""Runs a study: what is not done yet, so many trials at a time, in the planned order."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Iterator, Sequence

from peersim import __version__
from peersim.errors import ConfigError
from peersim.models.counter import CallCounter
from peersim.prompts.library import library_digest
from peersim.store.runs import directory_key
from peersim.store.study import StudyStore
from peersim.store.torn import reading
from peersim.study.certify import certify
from peersim.study.conditions import Conditions
from peersim.study.crew import Crew
from peersim.study.design import Study
from peersim.study.frozen_plan import freeze
from peersim.study.once import Models
from peersim.study.reaching import addresses, gone_on
from peersim.study.site import Site, Stop
from peersim.study.unlike import unlike
from peersim.tracking.base import Ending, Tracker

STUDY_KEY = "study"
VERSION_KEY = "version"
# What may change between two sessions of a run, as a deviation from its plan.
DECLARED = ("protocol", "gates", "override_gates")


async def run_study(
    study: Study,
    store: StudyStore,
    trackers: Sequence[Tracker] = (),
    conditions: Conditions | None = None,
    models: Models | None = None,
    stop: Stop | None = None,
    *,
    certified: bool = False,
) -> CallCounter:
    """Run what a store does not hold yet of a study.

    Args:
        study: The study; it must be the one that the store holds, if it holds one.
        store: Where everything goes.
        trackers: Who is told.
        conditions: Concurrency, budget and limits.
        models: Where models come from; by default a pool made from the study's endpoints.
        stop: Lets others ask for an early end.
        certified: Whether its arms have been certified already.

    Returns:
        The calls made, recalled and failed.

    Raises:
        ConfigError: If the store holds another study, two arms are the same, or a ceiling in
            dollars is asked for while a price is unknown.
        BudgetSpent: If the budget was used up; what was in flight has been finished.
        PeersimError: If a provider refuses all work, the journal diverges, or the store fails.
    """
    if not certified:
        certify(study)
    await adopt(study, store)
    conditions = conditions or Conditions()
    site = Site(study, store, trackers, conditions, stop or Stop(), models)
    site.count_spent()
    await store.begin_session(addresses(study, study.models))
    ending: Ending = "failed"
    try:
        in_flight = conditions.concurrency
        with collecting_rarely(in_flight), switching_often(in_flight):
            ending = await Crew(site).go()
    except asyncio.CancelledError:
        ending = "stopped"
        raise
    finally:
        await site.close(ending)
    if site.spent_out:
        raise site.spent_out
    return site.counter


# Containers made and not given back before the garbage collector looks, at the least; and how many
# a trial in flight holds, counted on trials of twenty calls.
LOOK, HELD = 50_000, 1_500


@contextlib.contextmanager
def collecting_rarely(in_flight: int = 1) -> Iterator[None]:
    """Let the garbage collector look less often while the block runs.

    A study allocates much that lives long and next to no cycles, so that a tenth of its CPU
    would go into looking.

    Args:
        in_flight: Trials at the same time. What they hold is alive, and is not worth a look.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(LOOK, HELD * in_flight), 20, 100)
    try:
        yield
    finally:
        # All that was made becomes old, or the next look would go through the whole of it.
        gc.freeze()
        gc.set_threshold(*before)
        gc.unfreeze()


# From how many trials in flight on the loop is busy for long stretches, in which the thread that
# commits would wait this many seconds at most for its turn, each time it needs one.
MANY, TURN_SECONDS = 256, 0.0003


@contextlib.contextmanager
def switching_often(in_flight: int) -> Iterator[None]:
    """Let the thread that commits have its turn soon where much is in flight.

    A commit needs the interpreter several times, and all whose completions are in it wait. With
    few trials in flight the loop rests often enough, and more turns would only cost CPU.

    Args:
        in_flight: Trials at the same time.
    """
    before = sys.getswitchinterval()
    if in_flight >= MANY:
        sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def version_mark() -> str:
    """Return what a run is begun by: trials of two such must not be pooled unseen."""
    return f"peersim {__version__}, prompts {library_digest()}"


async def adopt(study: Study, store: StudyStore) -> None:
    """Make the store the study's, or check that it already is; its plan is frozen the first time.

    Raises:
        ConfigError: If it holds another study, or one begun by another version: trials of two
            versions must not be pooled unseen.
    """
    held = store.meta(STUDY_KEY)
    mine = version_mark()
    if held is None:
        # At once: a run without its version would be taken for another version's.
        await store.put_metas({STUDY_KEY: study.model_dump_json(), VERSION_KEY: mine})
        await freeze(study, store)
    elif store.meta(VERSION_KEY) != mine:
        raise ConfigError(
            f"{store.directory} was begun by {store.meta(VERSION_KEY)}, and this is {mine}",
            "finish it with the version that began it, or start a new run directory",
        )
    elif (before := _study_of(held, store)).study_id != study.study_id:
        raise ConfigError(
            f"{store.directory} holds another study ({unlike(before, study)})",
            f"choose another directory with {directory_key(store.directory)}, or continue that one:"
            f" peersim resume {store.directory}",
        )
    else:
        await freeze(study, store)
        # The frozen plan stands; this is what resuming goes on with.
        declared = {name: getattr(study, name) for name in DECLARED}
        reached, notes = gone_on(before, study, store)
        after = reached.model_copy(update=declared)
        if after != before:
            await store.put_metas({**notes, STUDY_KEY: after.model_dump_json()})


def _study_of(held: str, store: StudyStore) -> Study:
    with reading(f"the study in {store.directory}"):
        return Study.model_validate_json(held)
