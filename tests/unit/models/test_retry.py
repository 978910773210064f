"""Retries are bounded, patient as told, and count their attempts."""

import asyncio

import pytest

from peersim.models.asked import Message
from peersim.models.base import Completion, Failure, Request
from peersim.models.journal import CallKey
from peersim.models.outage import LOST
from peersim.models.retry import CutOff, Retrying, RetryPolicy
from peersim.models.stops import refusal_stop
from peersim.models.throttle import Throttle, ThrottlePolicy

ASK = Request(messages=(Message(role="user", content="Hi."),))
POLICY = RetryPolicy(attempts=4, base_seconds=2.0, cap_seconds=10.0)
GARBLED = Failure(kind="malformed_reply", detail="{", retryable=True)
BUSY = Failure(kind="overloaded", detail="busy", retryable=True)
LIMITED = Failure(kind="rate_limited", detail="wait", retryable=True, retry_after=7.0)
DENIED = Failure(kind="auth", detail="no", retryable=False)


class Script:
    """A model that gives replies in turn."""

    name = "simulated/script"
    simulated = True

    def __init__(self, *replies: Completion | Failure) -> None:
        """Keep the replies."""
        self.replies = list(replies)
        self.seen: list[Request] = []

    async def complete(self, request: Request) -> Completion | Failure:
        """Give the next reply."""
        self.seen.append(request)
        return self.replies.pop(0)


