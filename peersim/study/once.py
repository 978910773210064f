"""The lab of a study: each history is lived once and each recollection made once."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from peersim.answers import Failed
from peersim.beliefs import Probe, Probing, probe
from peersim.history.live import live
from peersim.history.spec import History, Lived
from peersim.memory.base import Recollection
from peersim.models.base import ModelRef
from peersim.models.counter import CallCounter
from peersim.models.journal import Journal
from peersim.models.line import Line
from peersim.models.port import Model
from peersim.models.watch import Watch
from peersim.seeding import SeedTree
from peersim.spec import Remembering
from peersim.study.recollecting import recollect
from peersim.tasks.sandbox.run import Sandbox

T = TypeVar("T")


# Things kept in memory: trials that share one stand close together in the plan, and what is
# asked for again later comes from the store or the journal.
KEPT = 2048
# Seeds need no root of the study's: the owner's id already holds it.
_CALLS = SeedTree(0).child("call")


class Once(Generic[T]):
    """Makes a thing once per key, however many ask for it at the same time."""

    def __init__(self, kept: int = KEPT) -> None:
        """Start with nothing made.

        Args:
            kept: How many finished things stay in memory.
        """
        self._kept = kept
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the thing of a key, making it if nobody has."""
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(make())
            self._forget()
        # One waiter that is cancelled must not take the others' thing away.
        return await asyncio.shield(self._tasks[key])

    def _forget(self) -> None:
        """Let the oldest finished things go."""
        spare = max(len(self._tasks) - self._kept, 0)
        for key in [*islice(self._tasks, spare)]:
            if self._tasks[key].done():
                del self._tasks[key]

    async def settle(self) -> None:
        """Wait until nothing is being made any more."""
        making = [task for task in self._tasks.values() if not task.done()]
        await asyncio.gather(*making, return_exceptions=True)

    async def close(self) -> None:
        """Drop what is still being made, once it has put away what it had."""
        for task in self._tasks.values():
            # One that failed is looked at too, or asyncio complains that nobody did.
            if not task.cancel() and not task.cancelled():
                task.exception()
        await self.settle()


class Models(Protocol):
    """Where the models are."""

    def model(self, ref: ModelRef) -> Model:
        """Return the model of a reference."""
        ...


class Histories(Protocol):
    """Where lived histories are kept."""

    def history(self, history_id: str) -> History | None:
        """Return a kept history, or None."""
        ...

    async def keep_history(self, history: History) -> None:
        """Keep a history."""
        ...


class StudyLab:
    """Draws on one journal, one set of models and one store of histories."""

    def __init__(
        self,
        models: Models,
        journal: Journal,
        histories: Histories,
        counter: CallCounter,
        watch: Watch | None = None,
    ) -> None:
        """Open the lab."""
        self._watch = watch or Watch()
        self._sandbox = Sandbox()
        self._models = models
        self._journal = journal
        self._kept = histories
        self._counter = counter
        self._histories: Once[History] = Once()
        self._recollections: Once[Recollection | Failed] = Once()
        self._probes: Once[Probe] = Once()

    def line(self, owner: str, caller: str, model: ModelRef) -> Line:
        """Open a caller's line to its model."""
        stack = self._models.model(model)
        return Line(stack, self._journal, owner, caller, _CALLS, self._counter, self._watch)

    async def history(self, spec: Lived) -> History:
        """Return a history: kept from before, or lived now."""

        async def make() -> History:
            kept = self._kept.history(spec.history_id)
            if kept:
                return kept
            lived = await live(spec, self.line, self._sandbox.run)
            await self._kept.keep_history(lived)
            return lived

        return await self._histories.get(spec.history_id, make)

    async def recollection(self, spec: Remembering, history: History) -> Recollection | Failed:
        """Return a recollection of a history, made at first request."""

        async def make() -> Recollection | Failed:
            shown = history if spec.donor is None else await self.history(spec.donor)
            if shown.failed:
                return shown.failed
            line = self.line(spec.recollection_id, "memory", spec.model)
            return await recollect(spec, shown, history, line)

        return await self._recollections.get(spec.recollection_id, make)

    async def probe(self, spec: Probing, system: str) -> Probe:
        """Return what came of asking for beliefs, once for all trials that share it."""

        async def make() -> Probe:
            name = spec.remembering.agent
            line = self.line(spec.probing_id, name, spec.model)
            return await probe(system, name, spec.about, spec.number, line)

        return await self._probes.get(spec.probing_id, make)

    async def settle(self) -> None:
        """Wait for what nobody waits for any more, such as a question beside a trial cut short."""
        for once in (self._recollections, self._probes, self._histories):
            await once.settle()

    async def close(self) -> None:
        """Drop what is still being made; what was completed is in the journal."""
        for once in (self._recollections, self._probes, self._histories):
            await once.close()
