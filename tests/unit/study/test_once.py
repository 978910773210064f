"""A thing is made once for all who ask at the same time, and memory stays bounded."""

import asyncio

from peersim.study.once import Once


def test_many_who_ask_at_once_get_the_one_thing():
    async def go():
        made = []
        once = Once()

        async def make():
            made.append(1)
            await asyncio.sleep(0)
            return len(made)

        found = await asyncio.gather(*(once.get("a", make) for _ in range(9)))
        return found, made

    found, made = asyncio.run(go())
    assert (found, made) == ([1] * 9, [1])


def test_only_so_many_finished_things_stay_and_none_that_is_being_made_is_lost():
    async def go():
        once = Once(kept=3)
        gate = asyncio.Event()

        async def slow():
            await gate.wait()
            return "slow"

        async def quick():
            return "quick"

        waiting = asyncio.create_task(once.get("slow", slow))
        await asyncio.sleep(0)
        for number in range(20):
            assert await once.get(str(number), quick) == "quick"
        kept = len(once._tasks)
        again = asyncio.create_task(once.get("slow", quick))
        await asyncio.sleep(0)
        gate.set()
        return kept, await waiting, await again

    kept, first, second = asyncio.run(go())
    assert kept <= 4
    assert (first, second) == ("slow", "slow")
