"""A line numbers its caller's calls, seeds each of them, and asks the journal first."""

import asyncio
import itertools
from collections.abc import Callable

import pytest

from peersim.errors import BudgetSpent, Divergence, MissingCompletion, ProviderStop
from peersim.models.asked import Message, ToolSpec
from peersim.models.base import Attempt, Completion, Failure, Request
from peersim.models.counter import BLOCKS, UNANSWERED, UNFORESEEN, CallCounter
from peersim.models.journal import CallKey, Entry, MemoryJournal, ReplayModel
from peersim.models.line import Line
from peersim.models.money import Charge, Usage
from peersim.models.port import Model
from peersim.models.retry import Retrying, RetryPolicy
from peersim.models.sorts import sort_of
from peersim.seeding import SeedTree

FAILURE = Failure(kind="overloaded", detail="busy", retryable=True)


class Echo:
    """A model that repeats the last message, or fails when it is told to."""

    name = "simulated/echo"
    simulated = True

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.seen: list[Request] = []
        self.down: Failure | None = None

    async def complete(self, request: Request) -> Completion | Failure:
        """Repeat, or fail."""
        self.seen.append(request)
        return self.down or Completion(content=request.messages[-1].content)

    @property
    def seeds(self) -> list[int | None]:
        """The seeds that came."""
        return [request.sampling.seed for request in self.seen]


def ask(text: str) -> Request:
    return Request(messages=(Message(role="user", content=text),))


def line(model: Model, journal: MemoryJournal, caller: str = "ada", owner: str = "trial-1") -> Line:
    return Line(model, journal, owner, caller, SeedTree(7), CallCounter())


def say(on: Line, *texts: str) -> list[Completion | Failure]:
    async def all_of_them() -> list[Completion | Failure]:
        return [await on.complete(ask(text)) for text in texts]

    return asyncio.run(all_of_them())


def test_calls_are_numbered_from_zero_and_kept() -> None:
    journal = MemoryJournal()
    say(line(Echo(), journal), "a", "b")
    assert list(journal.entries) == [CallKey("trial-1", "ada", 0), CallKey("trial-1", "ada", 1)]
    assert journal.entries[CallKey("trial-1", "ada", 1)].completion.content == "b"


def test_a_second_line_recalls_all_and_asks_nobody() -> None:
    journal, model = MemoryJournal(), Echo()
    first = say(line(model, journal), "a", "b")
    again = say(line(ReplayModel("simulated/echo"), journal), "a", "b")
    assert again == first
    assert len(model.seen) == 2


def test_a_resumed_line_asks_only_what_is_missing() -> None:
    journal, model = MemoryJournal(), Echo()
    say(line(Echo(), journal), "a")
    say(line(model, journal), "a", "b")
    assert [request.messages[-1].content for request in model.seen] == ["b"]


def test_a_replay_meets_its_end() -> None:
    journal = MemoryJournal()
    say(line(Echo(), journal), "a")
    with pytest.raises(MissingCompletion):
        say(line(ReplayModel("simulated/echo"), journal), "a", "b")


def test_another_request_at_the_same_place_is_a_divergence() -> None:
    journal, model = MemoryJournal(), Echo()
    say(line(Echo(), journal), "a", "b")
    with pytest.raises(Divergence, match=r"call 1 \(changed: message 0 \(user\)\)"):
        say(line(model, journal), "a", "B")
    assert model.seen == []


def test_a_failure_is_never_journalled_and_its_number_is_used_again() -> None:
    journal, model = MemoryJournal(), Echo()
    on = line(model, journal)
    model.down = FAILURE
    assert say(on, "a") == [FAILURE]
    assert journal.entries == {}
    model.down = None
    say(on, "a")
    assert list(journal.entries) == [CallKey("trial-1", "ada", 0)]
    assert model.seeds[0] == model.seeds[1]


def test_seeds_differ_by_call_caller_and_owner() -> None:
    model = Echo()
    for caller, owner in (("ada", "trial-1"), ("bob", "trial-1"), ("ada", "trial-2")):
        say(line(model, MemoryJournal(), caller, owner), "a", "a")
    assert len(set(model.seeds)) == 6


def test_a_caller_s_seeds_do_not_depend_on_its_siblings() -> None:
    alone, together = Echo(), Echo()
    say(line(alone, MemoryJournal()), "a", "b")
    journal = MemoryJournal()
    say(line(Echo(), journal, "bob"), "x", "y", "z")
    say(line(together, journal), "a", "b")
    assert alone.seeds == together.seeds


