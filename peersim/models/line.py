"""A line numbers the calls of one caller and takes each through the journal."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence

from peersim.errors import BudgetSpent
from peersim.events.calls import Called
from peersim.models.asked import Sampling
from peersim.models.base import Attempt, Completion, Failure, Request
from peersim.models.journal import CallKey, Journal, Trail
from peersim.models.onward import RESUME, Onward
from peersim.models.port import Model
from peersim.models.retry import CutOff, RetryPolicy
from peersim.models.sorts import Refusals
from peersim.models.stops import blocks_stop, refusal_stop
from peersim.models.watch import Watch
from peersim.seeding import SeedTree

# Calls in a row left unanswered by a model, all retries spent, that end a study once nothing was
# answered for this share of what a call may take: the network or the provider is down, and going
# on would only make every trial that is left invalid. Calls that fail together prove no more than
# one does, so time counts; a share, since what was in flight when the trouble began fails first.
UNANSWERED = 3
SILENT_SHARE = 0.5
# Failures in a row that no waiting helps and nobody foresaw, and blocks in a row by a provider's
# policy, that end a study: they are about the account or the study, not one conversation.
UNFORESEEN = 20
BLOCKS = 20


class CallCounter:
    """Counts what a process spent on a study, and what it could recall.

    Attributes:
        made: Calls answered by a model.
        recalled: Calls answered by the journal.
        failed: Calls that stayed without an answer, retries included.
        retried: Attempts that failed before a later one of the same call was answered.
        cost_usd: What the calls made cost; None once any of them did not say.
        answered: Calls answered, by model, journalled ones included.
        refusals: Bad requests in a row.
        unanswered: Calls in a row that stayed without an answer, by model.
        unforeseen: Those of them that failed in a way nobody foresaw, by model.
        blocked: Calls in a row that the provider's policy blocked, by model.
        clock: Tells seconds from any start.
        onward: How the work that the calls are for goes on.
    """

    def __init__(
        self,
        call_seconds: float = RetryPolicy().call_seconds,
        clock: Callable[[], float] = time.monotonic,
        onward: Onward = RESUME,
    ) -> None:
        """Start at zero.

        Args:
            call_seconds: How long one call may take, its retries included.
            clock: Tells seconds from any start; it must not follow the wall clock.
            onward: How the work that the calls are for goes on.
        """
        self.clock = clock
        self.onward = onward
        self._patience = SILENT_SHARE * call_seconds
        self._answered_at: dict[str, float] = {}
        self._silent_since: dict[str, float] = {}
        self.cost_usd: float | None = 0.0
        self.made = 0
        self.recalled = 0
        self.failed = 0
        self.retried = 0
        self.answered: Counter[str] = Counter()
        self.refusals = Refusals()
        self.unanswered: Counter[str] = Counter()
        self.unforeseen: Counter[str] = Counter()
        self.blocked: Counter[str] = Counter()

    def count(self, model: str, completion: Completion, request: Request) -> None:
        """Count a call that a model answered."""
        self.made += 1
        self.retried += len(completion.earlier)
        self.answered[model] += 1
        self.refusals.answered(model, request)
        self.unanswered[model] = self.unforeseen[model] = 0
        block = completion.finish == "content_filter" and not completion.simulated
        self.blocked[model] = self.blocked[model] + 1 if block else 0
        self._answered_at[model] = self.clock()
        self._silent_since.pop(model, None)
        cost = completion.usage.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost

    def recall(self, model: str) -> None:
        """Count a call that the journal answered."""
        self.recalled += 1
        self.answered[model] += 1

    def fail(
        self, model: str, failure: Failure, request: Request, asked_at: float | None = None
    ) -> None:
        """Count a call that stayed without an answer.

        Args:
            model: Who was asked.
            failure: What came.
            request: What was asked.
            asked_at: When, on the counter's clock; None for just now.
        """
        self.failed += 1
        if failure.kind == "bad_request":
            self.refusals.refused(model, request)
        self.unforeseen[model] += failure.kind == "unknown"
        if failure.kind == "context_window":
            return  # It is about one conversation.
        self.unanswered[model] += 1
        # A model that nobody asks is not silent.
        asked_at = self.clock() if asked_at is None else asked_at
        since = max(asked_at, self._answered_at.get(model, asked_at))
        self._silent_since[model] = min(self._silent_since.get(model, since), since)

    def silent(self, model: str) -> float:
        """Return the seconds for which a model was asked and answered nothing."""
        now = self.clock()
        return now - self._silent_since.get(model, now)

    def stops_study(self, model: str, failure: Failure, request: Request) -> bool:
        """Return whether going on would only burn trials.

        A bad request stops a study in which its model has had no answer yet, since then the
        model's name, address or parameters are wrong. Later it is about one conversation and
        costs one trial, unless it is the third in a row of its model or of its sort. Other
        failures stop it when nothing was answered for long.
        """
        down = self.unanswered[model] >= UNANSWERED and self.silent(model) >= self._patience
        if down or self.unforeseen[model] >= UNFORESEEN:
            return True
        if failure.kind != "bad_request":
            return failure.stops_study
        return not self.answered[model] or self.refusals.many(model, request)


class Line:
    """One caller's way to its model: journal first, then the model."""

    def __init__(
        self,
        model: Model,
        journal: Journal,
        owner: str,
        caller: str,
        seeds: SeedTree,
        counter: CallCounter | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Open a line.

        Args:
            model: Who answers.
            journal: Where completions are kept.
            owner: The id of the trial or history that the calls belong to.
            caller: The agent or instrument that asks.
            seeds: The node under which each call's opaque seed is drawn.
            counter: Counts calls over many lines.
            watch: Is told what is being waited for.
        """
        self.model = model
        self.caller = caller
        self._journal = journal
        self._owner = owner
        self._seed_of = seeds.child(owner, caller).numbered()
        self._counter = counter or CallCounter()
        self._watch = watch or Watch()
        self._trail = Trail()
        self.answered = 0

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer the caller's next request, from the journal if it is there.

        Raises:
            ProviderStop: If the provider refuses in a way that every other call would meet.
            BudgetSpent: If the study's budget has no room for the call.
            Divergence: If the journal holds another request for this call.
        """
        key = CallKey(self._owner, self.caller, self.answered)
        request = self._seeded(request, key.number)
        reply = (
            self._recalled(key, request)
            or self._journal.failed(key)
            or await self._made(key, request)
        )
        if isinstance(reply, Completion):
            self.answered += 1
        return reply

    def called(self, completion: Completion) -> Called:
        """Return the event of the call answered last."""
        return Called(
            caller=self.caller,
            number=self.answered - 1,
            finish=completion.finish,
            served_model=completion.served_model,
            simulated=completion.simulated,
            fingerprint=completion.fingerprint,
            provider=completion.provider,
            cached_tokens=completion.usage.cached_tokens,
            input_tokens=completion.usage.input_tokens,
            output_tokens=completion.usage.output_tokens,
            cost_usd=completion.usage.cost_usd,
        )

    def _seeded(self, request: Request, number: int) -> Request:
        """Return the request with the call's own opaque seed."""
        return Request(
            messages=request.messages,
            tools=request.tools,
            tool_choice=request.tool_choice,
            sampling=Sampling(
                temperature=request.sampling.temperature,
                top_p=request.sampling.top_p,
                max_tokens=request.sampling.max_tokens,
                seed=self._seed_of(number),
            ),
        )

    def _recalled(self, key: CallKey, request: Request) -> Completion | None:
        entry = self._journal.recall(key)
        if entry is None:
            return None
        completion = self._trail.match(key, entry, request, self._journal)
        self._counter.recall(self.model.name)
        self._watch.moved()
        return completion

    async def _made(self, key: CallKey, request: Request) -> Completion | Failure:
        self._watch.asked(key, self.model.name)
        asked_at = self._counter.clock()
        try:
            reply = await self.model.complete(request)
            if isinstance(reply, Completion):
                await self._keep(key, request, reply)
        except CutOff as cut:
            await self._note_attempts(key, cut.earlier)
            raise asyncio.CancelledError from cut
        finally:
            self._watch.ended(key)
        if isinstance(reply, Failure):
            await self._failed(key, request, reply, asked_at)
        elif self._counter.blocked[self.model.name] >= BLOCKS:
            raise blocks_stop(self.model.name, key, BLOCKS, self._counter.onward)
        return reply

    async def _keep(self, key: CallKey, request: Request, reply: Completion) -> None:
        """Make a completion durable before anybody uses it."""
        entry = self._trail.entry(request, reply)
        try:
            await self._journal.keep(key, entry, self.model.name, request)
        except asyncio.CancelledError:
            # It was handed over, and is kept although nobody waits for it any more.
            self._counter.count(self.model.name, reply, request)
            raise
        self._counter.count(self.model.name, reply, request)

    async def _failed(
        self, key: CallKey, request: Request, failure: Failure, asked_at: float
    ) -> None:
        """Note a call without an answer.

        Raises:
            BudgetSpent: If the budget refused it.
            ProviderStop: If every other call would fail as well.
        """
        if failure.kind == "budget":
            await self._note_attempts(key, failure.earlier)
            raise BudgetSpent(failure.detail, f"give a larger one: {self._counter.onward.larger}")
        name = self.model.name
        self._counter.fail(name, failure, request, asked_at)
        await self._journal.note(key, name, failure)
        if self._counter.stops_study(name, failure, request):
            unanswered, silent = self._counter.unanswered[name], self._counter.silent(name)
            raise refusal_stop(name, key, failure, unanswered, silent, self._counter.onward)

    async def _note_attempts(self, key: CallKey, made: Sequence[Attempt]) -> None:
        """Note the failed attempts of a call that was not made to its end."""
        if made:
            *earlier, last = made
            failure = Failure(
                kind=last.kind,
                detail=last.detail,
                retryable=True,
                retry_after=last.retry_after,
                earlier=tuple(earlier),
                charge=last.charge,
            )
            await self._journal.note(key, self.model.name, failure)
