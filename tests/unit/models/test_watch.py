"""A stall is noticed once, and explained."""

import asyncio

from peersim.models.journal import CallKey
from peersim.models.watch import Watch
from peersim.study.vigil import Vigil


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def vigil(clock: Clock) -> tuple[Watch, Vigil, list[str]]:
    watch, said = Watch(clock), list[str]()

    async def flush() -> None:
        return None

    return (
        watch,
        Vigil(watch, 60.0, lambda model: ["2 wait for the budget"], said.append, flush),
        said,
    )


def test_a_stall_names_the_oldest_calls_and_how_long_they_are_waited_for() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    watch.asked(CallKey("trial-a", "Rowan", 3), "openai/slow")
    clock.now = 50.0
    watch.asked(CallKey("trial-b", "Linden", 0), "openai/slow")
    looking.look()
    assert said == []
    clock.now = 61.0
    looking.look()
    (text,) = said
    assert "nothing has moved for 61 s" in text
    assert "trial-a, Rowan, call 3 to openai/slow for 61 s" in text
    assert "trial-b, Linden, call 0 to openai/slow for 11 s" in text
    assert "2 wait for the budget" in text


def test_a_stall_is_told_once_a_stretch_and_again_when_it_goes_on() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    for seconds in (61.0, 70.0, 119.0, 121.0, 130.0):
        clock.now = seconds
        looking.look()
    assert len(said) == 2
    watch.moved()
    clock.now = 200.0
    looking.look()
    assert len(said) == 3


def test_a_model_that_answers_nothing_is_told_of_although_another_goes_on() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    watch.asked(CallKey("trial-a", "Rowan", 3), "openai/hung")
    for second in range(130):
        clock.now = float(second)
        quick = CallKey("trial-b", "Linden", second)
        watch.asked(quick, "openai/quick")
        watch.ended(quick)
        looking.look()
    assert [text.partition(";")[0] for text in said] == [
        "openai/hung has answered nothing for 60 s",
        "openai/hung has answered nothing for 120 s",
    ]
    assert "trial-a, Rowan, call 3 to openai/hung for 60 s; 2 wait for the budget" in said[0]
    assert "quick" not in "".join(said)


def test_a_model_is_silent_only_while_it_is_asked_and_from_then_on() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    watch.asked(CallKey("trial-a", "Rowan", 0), "openai/m")
    watch.ended(CallKey("trial-a", "Rowan", 0))
    clock.now = 500.0
    watch.moved()
    watch.asked(CallKey("trial-a", "Rowan", 1), "openai/m")
    clock.now = 510.0
    assert watch.silent() == {"openai/m": 10.0}
    looking.look()
    assert said == []


def test_a_stall_of_all_is_told_once_and_not_of_each_model_again() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    watch.asked(CallKey("trial-a", "Rowan", 0), "openai/a")
    watch.asked(CallKey("trial-b", "Rowan", 0), "openai/b")
    for clock.now in (61.0, 62.0, 90.0):
        looking.look()
    (text,) = said
    assert "nothing has moved" in text


def test_without_a_call_it_says_that_no_call_is_waited_for() -> None:
    clock = Clock()
    _, looking, said = vigil(clock)
    clock.now = 61.0
    looking.look()
    assert "no model call" in said[0]


def test_what_was_answered_is_no_longer_waited_for() -> None:
    clock = Clock()
    watch, _, _ = vigil(clock)
    key = CallKey("trial-a", "Rowan", 0)
    watch.asked(key, "openai/slow")
    watch.ended(key)
    assert watch.oldest() == []
    assert watch.last("trial-a") == "trial-a, Rowan, call 0 to openai/slow"
    assert watch.last("trial-a") is None


def test_it_stores_what_has_gathered_as_it_goes() -> None:
    flushed: list[int] = []

    async def flush() -> None:
        flushed.append(1)

    async def for_a_while() -> None:
        looking = Vigil(Watch(), 0.02, lambda model: [], lambda text: None, flush)
        task = asyncio.create_task(looking.keep())
        await asyncio.sleep(0.1)
        task.cancel()

    asyncio.run(for_a_while())
    assert len(flushed) >= 3


def test_an_answer_that_is_not_written_down_yet_is_no_model_s_fault() -> None:
    clock = Clock()
    watch, looking, said = vigil(clock)
    key = CallKey("trial-a", "Rowan", 3)
    watch.asked(key, "openai/quick")
    watch.answered(key)
    clock.now = 61.0
    looking.look()
    (text,) = said
    assert "openai/quick" not in text
    assert "waiting for 1 answer to be written down for 61 s" in text
    watch.ended(key)
    assert watch.unkept() == []


def test_a_store_that_does_not_move_does_not_silence_who_looks() -> None:
    said: list[str] = []

    async def stuck() -> None:
        await asyncio.Event().wait()

    async def for_a_while() -> None:
        looking = Vigil(Watch(), 0.02, lambda model: [], said.append, stuck)
        task = asyncio.create_task(looking.keep())
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(for_a_while())
    assert len(said) >= 2
