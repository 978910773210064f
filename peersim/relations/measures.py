"""Measures of small relationship graphs. No centrality: it means nothing below ten agents."""

from peersim.relations.graph import Graph


def strength(graph: Graph, source: str, target: str) -> float | None:
    """Return the weight of one tie; None if nothing ever passed along it."""
    return graph.edges[source, target]["weight"] if graph.has_edge(source, target) else None


def asymmetry(graph: Graph, one: str, other: str) -> float | None:
    """Return how much stronger ``one`` is tied to ``other`` than the other way round."""
    out, back = strength(graph, one, other), strength(graph, other, one)
    return None if out is None or back is None else out - back