def test_the_rest_of_the_sampling_parameters_stay() -> None:
    model = Echo()
    request = ask("a")
    warm = request.model_copy(
        update={"sampling": request.sampling.model_copy(update={"temperature": 0.3})}
    )
    asyncio.run(line(model, MemoryJournal()).complete(warm))
    assert model.seen[0].sampling.temperature == 0.3


def test_made_recalled_and_failed_calls_are_counted() -> None:
    journal, model, counter = MemoryJournal(), Echo(), CallCounter()
    say(line(Echo(), journal), "a")
    on = Line(model, journal, "trial-1", "ada", SeedTree(7), counter)
    say(on, "a", "b")
    model.down = FAILURE
    say(on, "c")
    assert (counter.recalled, counter.made, counter.failed) == (1, 1, 1)


def test_a_call_that_was_cut_off_while_it_was_kept_is_counted_as_the_journal_counts_it() -> None:
    class Slowly(MemoryJournal):
        async def keep(self, key: CallKey, entry: Entry, model: str, request: Request) -> None:
            await super().keep(key, entry, model, request)
            await asyncio.Event().wait()

    journal, counter = Slowly(), CallCounter()

    async def cut() -> None:
        asking = Line(Echo(), journal, "trial-1", "ada", SeedTree(7), counter).complete(ask("a"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asking, 0.05)

    asyncio.run(cut())
    assert (counter.made, len(journal.entries)) == (1, 1)


@pytest.mark.parametrize(("kind", "words"), [("auth", "check the key"), ("bad_request", "name")])
def test_a_refusal_that_every_call_would_meet_stops_the_study(kind: str, words: str) -> None:
    model, journal = Echo(), MemoryJournal()
    model.down = FAILURE.model_copy(update={"kind": kind, "retryable": False})
    with pytest.raises(ProviderStop, match=words) as caught:
        say(line(model, journal), "a")
    assert "simulated/echo" in str(caught.value)
    assert journal.entries == {}


def test_the_event_of_a_call_says_what_was_served() -> None:
    on = line(Echo(), MemoryJournal())
    say(on, "a", "b")
    usage = Usage(input_tokens=9, cost_usd=0.5)
    completion = Completion(finish="length", served_model="echo-2", usage=usage, simulated=True)
    event = on.called(completion)
    assert (event.caller, event.number, on.answered) == ("ada", 1, 2)
    assert (event.finish, event.served_model, event.simulated) == ("length", "echo-2", True)
    assert (event.input_tokens, event.output_tokens, event.cost_usd) == (9, None, 0.5)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Start at zero."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Outage:
    """Calls of many trials to one model, that take so long each."""

    def __init__(self, call_seconds: float = 1800.0) -> None:
        """Begin at zero, with nothing asked."""
        self.clock = Clock()
        self.model = Echo()
        self.counter = CallCounter(call_seconds, self.clock)
        self._owners = itertools.count()

    async def ask(self, count: int, seconds: float = 0.0) -> None:
        """Make so many calls side by side."""
        began = self.clock.now
        for _ in range(count):
            self.clock.now = began
            owner = f"trial-{next(self._owners)}"
            one = Line(
                Slow(self.model, self.clock, seconds),
                *(MemoryJournal(), owner, "ada", SeedTree(7), self.counter),
            )
            await one.complete(ask("Well?"))


class Slow:
    """A model that takes its time."""

    simulated = True

    def __init__(self, model: Echo, clock: Clock, seconds: float) -> None:
        """Let a model take so long."""
        self.name, self._model, self._clock, self._seconds = model.name, model, clock, seconds

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer late."""
        self._clock.now += self._seconds
        return await self._model.complete(request)


def test_a_model_that_answers_nothing_for_long_stops_the_study_and_says_how_to_go_on() -> None:
    study = Outage()
    study.model.down = FAILURE
    asyncio.run(study.ask(UNANSWERED - 1, seconds=1800))
    with pytest.raises(ProviderStop, match=r"3 calls in a row .* for 1800 s .*\(over") as caught:
        asyncio.run(study.ask(1, seconds=0))
    assert "--retry-invalid" in str(caught.value)


def test_many_calls_that_fail_together_are_no_more_of_an_outage_than_one() -> None:
    study = Outage()
    study.model.down = FAILURE
    asyncio.run(study.ask(500, seconds=180))
    study.model.down = None
    asyncio.run(study.ask(1))
    study.model.down = FAILURE
    asyncio.run(study.ask(500, seconds=180))
    assert study.counter.failed == 1000


def test_a_model_that_nobody_asks_is_not_silent() -> None:
    study = Outage()
    asyncio.run(study.ask(1))
    study.clock.now += 10_000
    study.model.down = FAILURE
    asyncio.run(study.ask(50, seconds=60))
    assert study.counter.silent("simulated/echo") == 60


def test_a_model_that_answers_others_is_not_silent() -> None:
    study = Outage()

    async def both() -> None:
        for _ in range(5):
            study.model.down = FAILURE
            await study.ask(2, seconds=1800)
            study.model.down = None
            await study.ask(1)

    asyncio.run(both())
    assert study.counter.failed == 10


def test_failures_nobody_foresaw_stop_a_study_without_any_wait() -> None:
    study = Outage()
    study.model.down = FAILURE.model_copy(update={"kind": "unknown", "retryable": False})
    asyncio.run(study.ask(UNFORESEEN - 1))
    with pytest.raises(ProviderStop, match=r"20 calls in a row .* nobody foresaw") as caught:
        asyncio.run(study.ask(1))
    assert "once it answers again" not in str(caught.value)
    assert "doctor --call" in str(caught.value)


@pytest.mark.parametrize("simulated", [False, True])
def test_nothing_but_blocks_stops_a_study_of_a_real_model(simulated: bool) -> None:
    counter = CallCounter()
    block = Completion(finish="content_filter", simulated=simulated)
    model = Always(block)

    async def many(count: int) -> None:
        for number in range(count):
            one = Line(model, MemoryJournal(), f"t{number}", "ada", SeedTree(7), counter)
            await one.complete(ask("Well?"))

    asyncio.run(many(BLOCKS - 1))
    model.reply = Completion(content="Yes.", simulated=simulated)
    asyncio.run(many(1))
    model.reply = block
    asyncio.run(many(BLOCKS - 1))
    if simulated:
        asyncio.run(many(BLOCKS))
        return
    with pytest.raises(ProviderStop, match="has blocked 20 calls in a row") as caught:
        asyncio.run(many(1))
    assert "account" in str(caught.value)


class Always:
    """A model that always says the same."""

    name = "simulated/always"
    simulated = True

    def __init__(self, reply: Completion) -> None:
        """Keep what to say."""
        self.reply = reply

    async def complete(self, request: Request) -> Completion | Failure:
        """Say it."""
        return self.reply


def test_a_full_context_is_about_one_conversation_and_stops_nothing() -> None:
    model, counter = Echo(), CallCounter(1e-9)
    model.down = FAILURE.model_copy(update={"kind": "context_window"})

    async def many() -> None:
        for number in range(2 * UNANSWERED):
            one = Line(model, MemoryJournal(), f"t{number}", "ada", SeedTree(7), counter)
            await one.complete(ask("Well?"))

    asyncio.run(many())
    assert counter.failed == 2 * UNANSWERED


def test_bad_requests_stop_a_study_at_once_or_the_third_in_a_row() -> None:
    model, counter = Echo(), CallCounter()
    bad = FAILURE.model_copy(update={"kind": "bad_request"})

    async def one(number: int) -> Completion | Failure:
        own = Line(model, MemoryJournal(), f"t{number}", "ada", SeedTree(7), counter)
        return await own.complete(ask("Well?"))

    model.down = bad
    with pytest.raises(ProviderStop, match="refuses the study's calls"):
        asyncio.run(one(0))
    model.down = None
    asyncio.run(one(1))
    model.down = bad
    for number in (2, 3):
        assert isinstance(asyncio.run(one(number)), Failure)
    with pytest.raises(ProviderStop, match="bad_request"):
        asyncio.run(one(4))


class Choosy(Echo):
    """A model whose provider refuses some calls and answers others."""

    def __init__(self, refuses: Callable[[Request], bool]) -> None:
        """Keep what is refused."""
        super().__init__()
        self._refuses = refuses

    async def complete(self, request: Request) -> Completion | Failure:
        """Refuse, or answer."""
        bad = FAILURE.model_copy(update={"kind": "bad_request"})
        return bad if self._refuses(request) else await super().complete(request)


def tool(name: str) -> ToolSpec:
    return ToolSpec(name=name, description="", parameters={"type": "object", "properties": {}})


PLAIN = ask("Well?")
WITH_TOOL = PLAIN.model_copy(update={"tools": (tool("report"),)})
RESULT = Message(role="tool", content="done", tool_call_id="c")
ANSWERED_TOOL = WITH_TOOL.model_copy(update={"messages": (*PLAIN.messages, RESULT)})


@pytest.mark.parametrize(
    ("refused", "others"),
    [(WITH_TOOL, [PLAIN]), (ANSWERED_TOOL, [PLAIN, WITH_TOOL])],
    ids=["its tools", "the results of its tools"],
)
def test_what_is_refused_of_every_call_of_a_sort_stops_a_study_at_the_third(
    refused: Request, others: list[Request]
) -> None:
    sort = sort_of(refused)
    model, counter = Choosy(lambda request: sort_of(request) == sort), CallCounter()
    numbers = itertools.count()

    async def made(request: Request) -> Completion | Failure:
        owner = f"t{next(numbers)}"
        return await Line(model, MemoryJournal(), owner, "ada", SeedTree(7), counter).complete(
            request
        )

    async def story() -> None:
        for _ in range(3):
            for other in others * 3:
                assert isinstance(await made(other), Completion)
            assert isinstance(await made(refused), Failure)

    with pytest.raises(ProviderStop, match="refuses the study's calls"):
        asyncio.run(story())
    assert (counter.failed, counter.made) == (3, 9 * len(others))


def test_refusals_of_single_conversations_of_a_sort_stop_nothing() -> None:
    model, counter = Choosy(lambda request: "odd" in request.messages[0].content), CallCounter()

    async def story() -> None:
        for number in range(30):
            text = "odd" if number % 3 else "Well?"
            request = ask(text).model_copy(update={"tools": (tool("report"),)})
            own = Line(model, MemoryJournal(), f"t{number}", "ada", SeedTree(7), counter)
            await own.complete(request)

    asyncio.run(story())
    assert (counter.failed, counter.made) == (20, 10)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1900.0, "asks to wait 1900 s, .*: wait that long, then"),
        (9000.0, "asks to wait 2.5 hours, .*: wait that long, then"),
        (10 * 86400.0, "asks to wait 10 days, .*: wait that long, then"),
        (1e9, "asks to wait 11,574 days, .*: that is no limit that passes: see its account"),
    ],
)
def test_a_provider_that_asks_for_a_long_wait_ends_the_study_with_how_long(
    seconds: float, said: str
) -> None:
    model = Echo()
    model.down = FAILURE.model_copy(update={"retry_after": seconds, "hopeless": True})
    with pytest.raises(ProviderStop, match=said):
        say(line(model, MemoryJournal()), "a")


LATE = Attempt(kind="timeout", detail="slow", charge=Charge(input_tokens=7, output_tokens=0, usd=1))
BUSY = Attempt(kind="overloaded", detail="busy")


def test_the_failed_attempts_of_a_call_that_the_budget_ended_are_noted() -> None:
    journal, model = MemoryJournal(), Echo()
    model.down = Failure(
        kind="budget", detail="no room", retryable=False, origin="budget", earlier=(BUSY, LATE)
    )
    with pytest.raises(BudgetSpent):
        say(line(model, journal), "a")
    ((key, name, failure),) = journal.failures
    assert (key, name) == (CallKey("trial-1", "ada", 0), "simulated/echo")
    assert (failure.kind, failure.earlier, failure.charge) == ("timeout", (BUSY,), LATE.charge)


def test_a_call_that_the_budget_refused_at_once_leaves_nothing_to_note() -> None:
    journal, model = MemoryJournal(), Echo()
    model.down = Failure(kind="budget", detail="no room", retryable=False, origin="budget")
    with pytest.raises(BudgetSpent):
        say(line(model, journal), "a")
    assert journal.failures == []


def test_the_failed_attempts_of_a_call_over_its_wall_limit_are_noted() -> None:
    class Down(Echo):
        async def complete(self, request: Request) -> Completion | Failure:
            self.seen.append(request)
            if len(self.seen) < 2:
                return FAILURE
            await asyncio.Event().wait()
            raise AssertionError

    journal, model = MemoryJournal(), Down()
    stack = Retrying(model, RetryPolicy(base_seconds=0.0))

    async def limited() -> None:
        async with asyncio.timeout(0.05):
            await line(stack, journal).complete(ask("a"))

    with pytest.raises(TimeoutError):
        asyncio.run(limited())
    ((_, _, failure),) = journal.failures
    assert (failure.kind, failure.earlier, len(model.seen)) == ("overloaded", (), 2)
