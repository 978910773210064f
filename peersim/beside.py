"""Pieces of work at the same time, none of which outlives what befell another."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")


async def both(main: Coroutine[Any, Any, T], aside: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """Do two pieces of work at the same time and return what came of both.

    Whatever one of them raises is raised as it is, once the other has been called off.
    """
    task = asyncio.ensure_future(aside)
    try:
        done = await main
        return done, await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def together(works: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what all came to, in their order; a single one needs no task of its own.

    Where one is cut short, as by a wish to end, the others are waited for: what they have asked
    of a model is paid for, and is kept.
    """
    if len(works) < 2:
        return [await work for work in works]
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
