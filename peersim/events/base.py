"""The base of every event."""

from peersim.frozen import Frozen


class Event(Frozen):
    """One thing that happened. It carries no wall clock: order is its place in the log."""
