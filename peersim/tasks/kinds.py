"""The registry of tasks: a new one is one more member of this union."""

from peersim.tasks.trust_game import TrustGame

AnyTask = TrustGame
