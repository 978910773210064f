"""Work done side by side: what one meets never leaves another's half done."""

import asyncio

import pytest

from peersim.beside import together


def test_where_one_is_cut_short_the_others_are_finished_first():
    async def go():
        done = []

        async def cut():
            raise asyncio.CancelledError

        async def paid():
            await asyncio.sleep(0.01)
            done.append("paid")

        with pytest.raises(asyncio.CancelledError):
            await together([cut(), paid()])
        return done

    assert asyncio.run(go()) == ["paid"]


def test_what_all_came_to_is_in_their_order():
    async def after(seconds):
        await asyncio.sleep(seconds)
        return seconds

    assert asyncio.run(together([after(0.01), after(0.0)])) == [0.01, 0.0]
