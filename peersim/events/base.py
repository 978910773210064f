"""The base of every event."""

from peersim.frozen import Frozen


class Event(Frozen):  # noqa: PLW1641  # the hash is given to every frozen model
    """One thing that happened. It carries no wall clock: order is its place in the log."""

    def __eq__(self, other: object) -> bool:
        """Whether the same thing happened; there is no more to an event than its fields."""
        return type(self) is type(other) and self.__dict__ == other.__dict__
