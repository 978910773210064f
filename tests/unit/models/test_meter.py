"""The budget: reserved before a request is sent, settled after, and never overrun."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.errors import StoreError
from peersim.models.asked import Message
from peersim.models.base import (
    MAYBE_BILLED,
    Completion,
    Failure,
    FailureKind,
    ModelRef,
    Request,
)
from peersim.models.meter import PASSES, Budget, Meter, Spent
from peersim.models.metered import USUAL_OUTPUT, Metered
from peersim.models.money import Charge, Price, Usage
from peersim.models.retry import Retrying, RetryPolicy
from peersim.models.throttle import Throttle, ThrottlePolicy

REF = ModelRef(ref="openai/some-model")
PRICE = Price(input=1.0, output=10.0)


def asking(max_tokens: int | None = 100) -> Request:
    ask = Request(messages=(Message(role="user", content="x" * 400),))
    sampling = ask.sampling.model_copy(update={"max_tokens": max_tokens})
    return Request(messages=ask.messages, sampling=sampling)


class Busy:
    """A model that takes a moment and says what it used."""

    name = "openai/some-model"
    simulated = False

    def __init__(self, reply: Completion | Failure, seed: int = 0) -> None:
        """Give this reply."""
        self.reply = reply
        self.asked = 0
        self._rng = random.Random(seed)

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer after some turns of the loop."""
        self.asked += 1
        for _ in range(self._rng.randint(0, 4)):
            await asyncio.sleep(0)
        return self.reply


def used(read: int | None, written: int | None, usd: float | None = None) -> Completion:
    return Completion(usage=Usage(input_tokens=read, output_tokens=written, cost_usd=usd))


def spend(
    model: Busy, meter: Meter, calls: int, price: Price | None = PRICE, workers: int = 8
) -> list[Completion | Failure]:
    metered = Metered(model, REF, meter, lambda: price)
    replies: list[Completion | Failure] = []

    async def worker(numbers: list[int]) -> None:
        while numbers:
            numbers.pop()
            replies.append(await metered.complete(asking()))

    async def all_of_them() -> None:
        numbers = list(range(calls))
        await asyncio.gather(*(worker(numbers) for _ in range(workers)))

    asyncio.run(all_of_them())
    return replies


@given(
    usd=st.floats(0.0001, 0.05),
    written=st.integers(1, 100),
    workers=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_the_bill_never_exceeds_a_ceiling_in_dollars(
    usd: float, written: int, workers: int, seed: int
) -> None:
    meter = Meter(Budget(usd=usd))
    model = Busy(used(90, written), seed)
    replies = spend(model, meter, 60, workers=workers)
    assert len(replies) == 60
    assert meter.usd <= usd
    refused = [reply for reply in replies if isinstance(reply, Failure)]
    assert {failure.kind for failure in refused} <= {"budget"}
    assert model.asked == 60 - len(refused)
    assert (
        meter.usd == pytest.approx((60 - len(refused)) * PRICE.cost(replies[0].usage or Usage()))
        if not isinstance(replies[0], Failure)
        else meter.usd == 0
    )
    # Nothing is left over that another call would have fitted into.
    most = 0.0 + PRICE.at_most(10_000, 0)
    assert not refused or usd - meter.usd < most
    assert (meter.held_usd, meter.held_tokens) == (0.0, 0)


def test_a_ceiling_in_tokens_holds_without_any_price() -> None:
    meter = Meter(Budget(tokens=2000))
    replies = spend(Busy(used(90, 100)), meter, 60, price=None)
    assert 1000 < meter.tokens <= 2000
    assert any(isinstance(reply, Failure) and reply.kind == "budget" for reply in replies)


def test_what_earlier_sessions_spent_counts() -> None:
    meter = Meter(Budget(usd=1.0), Spent(usd=1.0))
    (reply,) = spend(Busy(used(90, 10)), meter, 1)
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.origin, reply.retryable) == ("budget", "budget", False)
    assert "$1" in reply.detail


