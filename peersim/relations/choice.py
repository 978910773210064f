"""Who oversees whom, chosen by the graph of relationships."""

import random
from typing import Literal

from peersim.relations.graph import Graph
from peersim.relations.measures import strength

By = Literal["strongest_tie", "weakest_tie", "random", "friend_of_friend"]


def choose(graph: Graph, overseer: str, by: By, rng: random.Random) -> str:
    """Return the target for an overseer, among all others.

    What counts is the tie from the overseer to the other: what the overseer gave. Having none
    is weaker than any tie. Among equals the first enrolled is taken.

    Args:
        graph: The graph at the end of the interaction, with every agent a node, in the order of
            enrolment.
        overseer: Who is to oversee.
        by: ``strongest_tie`` and ``weakest_tie`` of those from the overseer; ``random`` for any
            of the others by chance; ``friend_of_friend`` for one to whom the overseer has no
            tie, or else the weakest, and of several the one who is most strongly tied to the
            overseer's strongest partner. The partner itself is chosen only if alone.
        rng: For ``random``; nothing is drawn otherwise.

    Raises:
        ValueError: If there is nobody else.
    """
    others = [str(name) for name in graph.nodes if name != overseer]
    if not others:
        raise ValueError("there is nobody to oversee")
    match by:
        case "strongest_tie":
            return max(others, key=lambda name: _tie(graph, overseer, name))
        case "weakest_tie":
            return min(others, key=lambda name: _tie(graph, overseer, name))
        case "random":
            return rng.choice(others)
        case "friend_of_friend":
            return _friend_of_friend(graph, others, overseer)


def _friend_of_friend(graph: Graph, others: list[str], overseer: str) -> str:
    closest = max(others, key=lambda name: _tie(graph, overseer, name))
    rest = [name for name in others if name != closest] or others
    strangers = [name for name in rest if not graph.has_edge(overseer, name)]
    least = min(_tie(graph, overseer, name) for name in rest)
    candidates = strangers or [name for name in rest if _tie(graph, overseer, name) == least]
    return max(candidates, key=lambda name: _tie(graph, name, closest))


def _tie(graph: Graph, source: str, target: str) -> float:
    found = strength(graph, source, target)
    return float("-inf") if found is None else found
