"""Retries, the same for every provider: bounded, jittered, honouring Retry-After."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from pydantic import Field

from peersim.frozen import Frozen
from peersim.models.base import Attempt, Completion, Failure, Model, Request


class RetryPolicy(Frozen):
    """How often and how patiently a failed call is made again.

    Attributes:
        attempts: Requests per call at most, the first included.
        base_seconds: The wait before the second attempt; it doubles from there.
        cap_seconds: The longest wait, a provider's Retry-After included.
    """

    attempts: int = Field(default=5, ge=1)
    base_seconds: float = Field(default=1.0, ge=0)
    cap_seconds: float = Field(default=60.0, ge=0)

    def wait(self, attempt: int, failure: Failure) -> float:
        """Return the seconds to wait after a failed attempt, counted from 1."""
        if failure.retry_after is not None:
            return min(failure.retry_after, self.cap_seconds)
        full = min(self.base_seconds * 2.0 ** (attempt - 1), self.cap_seconds)
        # Waiting never reaches a record, so the jitter need not come from the seed tree.
        return random.uniform(full / 2, full)


class Retrying:
    """A model that makes a failed call again while that can help."""

    def __init__(
        self,
        model: Model,
        policy: RetryPolicy,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Wrap a model."""
        self._model = model
        self._policy = policy
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The wrapped model's reference."""
        return self._model.name

    @property
    def simulated(self) -> bool:
        """Whether the wrapped model is simulated."""
        return self._model.simulated

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer a request, or return the last failure; the failed attempts come with it."""
        earlier: list[Attempt] = []
        while True:
            reply = await self._model.complete(request)
            if isinstance(reply, Completion) or not reply.retryable:
                break
            if len(earlier) + 1 >= self._policy.attempts:
                break
            wait = self._policy.wait(len(earlier) + 1, reply)
            earlier.append(reply.attempt.model_copy(update={"waited": wait}))
            await self._sleep(wait)
        return reply.model_copy(update={"earlier": tuple(earlier)}) if earlier else reply
