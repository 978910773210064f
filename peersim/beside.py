"""Two pieces of work at the same time, neither of which outlives the other's error."""

import asyncio
from collections.abc import Coroutine
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
