"""All that the work on a study shares: models, budget, journal, trackers, and the wish to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence

from peersim.errors import BudgetSpent, PeersimError
from peersim.models.counter import CallCounter
from peersim.models.meter import Meter
from peersim.models.metered import USUAL_OUTPUT
from peersim.models.money import Price
from peersim.models.onward import RESUME, Onward
from peersim.models.pool import FREE, Pool
from peersim.models.watch import Watch
from peersim.store.runs import siblings
from peersim.store.study import StudyStore
from peersim.store.view import StoreView
from peersim.study.conditions import Conditions
from peersim.study.design import Study
from peersim.study.flight import Flight
from peersim.study.once import Models, StudyLab
from peersim.study.prices import prices_of
from peersim.study.vigil import Vigil
from peersim.tracking.base import Ending, Header, Tracker

# Said where a budget is too small for any call at all.
NONE_FITS = f": without model.max_tokens a call is taken to write {USUAL_OUTPUT:,} tokens"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Asks a study to end: once to finish what is in flight, twice to drop it.

    Attributes:
        asked: Whether anybody has asked.
        heard: Is called when somebody asks for the first time.
    """

    def __init__(self) -> None:
        """Begin with nobody asking."""
        self.asked = False
        self.heard: Callable[[], None] = _nothing
        self._main: asyncio.Task[object] | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for Ctrl-C, and for the SIGTERM of batch systems, while the block runs."""
        loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        before = {number: signal.getsignal(number) for number in SIGNALS}
        heard = [number for number in SIGNALS if _listen(loop, number, self.ask)]
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)
                # The loop leaves the system's own, and that of SIGTERM ends all without a word.
                signal.signal(number, before[number] or signal.SIG_DFL)

    def ask(self) -> None:
        """Ask for the end."""
        if self.asked and self._main:
            self._main.cancel()
        if not self.asked:
            self.asked = True
            self.heard()


def _nothing() -> None:
    """Do nothing: nobody listens yet."""


def _listen(
    loop: asyncio.AbstractEventLoop, number: signal.Signals, told: Callable[[], None]
) -> bool:
    """Return whether a signal will be heard; off the main thread none is."""
    try:
        loop.add_signal_handler(number, told)
    except (NotImplementedError, RuntimeError, ValueError):
        return False
    return True


class Site:
    """One process's work on a study.

    Attributes:
        counter: The calls made, recalled and failed.
        flight: The trials in flight.
        spent_out: Why the budget ended the work; None while it has not.
    """

    def __init__(
        self,
        study: Study,
        store: StudyStore,
        trackers: Sequence[Tracker],
        conditions: Conditions,
        stop: Stop,
        models: Models | None,
        onward: Onward = RESUME,
    ) -> None:
        """Prepare the site; nothing is opened or sent yet."""
        self.study, self.store, self.conditions, self.stop = study, store, conditions, stop
        self.trackers = trackers
        self.counter = CallCounter(study.retry.call_seconds, onward=onward)
        self.watch = Watch()
        self.flight = Flight(self.watch.clock)
        self.meter = Meter(conditions.budget)
        self.meter.keep, store.ledger.told = store.keep_held, self.meter.written
        self.spent_out: BudgetSpent | None = None
        self._pool = Pool(study.endpoints, study.retry, conditions.throttle, self.meter)
        stop.heard = self.wind_up
        self.lab = StudyLab(models or self._pool, store.ledger, store, self.counter, self.watch)

    def count_spent(self) -> None:
        """Count what earlier sessions, and the other jobs of a sweep, have spent.

        Raises:
            ConfigError: If a ceiling in dollars is asked for while a price is unknown.
        """
        if not self.conditions.budget.limited:
            return
        dollars = self.conditions.budget.usd is not None
        onward = self.counter.onward
        prices = prices_of(self.study.models, self._pool, onward) if dollars else {}

        def price(name: str) -> Price | None:
            return prices.get(name) if dollars else FREE

        self.meter.resume(self.store.spent(price))
        for path in siblings(self.store.directory):
            self.meter.resume(StoreView(path).spent(price))

    def end_for_want_of_budget(self, refused: BudgetSpent) -> None:
        """Note that the budget is used up; what is in flight is finished."""
        spent = self.meter.spent
        said = f"{refused.what} ({spent.tokens:,} tokens"
        if self.conditions.budget.usd is not None:
            said += f", ${spent.usd:.4f}"
            said += f" of it ${spent.estimated_usd:.4f} estimated" if spent.estimated_usd else ""
        bound = all(ref.sampling.max_tokens for ref in self.study.models)
        none = "" if bound or spent.tokens else NONE_FITS
        self.spent_out = BudgetSpent(
            f"{said} spent{none}); nothing that was paid for is lost",
            f"go on with a larger one: peersim resume {self.store.directory}"
            " --budget-usd X or --budget-tokens N",
        )

    def wind_up(self) -> None:
        """Say at once what a wish to end brings about, and see to it that nothing is waited for.

        Trials in flight are finished, since a trial that ends costs no more than one that is
        taken up again; but no provider that is down or asks for patience holds up the end.
        """
        self._pool.halt()
        self.tell(
            f"asked to stop: {self.flight.finishing()}; a call that fails now is not made again,"
            " and its trial is left for the next session. Ask again (Ctrl-C) to stop now"
        )

    def tell(self, text: str) -> None:
        """Tell the trackers of something that needs a look."""
        for tracker in self.trackers:
            tracker.warned(text)

    def announce(self, total: int, done: int) -> None:
        """Tell the trackers what is to be done."""
        header = Header(
            name=self.study.name,
            study_id=self.study.study_id,
            directory=str(self.store.directory),
            total=total,
            done=done,
            simulated=self.study.simulated,
            arms=tuple(arm.levels for arm in self.study.arms),
            spent=self.counter,
        )
        for tracker in self.trackers:
            tracker.begin(header)

    def vigil(self) -> Vigil:
        """Return who looks after the work."""

        def waits(model: str | None) -> list[str]:
            queued = self.meter.queued
            return [
                *self._pool.waits(model),
                *([f"{queued} wait for the budget"] if queued else []),
            ]

        seconds = self.conditions.limits.stall_seconds
        return Vigil(self.watch, seconds, waits, self.tell, self._flush)

    async def _flush(self) -> None:
        # What the limits did is told again at the end, so a full disk need not end the work here.
        await self.store.keep_throttles(self._pool.changes())

    async def close(self, ending: Ending) -> None:
        """Close what was opened, and note how the work ended."""
        self.store.hurry()
        await self.lab.close()
        await self._pool.aclose()
        # A store that can no longer be written must not hide why.
        with contextlib.suppress(PeersimError):
            await self._flush()
            await self.store.end_session(ending, self.counter, self.meter.loose)
        for tracker in self.trackers:
            tracker.end(ending)
