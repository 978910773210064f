"""Who oversees whom, chosen by the graph of relationships."""

import random
from collections.abc import Callable
from typing import Literal

from peersim.relations.graph import Graph
from peersim.relations.measures import strength

By = Literal["strongest_tie", "weakest_tie", "random", "friend_of_friend"]


def choose(graph: Graph, overseer: str, by: By, rng: random.Random) -> str:
    """Return the target for an overseer, from the ties that lead to it.

    What counts is the tie from the other to the overseer: what the overseer received. Among
    equals the first enrolled is taken; without a tie is weaker than any tie.

    Args:
        graph: The graph at the end of the interaction, with every agent a node.
        overseer: Who is to oversee.
        by: The strongest or weakest tie, any of the others by chance, or a friend of a friend:
            of those who never met the overseer, or of all but the closest if all did, the one
            who was kindest to the overseer's closest.
        rng: For ``random``.

    Raises:
        ValueError: If there is nobody else.
    """
    others = [str(name) for name in graph.nodes if name != overseer]
    if not others:
        raise ValueError("there is nobody to oversee")
    rules: dict[By, Callable[[], str]] = {
        "strongest_tie": lambda: _most(graph, others, overseer),
        "weakest_tie": lambda: _least(graph, others, overseer),
        "random": lambda: rng.choice(others),
        "friend_of_friend": lambda: _friend_of_friend(graph, others, overseer),
    }
    return rules[by]()


def _most(graph: Graph, others: list[str], to: str) -> str:
    return max(others, key=lambda name: _tie(graph, name, to))


def _least(graph: Graph, others: list[str], to: str) -> str:
    return min(others, key=lambda name: _tie(graph, name, to))


def _friend_of_friend(graph: Graph, others: list[str], overseer: str) -> str:
    closest = _most(graph, others, overseer)
    rest = [name for name in others if name != closest]
    strangers = [name for name in rest if not graph.has_edge(name, overseer)]
    return _most(graph, strangers or rest or others, closest)


def _tie(graph: Graph, source: str, target: str) -> float:
    found = strength(graph, source, target)
    return -1e9 if found is None else found