def test_unknown_usage_counts_as_what_was_reserved_and_is_marked() -> None:
    meter = Meter(Budget())
    (reply,) = spend(Busy(used(None, None)), meter, 1)
    assert reply.charge
    assert reply.charge.estimated
    assert reply.charge.usd
    assert meter.estimated_usd == meter.usd == reply.charge.usd


def test_unknown_price_is_unknown_and_not_zero() -> None:
    (reply,) = spend(Busy(used(90, 10)), Meter(Budget()), 1, price=None)
    assert reply.charge == Charge(input_tokens=90, output_tokens=10, usd=None)


def test_the_provider_s_own_cost_comes_before_ours() -> None:
    (reply,) = spend(Busy(used(90, 10, usd=0.5)), Meter(Budget()), 1)
    assert reply.charge
    assert reply.charge.usd == 0.5


@pytest.mark.parametrize(
    "kind", ["timeout", "malformed_reply", "connection", "rate_limited", "overloaded"]
)
def test_only_failures_that_may_have_been_billed_count(kind: FailureKind) -> None:
    meter = Meter(Budget())
    failure = Failure(kind=kind, detail="", retryable=True)
    (reply,) = spend(Busy(failure), meter, 1)
    assert (reply.charge is not None) == (meter.usd > 0) == (kind in MAYBE_BILLED)


@pytest.mark.parametrize("kind", ["connection", "timeout"])
def test_what_was_never_sent_costs_nothing(kind: FailureKind) -> None:
    meter = Meter(Budget())
    failure = Failure(kind=kind, detail="", retryable=True, sent=False)
    (reply,) = spend(Busy(failure), meter, 1)
    assert (reply.charge, meter.usd) == (None, 0.0)


def test_a_reply_that_was_broken_off_counts_whatever_broke_it() -> None:
    failure = Failure(kind="overloaded", detail="", retryable=True, begun=True)
    meter = Meter(Budget(tokens=10**6))
    (reply,) = spend(Busy(failure), meter, 1)
    assert reply.charge
    assert reply.charge.estimated
    assert meter.tokens == reply.charge.tokens > 0


def test_a_call_that_does_not_fit_waits_for_those_in_flight_to_settle_for_less() -> None:
    async def two() -> tuple[bool, bool]:
        meter = Meter(Budget(tokens=150))
        most = Charge(input_tokens=50, output_tokens=50, usd=None)
        first = await meter.reserve(most)
        second = asyncio.create_task(meter.reserve(most))
        await asyncio.sleep(0)
        assert (second.done(), meter.queued) == (False, 1)
        meter.settle(most, Charge(input_tokens=20, output_tokens=20, usd=None))
        return first, await second

    assert asyncio.run(two()) == (True, True)


def charge(tokens: int) -> Charge:
    return Charge(input_tokens=tokens, output_tokens=0, usd=None)


def test_a_small_request_passes_a_large_one_that_waits_for_room() -> None:
    async def main() -> None:
        meter = Meter(Budget(tokens=100))
        assert await meter.reserve(charge(70))
        large = asyncio.create_task(meter.reserve(charge(60)))
        await asyncio.sleep(0)
        assert await asyncio.wait_for(meter.reserve(charge(30)), 1)
        waiting = asyncio.create_task(meter.reserve(charge(30)))
        await asyncio.sleep(0)
        meter.settle(charge(30), None)
        assert await asyncio.wait_for(waiting, 1)
        assert not large.done()
        meter.settle(charge(70), None)
        assert await asyncio.wait_for(large, 1)

    asyncio.run(main())


