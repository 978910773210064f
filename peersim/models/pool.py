"""From a model's reference to the stack that answers for it."""

from collections.abc import Mapping

from peersim.ids import content_id
from peersim.models.base import Endpoint, Model, ModelRef
from peersim.models.retry import Retrying, RetryPolicy


class Pool:
    """One stack per model, shared by all callers."""

    def __init__(self, endpoints: Mapping[str, Endpoint], policy: RetryPolicy) -> None:
        """Prepare stacks, which are built at first use.

        Args:
            endpoints: How each model is reached, by its reference.
            policy: How failed calls are made again.
        """
        self._endpoints = endpoints
        self._policy = policy
        self._stacks: dict[str, Model] = {}

    def model(self, ref: ModelRef) -> Model:
        """Return the stack of a model."""
        key = content_id("model", ref)
        if key not in self._stacks:
            self._stacks[key] = self._built(ref)
        return self._stacks[key]

    def _built(self, ref: ModelRef) -> Model:
        endpoint = self._endpoints.get(ref.ref, Endpoint())
        if ref.simulated:
            from peersim.models.simulated.model import SimulatedModel

            return SimulatedModel(ref, endpoint)
        from peersim.models.litellm import LiteLLMModel

        return Retrying(LiteLLMModel(ref, endpoint), self._policy)

    async def aclose(self) -> None:
        """Close the connections of real models, if there are any."""
        if any(not model.simulated for model in self._stacks.values()):
            from peersim.models.litellm import close_connections

            await close_connections()
