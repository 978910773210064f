"""A line numbers the calls of one caller and takes each through the journal."""

from peersim.errors import ProviderStop
from peersim.events.calls import Called
from peersim.models.base import Completion, Failure, FailureKind, Model, Request
from peersim.models.journal import CallKey, Journal, Trail
from peersim.seeding import SeedTree


class CallCounter:
    """Counts what a process spent on a study, and what it could recall.

    Attributes:
        made: Calls answered by a model.
        recalled: Calls answered by the journal.
        failed: Calls that stayed without an answer, retries included.
        cost_usd: What the calls made cost; None once any of them did not say.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self.cost_usd: float | None = 0.0
        self.made = 0
        self.recalled = 0
        self.failed = 0

    def count(self, completion: Completion) -> None:
        """Count a call that a model answered."""
        self.made += 1
        cost = completion.usage.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost


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
    ) -> None:
        """Open a line.

        Args:
            model: Who answers.
            journal: Where completions are kept.
            owner: The id of the trial or history that the calls belong to.
            caller: The agent or instrument that asks.
            seeds: The node under which each call's opaque seed is drawn.
            counter: Counts calls over many lines.
        """
        self.model = model
        self.caller = caller
        self._journal = journal
        self._owner = owner
        self._seeds = seeds
        self._counter = counter or CallCounter()
        self._trail = Trail()
        self.answered = 0

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer the caller's next request, from the journal if it is there.

        Raises:
            ProviderStop: If the provider refuses in a way that every other call would meet.
            Divergence: If the journal holds another request for this call.
        """
        key = CallKey(self._owner, self.caller, self.answered)
        request = self._seeded(request, key.number)
        reply = self._recalled(key, request) or await self._made(key, request)
        if isinstance(reply, Completion):
            self.answered += 1
        return reply

    def _stops_study(self, failure: Failure) -> bool:
        """Return whether going on would only burn trials.

        A bad request stops a study that has had no answer yet: then its model's name, address
        or parameters are wrong. Later it is about one conversation, and costs one trial.
        """
        answered = self._counter.made + self._counter.recalled > 0
        return failure.stops_study and not (failure.kind == "bad_request" and answered)

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
            sampling=request.sampling.model_copy(update={"seed": seed}),
        )

    def _recalled(self, key: CallKey, request: Request) -> Completion | None:
        entry = self._journal.recall(key)
        if entry is None:
            return None
        self._counter.recalled += 1
        return self._trail.match(key, entry, request)

    async def _made(self, key: CallKey, request: Request) -> Completion | Failure:
        reply = await self.model.complete(request)
        if isinstance(reply, Failure):
            self._counter.failed += 1
            if self._stops_study(reply):
                raise _refusal(self.model.name, reply)
            return reply
        await self._journal.keep(key, self._trail.entry(request, reply))
        self._counter.count(reply)
        return reply


_STOPS: dict[FailureKind, str] = {
    "auth": "check the key in its environment variable and that it may use this model",
    "bad_request": "check the model's name, its parameters and model.base_url",
}


def _refusal(name: str, failure: Failure) -> ProviderStop:
    return ProviderStop(
        f"{name} refuses the study's calls ({failure.kind}: {failure.detail})",
        f"{_STOPS[failure.kind]}, then: peersim resume",
    )
