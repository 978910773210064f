"""From a model's reference to the stack that answers for it."""

import asyncio
import contextlib
from collections.abc import Mapping

from peersim.models.base import Endpoint, ModelRef
from peersim.models.meter import Aside, Budget, Meter
from peersim.models.metered import Metered
from peersim.models.money import Price
from peersim.models.port import Model
from peersim.models.retry import Retrying, RetryPolicy
from peersim.models.throttle import Change, Throttle, ThrottlePolicy

FREE = Price(input=0.0, output=0.0)


class Pool:
    """One stack per model, shared by all callers: retries, then a slot, then the budget."""

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        policy: RetryPolicy,
        throttle: ThrottlePolicy | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Prepare stacks, which are built at first use.

        Args:
            endpoints: How each model is reached, by its reference.
            policy: How failed calls are made again.
            throttle: Bounds of the requests in flight, for each model alike.
            meter: The study's budget.
        """
        self._endpoints = endpoints
        self._policy = policy
        self._throttle_policy = throttle or ThrottlePolicy()
        self._meter = meter or Meter(Budget())
        self._stacks: dict[str, Model] = {}
        self._retrying: dict[str, list[Retrying]] = {}
        self.throttles: dict[str, Throttle] = {}
        self._told: dict[str, int] = {}
        self._halted = asyncio.Event()

    def model(self, ref: ModelRef) -> Model:
        """Return the stack of a model."""
        key = ref.model_id
        if key not in self._stacks:
            self._stacks[key] = self._built(ref)
        return self._stacks[key]

    def price(self, ref: ModelRef) -> Price | None:
        """Return a model's price; None if it is unknown."""
        if ref.simulated:
            return FREE
        from peersim.models.litellm import price_of

        return price_of(ref, self._endpoint(ref))

    def halt(self) -> None:
        """Let no call wait for its provider any more: those in flight are finished.

        One that waits to be made again, or for a pause that its provider asked for, is cut off,
        and so is one that fails from now on where it would have been made again.
        """
        self._halted.set()
        for throttle in self.throttles.values():
            throttle.halt()

    async def _rest(self, seconds: float) -> None:
        """Wait before a call is made again.

        Raises:
            CancelledError: If calls are not to wait any more.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._halted.wait()
            raise asyncio.CancelledError

    def changes(self) -> dict[str, list[Change]]:
        """Return how limits have changed since this was last asked, by model."""
        fresh = {name: t.changes[self._told.get(name, 0) :] for name, t in self.throttles.items()}
        self._told = {name: len(t.changes) for name, t in self.throttles.items()}
        return {name: changes for name, changes in fresh.items() if changes}

    def waits(self, only: str | None = None) -> list[str]:
        """Return what each real model's callers wait for, as people read it.

        Args:
            only: The one model that is asked about; None for all.
        """
        return [
            self._waits(name, throttle)
            for name, throttle in self.throttles.items()
            if only in (None, name)
        ]

    def _waits(self, name: str, throttle: Throttle) -> str:
        parts = [f"{throttle.in_flight} asked"]
        if throttle.outage.on:
            parts.append(f"one at a time since {throttle.outage.lost} requests in a row were lost")
        if throttle.queued and not throttle.outage.on:
            parts.append(f"{throttle.queued} queued for one of {throttle.limit} slots")
        if throttle.pause:
            parts.append(f"paused by the provider for {throttle.pause:.0f} s more")
        stacks = self._retrying.get(name, ())
        if resting := sum(one.backing_off for one in stacks):
            parts.append(f"{resting} waiting to try again")
        why = [f"{t.kind}: {t.detail}" for one in stacks if (t := one.trouble)]
        return f"{name}: {', '.join(parts)}" + (f" (last failure {why[-1]})" if why else "")

    def _endpoint(self, ref: ModelRef) -> Endpoint:
        return self._endpoints.get(ref.ref, Endpoint())

    def _built(self, ref: ModelRef) -> Model:
        if ref.simulated:
            from peersim.models.simulated.model import SimulatedModel

            stand_in: Model = SimulatedModel(ref, self._endpoint(ref))
            return self._metered(ref, stand_in) if self._meter.budget.limited else stand_in
        from peersim.models.litellm import LiteLLMModel

        # Rate limits are the provider's per model, whatever the sampling parameters.
        throttle = self.throttles.setdefault(ref.ref, self._throttle())
        real = LiteLLMModel(ref, self._endpoint(ref))
        metered = self._metered(ref, real, throttle.aside)
        if self._halted.is_set():
            throttle.halt()
        stack = Retrying(metered, self._policy, self._rest, throttle=throttle)
        self._retrying.setdefault(ref.ref, []).append(stack)
        return stack

    def _throttle(self) -> Throttle:
        waits = self._policy.base_seconds, self._policy.cap_seconds
        return Throttle(self._throttle_policy, waits=waits)

    def _metered(self, ref: ModelRef, model: Model, aside: Aside | None = None) -> Model:
        return Metered(model, ref, self._meter, lambda: self.price(ref), aside)

    async def aclose(self) -> None:
        """Close the connections of real models, if there are any."""
        if any(not model.simulated for model in self._stacks.values()):
            from peersim.models.litellm import close_connections

            await close_connections()
