"""Runs a study: what is not done yet, so many trials at a time, in the planned order."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence

from peersim import __version__
from peersim.answers import Failed
from peersim.errors import ConfigError, PeersimError
from peersim.events.log import EventLog
from peersim.models.line import CallCounter
from peersim.models.pool import Pool
from peersim.prompts.library import library_digest
from peersim.record import Paper, TrialRecord
from peersim.store.study import StudyStore
from peersim.study.certify import certify
from peersim.study.design import Study
from peersim.study.once import Models, StudyLab
from peersim.study.plan import Planned, plan
from peersim.tracking.base import Ending, Header, Tracker
from peersim.trial import run_trial

STUDY_KEY = "study"
VERSION_KEY = "version"


class Stop:
    """Asks a study to end: once to finish what is in flight, twice to drop it."""

    def __init__(self) -> None:
        """Begin with nobody asking."""
        self.asked = False
        self._main: asyncio.Task[object] | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for Ctrl-C while the block runs."""
        loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        try:
            loop.add_signal_handler(signal.SIGINT, self.ask)
            heard = True
        except (NotImplementedError, RuntimeError, ValueError):  # not the main thread
            heard = False
        try:
            yield
        finally:
            if heard:
                loop.remove_signal_handler(signal.SIGINT)

    def ask(self) -> None:
        """Ask for the end."""
        if self.asked and self._main:
            self._main.cancel()
        self.asked = True


async def run_study(
    study: Study,
    store: StudyStore,
    trackers: Sequence[Tracker] = (),
    concurrency: int = 32,
    models: Models | None = None,
    stop: Stop | None = None,
) -> CallCounter:
    """Run what a store does not hold yet of a study.

    Args:
        study: The study; it must be the one that the store holds, if it holds one.
        store: Where everything goes.
        trackers: Who is told.
        concurrency: Trials in flight at most.
        models: Where models come from; by default a pool made from the study's endpoints.
        stop: Lets others ask for an early end.

    Returns:
        The calls made, recalled and failed.

    Raises:
        ConfigError: If the store holds another study, or two arms are the same.
        PeersimError: If a provider refuses all work, the journal diverges, or the store fails.
    """
    certify(study)
    await adopt(study, store)
    counter = CallCounter()
    pool = Pool(study.endpoints, study.retry)
    lab = StudyLab(models or pool, store.ledger, store, counter)
    run = _Run(study, store, lab, trackers, stop or Stop(), counter)
    await store.begin_session()
    ending: Ending = "failed"
    try:
        ending = await run.go(concurrency)
    except asyncio.CancelledError:
        ending = "stopped"
        raise
    finally:
        lab.close()
        await pool.aclose()
        # A store that can no longer be written must not hide why.
        with contextlib.suppress(PeersimError):
            await store.end_session(ending, counter)
        for tracker in trackers:
            tracker.end(ending)
    return counter


async def adopt(study: Study, store: StudyStore) -> None:
    """Make the store the study's, or check that it already is.

    Raises:
        ConfigError: If it holds another study, or one begun by another version: trials of two
            versions must not be pooled unseen.
    """
    held = store.meta(STUDY_KEY)
    mine = f"peersim {__version__}, prompts {library_digest()}"
    if held is None:
        await store.put_meta(STUDY_KEY, study.model_dump_json())
        await store.put_meta(VERSION_KEY, mine)
    elif store.meta(VERSION_KEY) != mine:
        raise ConfigError(
            f"{store.directory} was begun by {store.meta(VERSION_KEY)}, and this is {mine}",
            "finish it with the version that began it, or start a new run directory",
        )
    elif Study.model_validate_json(held).study_id != study.study_id:
        raise ConfigError(
            f"{store.directory} holds another study",
            "choose another directory with hydra.run.dir=, or continue that one: peersim resume",
        )


class _Run:
    """One process's work on a study."""

    def __init__(
        self,
        study: Study,
        store: StudyStore,
        lab: StudyLab,
        trackers: Sequence[Tracker],
        stop: Stop,
        counter: CallCounter,
    ) -> None:
        self._counter = counter
        self._study = study
        self._store = store
        self._lab = lab
        self._trackers = trackers
        self._stop = stop

    async def go(self, concurrency: int) -> Ending:
        """Run everything that is left; return how it ended."""
        done = self._store.done()
        planned = plan(self._study)
        todo = [trial for trial in planned if trial.spec.trial_id not in done]
        self._announce(len(planned), len(planned) - len(todo))
        queue = iter(todo)
        with self._stop.listening():
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(concurrency, len(todo))):
                        group.create_task(self._work(queue))
            except* PeersimError as errors:
                raise _first(errors) from None
        return "stopped" if self._stop.asked else "complete"

    def _announce(self, total: int, done: int) -> None:
        header = Header(
            name=self._study.name,
            study_id=self._study.study_id,
            directory=str(self._store.directory),
            total=total,
            done=done,
            simulated=self._study.simulated,
            arms=tuple(arm.levels for arm in self._study.arms),
        )
        for tracker in self._trackers:
            tracker.begin(header)

    async def _work(self, queue: Iterator[Planned]) -> None:
        for planned in queue:
            if self._stop.asked:
                return
            for tracker in self._trackers:
                tracker.started(planned.spec.trial_id)
            record = await self._attempt(planned)
            await self._store.keep_trial(record)
            for tracker in self._trackers:
                tracker.finished(record, self._counter)

    async def _attempt(self, planned: Planned) -> TrialRecord:
        """Run a trial; the boundary where our own mistakes become an invalid trial."""
        try:
            return await run_trial(planned.spec, planned.block, self._lab)
        except PeersimError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug of ours must not end the study
            detail = f"{type(error).__name__}: {error}"
            failed = Failed(origin="internal", cause=type(error).__name__, detail=detail)
            return Paper(planned.spec, planned.block, EventLog()).invalid(failed, "oversight")


def _first(errors: ExceptionGroup[PeersimError]) -> PeersimError:
    """Return one error of a group: workers that fail together fail for the same reason."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, PeersimError)
    return error