def test_a_large_request_is_not_passed_for_ever() -> None:
    async def main() -> None:
        meter = Meter(Budget(tokens=100))
        assert await meter.reserve(charge(50))
        large = asyncio.create_task(meter.reserve(charge(100)))
        await asyncio.sleep(0)
        for _ in range(PASSES):
            assert await asyncio.wait_for(meter.reserve(charge(50)), 1)
            meter.settle(charge(50), None)
        small = asyncio.create_task(meter.reserve(charge(50)))
        await asyncio.sleep(0)
        assert not small.done()
        meter.settle(charge(50), None)
        assert await asyncio.wait_for(large, 1)
        meter.settle(charge(100), None)
        assert await asyncio.wait_for(small, 1)

    asyncio.run(main())


def test_who_does_not_fit_even_alone_is_refused_and_the_others_go_on() -> None:
    async def main() -> None:
        meter = Meter(Budget(tokens=100))
        assert await meter.reserve(charge(90))
        large = asyncio.create_task(meter.reserve(charge(101)))
        small = asyncio.create_task(meter.reserve(charge(20)))
        await asyncio.sleep(0)
        meter.settle(charge(90), None)
        assert await asyncio.wait_for(small, 1)
        meter.settle(charge(20), None)
        assert not await asyncio.wait_for(large, 1)
        assert meter.queued == 0

    asyncio.run(main())


def sized(tokens: int) -> Request:
    sampling = asking().sampling.model_copy(update={"max_tokens": tokens})
    return Request(messages=(Message(role="user", content="x"),), sampling=sampling)


@pytest.mark.parametrize("ending", ["settled", "refused", "cancelled"])
def test_who_waits_for_room_in_the_budget_holds_no_slot(ending: str) -> None:
    async def main() -> None:
        meter, throttle = Meter(Budget(tokens=1000)), Throttle(ThrottlePolicy(start=1, most=1))
        metered = Metered(Busy(used(1, 1)), REF, meter, lambda: None, throttle.aside)
        stack = Retrying(metered, RetryPolicy(), throttle=throttle)
        held = charge(1000 if ending == "refused" else 900)
        assert await meter.reserve(held)
        large = asyncio.create_task(stack.complete(sized(950)))
        await asyncio.sleep(0.01)
        assert (meter.queued, throttle.in_flight) == (1, 0)
        if ending != "refused":
            small = await asyncio.wait_for(stack.complete(sized(10)), 1)
            assert isinstance(small, Completion)
        if ending == "cancelled":
            large.cancel()
        meter.settle(held, held if ending == "refused" else None)
        (reply,) = await asyncio.gather(large, return_exceptions=True)
        kinds = {"settled": Completion, "refused": Failure, "cancelled": asyncio.CancelledError}
        assert isinstance(reply, kinds[ending])
        assert (throttle.in_flight, meter.held_tokens, meter.queued) == (0, 0, 0)

    asyncio.run(main())


LOST = Failure(kind="connection", detail="it went away", retryable=True)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (LOST, "$0.01 of it is an estimate, for 8 requests that may be billed and failed"),
        (LOST, "(connection: it went away)"),
        (used(None, None), "for 8 replies that do not say what they used"),
    ],
)
def test_the_last_words_of_a_spent_budget_say_what_was_only_an_estimate(
    reply: Completion | Failure, said: str
) -> None:
    *_, last = spend(Busy(reply), Meter(Budget(usd=0.01)), 20, workers=1)
    assert isinstance(last, Failure)
    assert last.kind == "budget"
    assert "the budget of $0.01 has no room for another call; " in last.detail
    assert said in last.detail


def test_of_tokens_too_and_a_small_estimate_is_not_spoken_of() -> None:
    *_, last = spend(Busy(LOST), Meter(Budget(tokens=400)), 3, price=None, workers=1)
    assert "tokens of it is an estimate, for 1 request that may be billed" in last.detail
    *_, last = spend(Busy(used(50, 50)), Meter(Budget(tokens=700)), 20, price=None, workers=1)
    assert last.detail == "the budget of 700 tokens has no room for another call"
    nothing_sent = LOST.model_copy(update={"sent": False})
    replies = spend(Busy(nothing_sent), Meter(Budget(tokens=700)), 20, price=None, workers=1)
    assert {reply.kind for reply in replies} == {"connection"}


