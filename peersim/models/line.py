"""A line numbers the calls of one caller and takes each through the journal."""

from collections import Counter

from peersim.errors import BudgetSpent, ProviderStop
from peersim.events.calls import Called
from peersim.models.base import Completion, Failure, FailureKind, Model, Request, Sampling
from peersim.models.journal import CallKey, Journal, Trail
from peersim.models.watch import Watch
from peersim.seeding import SeedTree

# Bad requests in a row, with no answer of the model in between, that end a study which has
# had answers before: one is about one conversation, several are about the model.
BAD_REQUESTS = 3
# Calls in a row left unanswered by a model, all retries spent, that end a study: the network or
# the provider is down, and going on would only make every trial that is left invalid.
UNANSWERED = 20


class CallCounter:
    """Counts what a process spent on a study, and what it could recall.

    Attributes:
        made: Calls answered by a model.
        recalled: Calls answered by the journal.
        failed: Calls that stayed without an answer, retries included.
        retried: Attempts that failed before a later one of the same call was answered.
        cost_usd: What the calls made cost; None once any of them did not say.
        answered: Calls answered, by model, journalled ones included.
        refused: Bad requests in a row, by model.
        unanswered: Calls in a row that stayed without an answer, by model.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self.cost_usd: float | None = 0.0
        self.made = 0
        self.recalled = 0
        self.failed = 0
        self.retried = 0
        self.answered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()

    def count(self, model: str, completion: Completion) -> None:
        """Count a call that a model answered."""
        self.made += 1
        self.retried += len(completion.earlier)
        self.answered[model] += 1
        self.refused[model] = self.unanswered[model] = 0
        cost = completion.usage.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost

    def recall(self, model: str) -> None:
        """Count a call that the journal answered."""
        self.recalled += 1
        self.answered[model] += 1

    def fail(self, model: str, failure: Failure) -> None:
        """Count a call that stayed without an answer."""
        self.failed += 1
        self.refused[model] += failure.kind == "bad_request"
        # A full context is about one conversation.
        self.unanswered[model] += failure.kind != "context_window"

    def stops_study(self, model: str, failure: Failure) -> bool:
        """Return whether going on would only burn trials.

        A bad request stops a study in which its model has had no answer yet, since then the
        model's name, address or parameters are wrong. Later it is about one conversation and
        costs one trial, unless it is the third in a row. Other failures stop it when nothing
        was answered for long.
        """
        if self.unanswered[model] >= UNANSWERED:
            return True
        if failure.kind != "bad_request":
            return failure.stops_study
        return not self.answered[model] or self.refused[model] >= BAD_REQUESTS


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
        self._seeds = seeds
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
        reply = self._recalled(key, request) or await self._made(key, request)
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
        seed = self._seeds.child(self._owner, self.caller, number).seed
        return Request(
            messages=request.messages,
            tools=request.tools,
            tool_choice=request.tool_choice,
            sampling=Sampling(
                temperature=request.sampling.temperature,
                top_p=request.sampling.top_p,
                max_tokens=request.sampling.max_tokens,
                seed=seed,
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
        try:
            reply = await self.model.complete(request)
            if isinstance(reply, Completion):
                await self._keep(key, request, reply)
        finally:
            self._watch.ended(key)
        if isinstance(reply, Failure):
            await self._failed(key, reply)
        return reply

    async def _keep(self, key: CallKey, request: Request, reply: Completion) -> None:
        """Make a completion durable before anybody uses it."""
        entry = self._trail.entry(request, reply)
        await self._journal.keep(key, entry, self.model.name, request)
        self._counter.count(self.model.name, reply)

    async def _failed(self, key: CallKey, failure: Failure) -> None:
        """Note a call without an answer.

        Raises:
            BudgetSpent: If the budget refused it.
            ProviderStop: If every other call would fail as well.
        """
        if failure.kind == "budget":
            raise BudgetSpent(failure.detail, "give it a larger one, and: peersim resume")
        name = self.model.name
        self._counter.fail(name, failure)
        await self._journal.note(key, name, failure)
        if self._counter.stops_study(name, failure):
            raise _refusal(name, key, failure)


_STOPS: dict[FailureKind, str] = {
    "auth": "check the key in its environment variable and that it may use this model",
    "bad_request": "check the model's name, its parameters and model.base_url",
}


def _refusal(name: str, key: CallKey, failure: Failure) -> ProviderStop:
    what = f"({failure.kind} at {key}: {failure.detail})"
    if failure.hopeless:
        return ProviderStop(
            f"{name} asks to wait {failure.retry_after:.0f} s, longer than"
            f" retry.call_seconds {what}",
            "wait that long, then: peersim resume --retry-invalid",
        )
    if failure.kind in _STOPS:
        return ProviderStop(
            f"{name} refuses the study's calls {what}",
            f"{_STOPS[failure.kind]}, then: peersim resume",
        )
    return ProviderStop(
        f"{name} has left {UNANSWERED} calls in a row unanswered {what}",
        "once it answers again, run what was lost too: peersim resume --retry-invalid",
    )
