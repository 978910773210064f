"""A throttle finds out how much a provider takes, and nobody jumps the queue."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from peersim.models.base import Completion, Failure, FailureKind
from peersim.models.outage import LOST, Outage
from peersim.models.throttle import MANY, SELDOM_SECONDS, Throttle, ThrottlePolicy

HELLO = Completion(content="Hello.")
LIMITED = Failure(kind="rate_limited", detail="slow down", retryable=True)
BROKEN = Failure(kind="overloaded", detail="500", retryable=True)


class Provider:
    """Serves so many at a time and limits the rest."""

    def __init__(self, capacity: int) -> None:
        """Serve nobody yet."""
        self.capacity = capacity
        self.now = self.peak = self.limited = self.served = 0

    async def serve(self, throttle: Throttle) -> None:
        """Serve one request, made again until it is served."""
        loop = asyncio.get_running_loop()
        while True:
            await throttle.enter()
            sent_at = loop.time()
            self.now += 1
            self.peak = max(self.peak, self.now)
            fits = self.now <= self.capacity
            await asyncio.sleep(0.001 if fits else 0)
            self.now -= 1
            throttle.leave(HELLO if fits else LIMITED, sent_at)
            if fits:
                self.served += 1
                return
            self.limited += 1


def crowd(provider: Provider, throttle_of: ThrottlePolicy, size: int) -> Throttle:
    """Let so many ask at once; return the throttle they went through."""

    async def all_of_them() -> Throttle:
        throttle = Throttle(throttle_of, asyncio.get_running_loop().time)
        await asyncio.gather(*(provider.serve(throttle) for _ in range(size)))
        return throttle

    return asyncio.run(all_of_them())


def test_a_provider_that_takes_all_is_soon_given_all() -> None:
    provider = Provider(10_000)
    throttle = crowd(provider, ThrottlePolicy(start=4, most=256), 4000)
    assert provider.served == 4000
    assert provider.peak == throttle.limit == 256
    assert {change.why for change in throttle.changes[1:]} == {"clean"}


def test_the_limit_quadruples_a_round_until_the_provider_first_says_too_many() -> None:
    async def rounds() -> list[int]:
        throttle = Throttle(ThrottlePolicy(start=4, most=1000))
        crowd = [asyncio.create_task(throttle.enter()) for _ in range(5000)]
        found = []
        for reply in (HELLO, HELLO, HELLO, LIMITED, HELLO):
            await asyncio.sleep(0)
            for _ in range(throttle.in_flight):
                throttle.leave(reply, throttle._clock())
            found.append(throttle.limit)
        for task in crowd:
            task.cancel()
        return found

    *clean, halved, after = asyncio.run(rounds())
    assert clean == [16, 64, 256]
    assert halved <= 128
    assert after <= halved + 2


def test_a_limit_is_found_and_held_with_few_refusals() -> None:
    provider = Provider(20)
    throttle = crowd(provider, ThrottlePolicy(start=1, most=1000), 3000)
    assert provider.served == 3000
    assert provider.limited < 300
    assert 8 <= throttle.limit <= 42
    assert "rate_limited" in {change.why for change in throttle.changes}


def test_the_limit_never_leaves_its_bounds() -> None:
    provider = Provider(0)

    async def refused() -> Throttle:
        throttle = Throttle(ThrottlePolicy(start=9, least=3, most=9))
        for _ in range(50):
            await throttle.enter()
            throttle.leave(LIMITED, throttle._clock())
        return throttle

    assert asyncio.run(refused()).limit == 3
    assert provider.served == 0


def test_one_burst_of_refusals_counts_once() -> None:
    async def burst() -> Throttle:
        throttle = Throttle(ThrottlePolicy(start=64))
        sent = []
        for _ in range(64):
            await throttle.enter()
            sent.append(throttle._clock())
        for at in sent:
            throttle.leave(LIMITED, at)
        return throttle

    assert asyncio.run(burst()).limit == 32


def test_a_limit_that_is_refused_again_and_stays_as_it_is_is_noted_once() -> None:
    now = [0.0]
    throttle = Throttle(ThrottlePolicy(start=8), lambda: now[0])

    async def refused() -> None:
        await throttle.enter()
        throttle.leave(LIMITED, now[0])

    for _ in range(50):
        now[0] += 1.0
        asyncio.run(refused())
    assert [(change.limit, change.why) for change in throttle.changes] == [
        (8, "start"),
        (1, "rate_limited"),
    ]


def test_a_week_of_refusals_and_recoveries_leaves_a_short_history() -> None:
    now = [0.0]
    throttle = Throttle(ThrottlePolicy(start=2), lambda: now[0])

    async def a_week() -> None:
        for second in range(7 * 24 * 3600):
            now[0] = float(second)
            throttle.limit = 1 + second % 2
            throttle._note("clean" if second % 2 else "rate_limited")

    asyncio.run(a_week())
    assert MANY < len(throttle.changes) <= MANY + 7 * 24 * 60
    assert throttle.changes[-1].at > 7 * 24 * 3600 - 2 * SELDOM_SECONDS


@pytest.mark.parametrize("reply", [BROKEN, None])
def test_a_broken_server_is_no_sign_of_too_many_requests(reply: Failure | None) -> None:
    async def once() -> int:
        throttle = Throttle(ThrottlePolicy(start=64))
        await throttle.enter()
        throttle.leave(reply, throttle._clock())
        return throttle.limit

    assert asyncio.run(once()) == 64


def test_a_retry_after_pauses_the_whole_model_and_then_it_goes_on() -> None:
    async def told_to_wait() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        throttle = Throttle(ThrottlePolicy(start=8), loop.time)
        await throttle.enter()
        throttle.leave(LIMITED.model_copy(update={"retry_after": 0.2}), loop.time())
        began = loop.time()
        paused = throttle.pause
        await throttle.enter()
        return paused, loop.time() - began

    paused, waited = asyncio.run(told_to_wait())
    assert 0.15 < paused <= 0.2
    assert waited >= 0.19


def test_slots_go_to_those_who_came_first() -> None:
    async def queue() -> list[int]:
        throttle = Throttle(ThrottlePolicy(start=1, most=1))
        order: list[int] = []

        async def one(number: int) -> None:
            await throttle.enter()
            await asyncio.sleep(0)
            order.append(number)
            throttle.leave(HELLO, 0.0)

        await asyncio.gather(*(one(number) for number in range(20)))
        return order

    assert asyncio.run(queue()) == list(range(20))


@given(st.integers(0, 2**32))
def test_whoever_gives_up_takes_no_slot_along(seed: int) -> None:
    async def restless() -> Throttle:
        rng = random.Random(seed)
        throttle = Throttle(ThrottlePolicy(start=2, most=3))

        async def one() -> None:
            await throttle.enter()
            try:
                for _ in range(rng.randint(0, 3)):
                    await asyncio.sleep(0)
            finally:
                throttle.leave(HELLO, 0.0)

        tasks = [asyncio.create_task(one()) for _ in range(12)]
        for task in rng.sample(tasks, 6):
            for _ in range(rng.randint(0, 4)):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return throttle

    throttle = asyncio.run(restless())
    assert (throttle.in_flight, throttle.queued) == (0, 0)


def test_bounds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="between least and most"):
        ThrottlePolicy(start=5, least=6)


def test_once_halted_nobody_waits_for_a_provider_that_asked_for_a_pause() -> None:
    async def go() -> tuple[list[object], int, int]:
        throttle = Throttle(ThrottlePolicy(start=4))
        await throttle.enter()
        throttle.leave(LIMITED.model_copy(update={"retry_after": 500.0}), 0.0)
        waiting = [asyncio.create_task(throttle.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        throttle.halt()
        ended = await asyncio.gather(*waiting, throttle.enter(), return_exceptions=True)
        return [type(one) for one in ended], throttle.queued, throttle.in_flight

    assert asyncio.run(go()) == ([asyncio.CancelledError] * 4, 0, 0)


def test_once_halted_those_queued_for_a_slot_still_get_theirs() -> None:
    async def go() -> int:
        throttle = Throttle(ThrottlePolicy(start=1, most=1))
        await throttle.enter()
        waiting = asyncio.create_task(throttle.enter())
        await asyncio.sleep(0)
        throttle.halt()
        throttle.leave(HELLO, 0.0)
        await waiting
        return throttle.in_flight

    assert asyncio.run(go()) == 1


GONE = Failure(kind="connection", detail="it went away", retryable=True)
SHORT = Failure(kind="context_window", detail="too long", retryable=False)


async def lose(throttle: Throttle, replies: int = LOST, reply: Failure = GONE) -> None:
    for _ in range(replies):
        await throttle.enter()
    for _ in range(replies):
        throttle.leave(reply, throttle._clock() - 1)


def slots(throttle: Throttle) -> list[tuple[int, str]]:
    return [(change.limit, change.why) for change in throttle.changes]


@pytest.mark.parametrize("kind", ["connection", "timeout", "malformed_reply", "unknown"])
@pytest.mark.parametrize("back", [HELLO, SHORT])
def test_a_model_that_is_down_is_asked_once_at_a_time_until_it_answers(
    kind: FailureKind, back: Completion | Failure
) -> None:
    async def outage() -> tuple[list[int], Throttle]:
        throttle = Throttle(ThrottlePolicy(start=64), waits=(0.01, 0.01))
        await lose(throttle, reply=GONE.model_copy(update={"kind": kind}))
        crowd = [asyncio.create_task(throttle.enter()) for _ in range(40)]
        flights = []
        for reply in (GONE, GONE, GONE, back):
            await asyncio.sleep(0)
            flights.append(throttle.in_flight)
            await asyncio.sleep(0.03)
            flights.append(throttle.in_flight)
            throttle.leave(reply, throttle._clock())
        await asyncio.gather(*crowd)
        flights.append(throttle.in_flight)
        return flights, throttle

    flights, throttle = asyncio.run(outage())
    assert flights == [0, 1, 0, 1, 0, 1, 0, 1, 36]
    assert slots(throttle) == [(64, "start"), (1, "outage"), (64, "answered")]


def test_what_costs_nothing_is_no_outage() -> None:
    async def refused() -> Throttle:
        throttle = Throttle(ThrottlePolicy(start=64))
        for failure in (BROKEN, GONE.model_copy(update={"sent": False})):
            await lose(throttle, 40, failure)
        return throttle

    assert slots(asyncio.run(refused())) == [(64, "start")]


def test_a_model_that_answers_in_between_is_not_down() -> None:
    async def flaky() -> Throttle:
        throttle = Throttle(ThrottlePolicy(start=64))
        for _ in range(9):
            await lose(throttle, LOST - 1)
            await throttle.enter()
            throttle.leave(HELLO, 0.0)
        return throttle

    assert slots(asyncio.run(flaky())) == [(64, "start")]


def test_a_limit_met_by_the_one_that_tries_says_nothing_about_the_slots() -> None:
    async def limited() -> Throttle:
        throttle = Throttle(ThrottlePolicy(start=64), waits=(0.0, 0.0))
        await lose(throttle)
        for reply in (LIMITED, HELLO):
            await throttle.enter()
            throttle.leave(reply, throttle._clock())
        return throttle

    throttle = asyncio.run(limited())
    assert slots(throttle) == [(64, "start"), (1, "outage"), (64, "answered")]
    assert throttle.limit == 64


def test_once_halted_nobody_waits_for_a_model_that_is_down() -> None:
    async def go(before: bool) -> list[object]:
        throttle = Throttle(ThrottlePolicy(start=64), waits=(500.0, 500.0))
        if before:
            await lose(throttle)
        else:
            throttle.outage = Outage(0.01, 500.0, throttle._clock)
            await lose(throttle)
            await throttle.enter()
        waiting = [asyncio.create_task(throttle.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        throttle.halt()
        if not before:
            await asyncio.sleep(0)
            assert not any(one.done() for one in waiting)
            throttle.leave(GONE, throttle._clock())
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        return [type(one) for one in ended]

    for before in (True, False):
        assert asyncio.run(go(before)) == [asyncio.CancelledError] * 3


@given(st.integers(0, 2**32))
def test_an_outage_loses_no_slot(seed: int) -> None:
    async def restless() -> Throttle:
        rng = random.Random(seed)
        throttle = Throttle(ThrottlePolicy(start=6, most=6), waits=(0.0, 0.0))

        async def one() -> None:
            for _ in range(rng.randint(1, 30)):
                await throttle.enter()
                assert throttle.in_flight <= 6
                sent_at = throttle._clock()
                reply: Completion | Failure | None = None
                try:
                    await asyncio.sleep(0)
                    reply = rng.choice([GONE, GONE, GONE, GONE, GONE, GONE, BROKEN, HELLO])
                finally:
                    throttle.leave(reply, sent_at)

        tasks = [asyncio.create_task(one()) for _ in range(12)]
        for task in rng.sample(tasks, 4):
            for _ in range(rng.randint(0, 9)):
                await asyncio.sleep(0)
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in ended} <= {type(None), asyncio.CancelledError}
        return throttle

    throttle = asyncio.run(restless())
    assert (throttle.in_flight, throttle.queued) == (0, 0)
