"""The model port: a request goes in, a completion or a failure comes out."""

from typing import Protocol

from peersim.models.base import Completion, Failure, Request


class Model(Protocol):
    """The port that every model implements. It reports failures as data and never raises them."""

    @property
    def name(self) -> str:
        """The model's reference, such as ``simulated/loyal``."""

    @property
    def simulated(self) -> bool:
        """Whether the replies are made up by a stand-in."""

    async def complete(self, request: Request) -> Completion | Failure:
        """Answer a request."""
