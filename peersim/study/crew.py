"""Works through the plan of a study: so many trials at a time, in the planned order."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator

from peersim.answers import Failed
from peersim.errors import BudgetSpent, PeersimError
from peersim.events.log import EventLog
from peersim.record import Paper, TrialRecord
from peersim.store.clock import now
from peersim.study.handles import out_of_files
from peersim.study.plan import Planned, plan
from peersim.study.site import Site
from peersim.tracking.base import Ending
from peersim.trial import run_trial


class Crew:
    """The workers of a site."""

    def __init__(self, site: Site) -> None:
        """Take up work on a site."""
        self._site = site

    async def go(self) -> Ending:
        """Run everything that is left; return how it ended.

        Raises:
            PeersimError: If the study cannot go on.
        """
        site = self._site
        done = site.store.done()
        planned = plan(site.study)
        # An id takes longer to make than a trial to plan, so none is made before it is wanted.
        todo = [trial for trial in planned if not done or trial.spec.trial_id not in done]
        site.announce(len(planned), len(planned) - len(todo))
        with site.stop.listening():
            vigil = asyncio.create_task(site.vigil().keep())
            try:
                await self._work_off(todo)
                if site.stop.asked:
                    await site.lab.settle()
            finally:
                vigil.cancel()
                with contextlib.suppress(asyncio.CancelledError, PeersimError):
                    await vigil
        if site.spent_out:
            return "budget"
        if site.stop.asked and len(site.store.done()) < len(planned):
            return "stopped"
        return "complete"

    async def _work_off(self, todo: list[Planned]) -> None:
        """Run trials, each lane with workers of its own."""
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes(todo):
                    queue = iter(lane)
                    for _ in range(min(self._site.conditions.concurrency, len(lane))):
                        group.create_task(self._work(queue))
        except* PeersimError as errors:
            raise first_of(errors) from None

    async def _work(self, queue: Iterator[Planned]) -> None:
        site = self._site
        for planned in queue:
            if site.stop.asked or site.spent_out:
                return
            for tracker in site.trackers:
                tracker.started(planned.spec.trial_id)
            began = now()
            try:
                # One that is cut short by a wish to end ends its worker, and no other's.
                with site.flight.of(planned.spec.trial_id):
                    record = await self._attempt(planned)
            except BudgetSpent as spent:
                # Not an error: the others finish what they have paid for.
                site.end_for_want_of_budget(spent)
                return
            await site.store.keep_trial(record, began)
            site.watch.moved()
            site.watch.last(record.trial_id)
            for tracker in site.trackers:
                tracker.finished(record, site.counter)

    async def _attempt(self, planned: Planned) -> TrialRecord:
        """Run a trial; the boundary where our own mistakes become an invalid trial."""
        seconds = self._site.conditions.limits.trial_seconds
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await run_trial(planned.spec, planned.block, self._site.lab)
        except PeersimError:
            raise
        except Exception as error:  # a bug of ours must not end the study
            if trouble := out_of_files(error):
                raise trouble from error
            if limit.expired():
                return _invalid(planned, self._too_long(planned, seconds))
            detail = f"{type(error).__name__}: {error}"
            failed = Failed(origin="internal", cause=type(error).__name__, detail=detail)
            return _invalid(planned, failed)

    def _too_long(self, planned: Planned, seconds: float) -> Failed:
        """Return the failure of a trial over its wall limit, and what it waited for."""
        spec = planned.spec
        owners = (spec.trial_id, spec.remembering.recollection_id, spec.history.history_id)
        waits = [call for call in map(self._site.watch.last, owners) if call]
        waited = f"; its last call was {waits[0]}" if waits else ""
        return Failed(
            origin="provider",
            cause="wall_limit",
            detail=f"not over after {seconds:g} s (limits.trial_seconds){waited}",
        )


def lanes(todo: Iterable[Planned]) -> list[list[Planned]]:
    """Return trials by the set of models they need, each lane in the planned order.

    So the trials of a model that is slow or limited never hold the workers of another's.
    """
    found: dict[frozenset[str], list[Planned]] = {}
    for planned in todo:
        models = frozenset(ref.model_id for ref in planned.spec.models.values())
        found.setdefault(models, []).append(planned)
    return list(found.values())


def _invalid(planned: Planned, failed: Failed) -> TrialRecord:
    return Paper(planned.spec, planned.block, EventLog()).invalid(failed, "oversight")


def first_of(errors: ExceptionGroup[PeersimError]) -> PeersimError:
    """Return one error of a group: workers that fail together fail for the same reason."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, PeersimError)
    return error
