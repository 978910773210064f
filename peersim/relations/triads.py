"""Signed triads: is the friend of a friend a friend (Heider, 1946)?"""

from itertools import combinations

from peersim.relations.graph import Graph
from peersim.relations.measures import neutral, strength


def sign(graph: Graph, one: str, other: str) -> str | None:
    """Return ``+`` or ``-`` for what is between two agents, whoever did it.

    That is the side of neutral on which the mean weight lies of the ties between them, of one
    tie if there is only one. None without a tie, and where the mean is neutral.
    """
    both = (strength(graph, one, other), strength(graph, other, one))
    known = [weight for weight in both if weight is not None]
    lean = sum(known) / len(known) - neutral(graph) if known else 0.0
    if lean == 0:
        return None
    return "+" if lean > 0 else "-"


def triad_type(graph: Graph, overseer: str, target: str, third: str) -> str | None:
    """Return the signs between overseer and target, overseer and third, target and third.

    Returns:
        Such as ``+-+``; None if one of the three pairs has no sign.
    """
    pairs = ((overseer, target), (overseer, third), (target, third))
    signs = [sign(graph, *pair) for pair in pairs]
    return None if None in signs else "".join(str(found) for found in signs)


def triads(graph: Graph, overseer: str, target: str) -> tuple[str, ...]:
    """Return the signed triads of overseer and target with each other agent, in order.

    Those without all three signs are left out; in a pair there are none.
    """
    thirds = (str(name) for name in graph.nodes if name not in (overseer, target))
    found = (triad_type(graph, overseer, target, third) for third in thirds)
    return tuple(triad for triad in found if triad is not None)


def balanced(triad: str) -> bool:
    """Return whether the product of a triad's signs is positive."""
    return triad.count("-") % 2 == 0


def balance(graph: Graph) -> float | None:
    """Return the share of balanced triads among those with all three signs; None without any."""
    agents = [str(name) for name in graph.nodes]
    found = [triad_type(graph, *three) for three in combinations(agents, 3)]
    complete = [balanced(triad) for triad in found if triad is not None]
    return sum(complete) / len(complete) if complete else None
