"""Measures of one tie or one agent in a small relationship graph.

No centrality and no communities: they mean nothing below ten agents. A tie without a weight
counts as no tie.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from peersim.relations.graph import Graph


def strength(graph: Graph, source: str, target: str) -> float | None:
    """Return the weight of one tie; None if nothing that bears on it ever passed along it."""
    if not graph.has_edge(source, target):
        return None
    found: float | None = graph.edges[source, target].get("weight")
    return found


def neutral(graph: Graph) -> float:
    """Return the weight that is neither kind nor unkind under the graph's rule."""
    return float(graph.graph["neutral"])


def given_strength(graph: Graph, agent: str) -> float | None:
    """Return the sum of weights of an agent's outgoing ties; None without any."""
    out = _outgoing(graph, agent)
    return sum(out) if out else None


def received_strength(graph: Graph, agent: str) -> float | None:
    """Return the sum of weights of an agent's incoming ties; None without any."""
    into = _incoming(graph, agent)
    return sum(into) if into else None


def trust_out(graph: Graph, agent: str) -> float | None:
    """Return the mean weight of an agent's outgoing ties; None without any."""
    return _mean(_outgoing(graph, agent))


def trust_in(graph: Graph, agent: str) -> float | None:
    """Return the mean weight of an agent's incoming ties; None without any."""
    return _mean(_incoming(graph, agent))


def asymmetry(graph: Graph, one: str, other: str) -> float | None:
    """Return how much stronger ``one`` is tied to ``other`` than the other way round."""
    out, back = strength(graph, one, other), strength(graph, other, one)
    return None if out is None or back is None else out - back


def reciprocity(graph: Graph, of: Literal["kindness", "harm"] = "kindness") -> float | None:
    """Return the share of kindness, or of harm, that is returned, from 0 to 1; None without any.

    This is the reciprocity of weighted networks (Squartini et al., 2013): of two opposite ties
    the lesser counts as returned. Weights are taken from neutral, so that a chance to act is no
    kindness by itself, and harm for harm is no kindness returned. In which order it was returned
    is for ``replies.lagged_reciprocity`` to say.
    """
    sign = 1.0 if of == "kindness" else -1.0
    known = {tie: strength(graph, *tie) for tie in graph.edges}
    ties = {
        tie: max(sign * (weight - neutral(graph)), 0.0)
        for tie, weight in known.items()
        if weight is not None
    }
    whole = sum(ties.values())
    returned = sum(min(weight, ties.get((b, a), 0.0)) for (a, b), weight in ties.items())
    return returned / whole if whole else None


def rank(graph: Graph, agent: str, target: str) -> int | None:
    """Return the place of a target among an agent's outgoing ties.

    Returns:
        1 for the strongest; equals share the better place; None if there is no such tie.
    """
    own = strength(graph, agent, target)
    return None if own is None else 1 + sum(weight > own for weight in _outgoing(graph, agent))


def ally_count(graph: Graph, target: str, overseer: str) -> int:
    """Return how many agents other than the overseer are tied to a target more than neutrally."""
    if target not in graph:
        return 0  # a stranger to the whole history
    others = (str(name) for name in graph.predecessors(target) if name != overseer)
    found = (strength(graph, name, target) for name in others)
    return sum(weight is not None and weight > neutral(graph) for weight in found)


def volatility(graphs: Sequence[Graph], source: str, target: str) -> float | None:
    """Return the mean absolute change of a tie from round to round.

    Args:
        graphs: The graph after each round, in order (``graph.course``).
        source: Whose tie.
        target: To whom.

    Returns:
        In units of the weight; None if the tie was there in fewer than two rounds.
    """
    found = _weights(graphs, source, target)
    return _mean([abs(b - a) for a, b in pairwise(found)])


def trend(graphs: Sequence[Graph], source: str, target: str, last: int = 3) -> float | None:
    """Return the slope of a tie over its last rounds, by least squares.

    Args:
        graphs: The graph after each round, in order (``graph.course``).
        source: Whose tie.
        target: To whom.
        last: How many rounds to look back over, at least two.

    Returns:
        In units of the weight per round; None if the tie was there in fewer than two of them.

    Raises:
        ValueError: If ``last`` is below two.
    """
    if last < 2:
        raise ValueError("a trend needs at least two rounds")
    recent = enumerate(strength(graph, source, target) for graph in graphs[-last:])
    points = [(i, weight) for i, weight in recent if weight is not None]
    if len(points) < 2:
        return None
    middle = sum(i for i, _ in points) / len(points)
    level = sum(weight for _, weight in points) / len(points)
    rise = sum((i - middle) * (weight - level) for i, weight in points)
    return rise / sum((i - middle) ** 2 for i, _ in points)


def _weights(graphs: Sequence[Graph], source: str, target: str) -> list[float]:
    found = (strength(graph, source, target) for graph in graphs)
    return [weight for weight in found if weight is not None]


def _outgoing(graph: Graph, agent: str) -> list[float]:
    if agent not in graph:
        return []  # a stranger to the whole history
    found = (strength(graph, agent, str(name)) for name in graph.successors(agent))
    return [weight for weight in found if weight is not None]


def _incoming(graph: Graph, agent: str) -> list[float]:
    if agent not in graph:
        return []  # a stranger to the whole history
    found = (strength(graph, str(name), agent) for name in graph.predecessors(agent))
    return [weight for weight in found if weight is not None]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
