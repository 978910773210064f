"""Judging a finished run: every vote once, through the journal, beside the trials.

By most rubrics trials are judged; by one about relations, the histories they were forked from.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence

from peersim.errors import BudgetSpent, PeersimError
from peersim.models.base import ModelRef
from peersim.models.counter import CallCounter
from peersim.models.journal import MemoryJournal
from peersim.models.line import Line
from peersim.models.onward import JUDGE, LABELLED
from peersim.readings.judging.judge import CALLER, judge, judge_history, judge_text
from peersim.readings.judging.labels import Excerpt
from peersim.readings.judging.rubric import Rubric
from peersim.readings.judging.verdict import Judgement, Judging
from peersim.record import TrialRecord
from peersim.seeding import SeedTree
from peersim.store.study import StudyStore
from peersim.store.view import StoreView
from peersim.study.conditions import Conditions
from peersim.study.crew import first_of
from peersim.study.design import Study
from peersim.study.once import Models
from peersim.study.reaching import addresses
from peersim.study.site import Site, Stop
from peersim.tracking.base import Ending, Tracker

# What is judged, and the trial that trackers are told of.
_TRIALS = "SELECT trial_id, trial_id FROM trials WHERE outcome IS NOT NULL ORDER BY block, trial_id"
_HISTORIES = (
    "SELECT history_id, MIN(trial_id) FROM trials JOIN histories USING (history_id)"
    " WHERE failed IS NULL GROUP BY history_id ORDER BY MIN(block), history_id"
)


class Bench:
    """The judges of a run: one model, so many votes of it on each trial."""

    def __init__(self, model: ModelRef, votes: int, rubric: Rubric, again: bool = False) -> None:
        """Appoint the judges.

        Args:
            model: Who judges.
            votes: How often it votes on each trial or history, each time with a seed of its own.
            rubric: What it is told.
            again: Read every verdict again from the journal, those that are stored included.
        """
        self.model = model
        self.votes = votes
        self.rubric = rubric
        self.again = again

    def judgings(self, subject: str) -> list[Judging]:
        """Return all judgings of a trial or history."""
        digest = self.rubric.digest
        return [
            Judging(subject=subject, rubric=digest, model=self.model, number=number)
            for number in range(self.votes)
        ]


async def judge_run(
    study: Study,
    store: StudyStore,
    view: StoreView,
    bench: Bench,
    trackers: Sequence[Tracker] = (),
    conditions: Conditions | None = None,
    models: Models | None = None,
    stop: Stop | None = None,
) -> CallCounter:
    """Judge every finished trial of a store that has an outcome, or every whole history of one.

    What was judged before is not judged again, and calls that were completed come from the
    journal. Only judgings that failed are made again.

    Args:
        study: The study, with the judge's endpoint among its own.
        store: Where verdicts go.
        view: The same store, to read from.
        bench: Who judges.
        trackers: Who is told.
        conditions: Concurrency, budget and limits.
        models: Where models come from; by default a pool made from the study's endpoints.
        stop: Lets others ask for an early end.

    Raises:
        BudgetSpent: If the budget was used up; what was in flight has been finished.
        PeersimError: If the provider refuses all work, the journal diverges, or the store fails.
    """
    what = f"histories of {study.name}" if bench.rubric.of_histories else study.name
    named = {"judge": bench.model, "name": f"{what}, judged by {bench.model.ref}"}
    site = Site(
        study.model_copy(update=named),
        store,
        trackers,
        conditions or Conditions(),
        stop or Stop(),
        models,
        JUDGE,
    )
    site.count_spent()
    await store.begin_session(addresses(study, [bench.model]))
    ending: Ending = "failed"
    try:
        ending = await _Sitting(site, view, bench).go()
    except asyncio.CancelledError:
        ending = "stopped"
        raise
    finally:
        await site.close(ending)
    if site.spent_out:
        raise BudgetSpent(site.spent_out.what, f"give a larger one: {JUDGE.larger}")
    return site.counter


class _Sitting:
    """One process's work at judging a store."""

    def __init__(self, site: Site, view: StoreView, bench: Bench) -> None:
        self._site = site
        self._view = view
        self._bench = bench
        self._kept = set() if bench.again else site.store.judged()

    async def go(self) -> Ending:
        site = self._site
        wanted = _HISTORIES if self._bench.rubric.of_histories else _TRIALS
        found = [(str(one), str(trial)) for one, trial in self._view.query(wanted)]
        todo = [pair for pair in found if self._left(pair[0])]
        site.announce(len(found), len(found) - len(todo))
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
        return "stopped" if site.stop.asked else "complete"

    def _left(self, subject: str) -> list[Judging]:
        """Return the judgings of a trial or history that are still to be made."""
        found = self._bench.judgings(subject)
        return [one for one in found if one.judging_id not in self._kept]

    async def _work_off(self, todo: list[tuple[str, str]]) -> None:
        queue = iter(todo)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._site.conditions.concurrency, len(todo))):
                    group.create_task(self._work(queue))
        except* PeersimError as errors:
            raise first_of(errors) from None

    async def _work(self, queue: Iterator[tuple[str, str]]) -> None:
        site = self._site
        for subject, trial_id in queue:
            if site.stop.asked or site.spent_out:
                return
            for tracker in site.trackers:
                tracker.started(trial_id)
            try:
                with site.flight.of(subject):
                    await self._judge(subject, trial_id)
            except BudgetSpent as spent:
                # Not an error: the others finish what they have paid for.
                site.end_for_want_of_budget(spent)
                return
            site.watch.moved()

    async def _judge(self, subject: str, trial_id: str) -> None:
        """Take all votes on a trial, or on its history, that are still missing."""
        site = self._site
        record = self._view.record(trial_id)
        for judging in self._left(subject):
            line = site.lab.line(judging.judging_id, CALLER, self._bench.model)
            await site.store.keep_judgement(await self._vote(record, judging.number, line))
        for tracker in site.trackers:
            tracker.finished(record, site.counter)

    async def _vote(self, record: TrialRecord, number: int, line: Line) -> Judgement:
        bench = self._bench
        if not bench.rubric.of_histories:
            return await judge(record, bench.rubric, bench.model, number, line)
        history = self._view.history(record.history_id)
        assert history, "only what is kept is judged"
        return await judge_history(history, bench.rubric, bench.model, number, line)


async def judge_labelled(
    excerpts: Iterable[Excerpt], bench: Bench, models: Models, concurrency: int = 8
) -> list[tuple[Excerpt, Judgement]]:
    """Judge labelled excerpts; nothing of it is stored.

    Args:
        excerpts: What to judge.
        bench: Who judges.
        models: Where models come from.
        concurrency: Excerpts in flight at most.

    Returns:
        Each excerpt with each judgement of it, in order.

    Raises:
        PeersimError: If the provider refuses all work, or the budget is used up.
    """
    slots, journal = asyncio.Semaphore(concurrency), MemoryJournal()
    counter = CallCounter(onward=LABELLED)
    seeds = SeedTree(0).child("call")

    async def one(excerpt: Excerpt, judging: Judging) -> tuple[Excerpt, Judgement]:
        async with slots:
            stack, owner = models.model(bench.model), judging.judging_id
            line = Line(stack, journal, owner, CALLER, seeds, counter)
            return excerpt, await judge_text(excerpt.paper, bench.rubric, judging, line)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(one(excerpt, judging))
                for excerpt in excerpts
                for judging in bench.judgings(excerpt.subject)
            ]
    except* PeersimError as errors:
        raise first_of(errors) from None
    return [task.result() for task in tasks]