def run(model: Script, policy: RetryPolicy = POLICY) -> tuple[Completion | Failure, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    patient = Retrying(model, policy, sleep, clock=lambda: sum(waits))
    return asyncio.run(patient.complete(ASK)), waits


def test_a_first_success_waits_for_nothing() -> None:
    reply, waits = run(Script(Completion(content="Hello.")))
    assert reply == Completion(content="Hello.")
    assert waits == []


def test_retry_after_is_waited_out_and_a_little_more_so_that_not_all_come_at_once() -> None:
    reply, waits = run(Script(LIMITED, Completion(content="Hello.")))
    (failed,) = reply.earlier
    assert (failed.kind, failed.waited) == ("rate_limited", waits[0])
    assert 7.0 <= waits[0] <= 9.0


def test_a_retry_after_beyond_our_own_cap_is_honoured() -> None:
    _, waits = run(Script(LIMITED.model_copy(update={"retry_after": 900.0}), Completion()))
    assert waits[0] >= 900.0


def test_a_retry_after_beyond_the_call_s_wall_limit_ends_the_call_without_waiting() -> None:
    patient = POLICY.model_copy(update={"call_seconds": 600.0})
    reply, waits = run(Script(LIMITED.model_copy(update={"retry_after": 900.0})), patient)
    assert (reply.kind, reply.earlier, waits) == ("rate_limited", (), [])
    assert reply.stops_study


def test_the_wall_limit_counts_attempts_and_waits() -> None:
    now = 0.0

    class Slow(Script):
        async def complete(self, request: Request) -> Completion | Failure:
            nonlocal now
            now += 100.0
            return await super().complete(request)

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    policy = RetryPolicy(attempts=99, base_seconds=2.0, cap_seconds=10.0, call_seconds=350.0)
    model = Slow(*[BUSY] * 99)
    asyncio.run(Retrying(model, policy, sleep, clock=lambda: now).complete(ASK))
    assert len(model.seen) == 4
    assert now <= 450.0


def test_a_slot_is_held_for_each_attempt_and_not_while_waiting() -> None:
    throttle = Throttle(ThrottlePolicy(start=1, most=1))
    held: list[int] = []

    class Watching(Script):
        async def complete(self, request: Request) -> Completion | Failure:
            held.append(throttle.in_flight)
            return await super().complete(request)

    async def sleep(seconds: float) -> None:
        held.append(throttle.in_flight)

    model = Watching(BUSY, Completion())
    asyncio.run(Retrying(model, POLICY, sleep, throttle).complete(ASK))
    assert held == [1, 0, 1]
    assert throttle.in_flight == 0


def test_waits_double_with_jitter_up_to_the_cap_and_attempts_end() -> None:
    model = Script(*[GARBLED] * 9)
    reply, waits = run(model)
    assert (reply.kind, len(reply.earlier)) == (GARBLED.kind, 3)
    assert len(model.seen) == 4
    for wait, full in zip(waits, (2.0, 4.0, 8.0), strict=True):
        assert full / 2 <= wait <= full


@pytest.mark.parametrize("kind", ["overloaded", "connection", "rate_limited"])
def test_an_outage_and_a_limit_are_waited_out_for_as_long_as_a_call_may_take(kind: str) -> None:
    down = BUSY.model_copy(update={"kind": kind, "sent": kind != "connection"})
    model = Script(BUSY, *[down] * 29, Completion(content="Back."))
    reply, waits = run(model)
    assert (reply.content, len(reply.earlier)) == ("Back.", 30)
    assert sum(waits) > 180  # three minutes
    brief = POLICY.model_copy(update={"call_seconds": 60.0})
    reply, waits = run(Script(*[down] * 30), brief)
    assert reply.kind == kind
    assert 40 < sum(waits) <= 60


def test_a_model_that_never_answered_is_not_waited_for_as_one_that_did() -> None:
    gone = BUSY.model_copy(update={"kind": "connection", "sent": False})
    reply, waits = run(Script(*[gone] * 30))
    assert (reply.kind, reply.retryable, reply.stops_study) == ("connection", False, True)
    assert sum(waits) <= POLICY.reach_seconds
    told = refusal_stop("openai/m", CallKey("trial-1", "overseer", 0), reply, 1, 60.0)
    assert "cannot be reached" in str(told)
    assert "model.base_url" in str(told)


def test_attempts_bound_what_costs_work_whatever_outage_lies_between() -> None:
    model = Script(GARBLED, BUSY, GARBLED, BUSY, BUSY, GARBLED, BUSY, GARBLED, Completion())
    reply, _ = run(model)
    assert (reply.kind, len(reply.earlier)) == ("malformed_reply", 7)


@pytest.mark.parametrize(
    "lost",
    [
        BUSY.model_copy(update={"kind": "connection"}),
        BUSY.model_copy(update={"begun": True}),
    ],
    ids=["lost", "broken off"],
)
def test_what_may_be_billed_each_time_is_bounded_though_it_passes(lost: Failure) -> None:
    gone = BUSY.model_copy(update={"kind": "connection", "sent": False})
    reply, _ = run(Script(BUSY, lost, gone, lost, BUSY, lost, gone, lost, Completion()))
    assert (reply.kind, len(reply.earlier)) == (lost.kind, 7)


@pytest.mark.parametrize("failure", [BUSY, LIMITED, GARBLED])
def test_a_single_attempt_is_a_single_attempt(failure: Failure) -> None:
    reply, waits = run(Script(failure), POLICY.model_copy(update={"attempts": 1}))
    assert (reply, waits) == (failure, [])


@pytest.mark.parametrize("asked", [0.0, 0.5, 1.0])
def test_a_short_retry_after_does_not_switch_our_own_back_off_off(asked: float) -> None:
    impatient = LIMITED.model_copy(update={"retry_after": asked})
    for attempt, full in ((1, 2.0), (2, 4.0), (3, 8.0), (9, 10.0)):
        waits = [POLICY.wait(attempt, impatient) for _ in range(50)]
        assert full / 2 <= min(waits)
        assert max(waits) <= full + 2.0


@pytest.mark.parametrize("attempt", [5, 50])
def test_no_wait_is_longer_than_the_cap(attempt: int) -> None:
    assert POLICY.wait(attempt, BUSY) <= 10.0


def test_what_cannot_be_helped_is_not_tried_again() -> None:
    model = Script(DENIED, Completion())
    reply, waits = run(model)
    assert reply == DENIED
    assert (len(model.seen), waits) == (1, [])


def test_the_same_request_is_made_again() -> None:
    model = Script(BUSY, BUSY, Completion())
    run(model)
    assert model.seen == [ASK, ASK, ASK]


def test_it_goes_by_the_wrapped_model_s_name() -> None:
    model = Retrying(Script(), POLICY)
    assert (model.name, model.simulated) == ("simulated/script", True)


def test_a_call_that_is_cut_off_says_which_attempts_had_failed() -> None:
    async def cut() -> CutOff:
        async def forever(seconds: float) -> None:
            await asyncio.Event().wait()

        task = asyncio.create_task(Retrying(Script(BUSY), POLICY, forever).complete(ASK))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(CutOff) as caught:
            await task
        return caught.value

    (attempt,) = asyncio.run(cut()).earlier
    assert attempt.kind == "overloaded"


def test_the_wait_for_a_model_that_is_down_counts_and_that_for_a_slot_does_not() -> None:
    lost = Failure(kind="connection", detail="gone", retryable=True)

    async def made(down: bool) -> Completion | Failure:
        throttle = Throttle(ThrottlePolicy(start=1, most=1), waits=(0.0, 0.0))
        policy = RetryPolicy(base_seconds=0.0, cap_seconds=0.0, call_seconds=0.1)
        for _ in range(LOST if down else 0):
            await throttle.enter()
            throttle.leave(lost, 0.0)
        await throttle.enter()
        model = Script(lost, Completion(content="Hello."))
        call = asyncio.create_task(Retrying(model, policy, throttle=throttle).complete(ASK))
        await asyncio.sleep(0.2)
        throttle.leave(lost, 0.0)
        return await call

    assert isinstance(asyncio.run(made(down=True)), Failure)
    assert isinstance(asyncio.run(made(down=False)), Completion)