def test_who_waits_for_room_may_be_cancelled() -> None:
    async def cancelled() -> Meter:
        meter = Meter(Budget(tokens=100))
        most = Charge(input_tokens=50, output_tokens=50, usd=None)
        await meter.reserve(most)
        waiting = [asyncio.create_task(meter.reserve(most)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        meter.settle(most, None)
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return meter

    meter = asyncio.run(cancelled())
    assert meter.held_tokens in (0, 100)
    assert meter.queued == 0


def test_an_abandoned_request_counts_in_full() -> None:
    class Never(Busy):
        async def complete(self, request: Request) -> Completion | Failure:
            await asyncio.Event().wait()
            return self.reply

    async def abandoned() -> Meter:
        meter = Meter(Budget())
        call = Metered(Never(used(1, 1)), REF, meter, lambda: PRICE).complete(asking())
        task = asyncio.create_task(call)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return meter

    meter = asyncio.run(abandoned())
    assert meter.usd == meter.loose.usd > 0
    assert meter.held_usd == 0


def test_without_max_tokens_the_reservation_grows_with_what_was_seen() -> None:
    metered = Metered(Busy(used(10, USUAL_OUTPUT)), REF, Meter(Budget()), lambda: PRICE)
    assert metered._most(asking(None)).output_tokens == USUAL_OUTPUT
    asyncio.run(metered.complete(asking(None)))
    assert metered._most(asking(None)).output_tokens == 2 * USUAL_OUTPUT


class Notes:
    """What was written down of what is in flight, and when."""

    def __init__(self, meter: Meter) -> None:
        """Write down for a meter."""
        self.marks: list[Spent] = []
        meter.keep = self.keep

    async def keep(self, mark: Spent) -> None:
        """Write after a moment, in which others come."""
        await asyncio.sleep(0)
        self.marks.append(mark)


def test_what_is_in_flight_is_written_down_before_it_is_sent_and_seldom() -> None:
    meter = Meter(Budget(usd=100.0))
    notes = Notes(meter)
    sent = 0

    class Looks(Busy):
        async def complete(self, request: Request) -> Completion | Failure:
            nonlocal sent
            sent += 1
            assert sent * (metered._most(request).usd or 0.0) <= notes.marks[-1].usd
            return await super().complete(request)

    model = Looks(used(90, 100))
    metered = Metered(model, REF, meter, lambda: PRICE)

    async def worker() -> None:
        nonlocal sent
        for _ in range(50):
            reply = await metered.complete(asking())
            assert reply.charge
            meter.written(Spent(usd=reply.charge.usd or 0.0, tokens=reply.charge.tokens))
            sent -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(worker() for _ in range(16)))

    asyncio.run(all_of_them())
    assert model.asked == 800
    assert 1 <= len(notes.marks) <= 4
    assert meter.loose.usd == pytest.approx(0.0, abs=1e-12)
    assert meter.loose.tokens == 0


def test_a_mark_never_takes_more_than_the_budget_has() -> None:
    meter = Meter(Budget(usd=1.0, tokens=110), Spent(usd=0.5, tokens=50))
    notes = Notes(meter)
    most = Charge(input_tokens=30, output_tokens=20, usd=0.45)
    assert asyncio.run(meter.reserve(most))
    (mark,) = notes.marks
    assert (mark.usd, mark.tokens) == (0.5, 60)


def test_who_cannot_write_it_down_sends_nothing_and_holds_nothing() -> None:
    async def full(mark: Spent) -> None:
        raise StoreError("full")

    meter = Meter(Budget())
    meter.keep = full
    model = Busy(used(1, 1))
    with pytest.raises(StoreError, match="full"):
        spend(model, meter, 1)
    assert (model.asked, meter.held_tokens) == (0, 0)
