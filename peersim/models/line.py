"""A line numbers the calls of one caller and takes each through the journal."""

import asyncio
from collections.abc import Sequence

from peersim.errors import BudgetSpent
from peersim.events.calls import Called
from peersim.models.asked import Message, Sampling, ToolSpec
from peersim.models.base import Attempt, Completion, Failure, Request
from peersim.models.counter import BLOCKS, CallCounter
from peersim.models.journal import CallKey, Journal, Trail
from peersim.models.port import Model
from peersim.models.retry import CutOff
from peersim.models.stops import blocks_stop, refusal_stop
from peersim.models.watch import Watch
from peersim.seeding import SeedTree


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
        """Answer the caller's next request, as ``ask`` does, whatever seed it came with."""
        given = request.sampling
        sampling = Sampling(
            temperature=given.temperature,
            top_p=given.top_p,
            max_tokens=given.max_tokens,
            seed=self._seed(),
        )
        return await self._answer(
            Request(
                messages=request.messages,
                tools=request.tools,
                tool_choice=request.tool_choice,
                sampling=sampling,
            )
        )

    async def ask(
        self, messages: tuple[Message, ...], tools: tuple[ToolSpec, ...] = ()
    ) -> Completion | Failure:
        """Answer the caller's next request, from the journal if it is there.

        Args:
            messages: All of the conversation so far.
            tools: What may be called.

        Raises:
            ProviderStop: If the provider refuses in a way that every other call would meet.
            BudgetSpent: If the study's budget has no room for the call.
            Divergence: If the journal holds another request for this call.
        """
        sampling = Sampling(seed=self._seed())
        return await self._answer(Request(messages=messages, tools=tools, sampling=sampling))

    async def _answer(self, request: Request) -> Completion | Failure:
        key = CallKey(self._owner, self.caller, self.answered)
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

    def _seed(self) -> int:
        """Return the next call's own opaque seed."""
        return self._seed_of(self.answered)

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
                self._watch.answered(key)
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
