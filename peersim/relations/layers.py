"""Layers of the graph: what was observed, recollected of it, stated about it, or judged of it.

What is judged serves to validate the other layers, and enters no predictor.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import networkx as nx
from pydantic import Field

from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.relations.graph import Graph
from peersim.relations.measures import neutral, strength
from peersim.relations.rules import SCALES

Layer = Literal["observed", "recollected", "stated", "judged"]


class Stated(Frozen):
    """How far one agent says it trusts another.

    Attributes:
        source: Who says so.
        target: About whom.
        trust: From 0 (not at all) to 1 (completely).
    """

    source: str
    target: str
    trust: float = Field(ge=0, le=1)


class Judged(Frozen):
    """How one agent treated another, by one vote of a judge.

    Attributes:
        source: Who did it.
        target: To whom.
        weight: From 0 (all against) to 1 (all for).
    """

    source: str
    target: str
    weight: float = Field(ge=0, le=1)


def stated(values: Sequence[Stated], agents: Sequence[str] = ()) -> Graph:
    """Return the graph of what agents say of each other.

    Edges carry ``weight`` (the mean trust), ``repeats`` (how often it was asked) and ``spread``
    (the greatest answer less the least), by which its reliability can be judged.

    Args:
        values: The answers, in order; the same pair may be asked more than once.
        agents: All agents in the order of enrolment, said of or not.
    """
    return _averaged("stated", ((v.source, v.target, v.trust) for v in values), agents)


def judged(values: Sequence[Judged], agents: Sequence[str] = ()) -> Graph:
    """Return the graph of how agents treated each other, as judges say.

    Edges carry ``weight`` (the mean of the votes), ``repeats`` (how many there are) and
    ``spread`` (the greatest less the least).

    Args:
        values: The votes, in order; the same pair may be judged more than once.
        agents: All agents in the order of enrolment, judged or not.
    """
    return _averaged("judged", ((v.source, v.target, v.weight) for v in values), agents)


def _averaged(
    layer: Layer, values: Iterable[tuple[str, str, float]], agents: Sequence[str]
) -> Graph:
    """Return a graph of mean weights, on the layer's own scale."""
    graph: Graph = nx.DiGraph(layer=layer, rule=layer, neutral=SCALES[layer].neutral)
    graph.add_nodes_from(agents)
    found: dict[tuple[str, str], list[float]] = {}
    for source, target, weight in values:
        found.setdefault((source, target), []).append(weight)
    for (source, target), weights in found.items():
        graph.add_edge(
            source,
            target,
            layer=layer,
            rule=layer,
            weight=sum(weights) / len(weights),
            repeats=len(weights),
            spread=max(weights) - min(weights),
        )
    return graph


def distortion(observed: Graph, other: Graph) -> float | None:
    """Return how far another layer is from the observed one; 0 if it is no different.

    That is the mean absolute difference of weights over the observed ties that have one. A tie
    the other layer lacks counts as neutral there: what an agent without a memory of it goes by.

    Args:
        observed: The graph of acts.
        other: What is recollected of them, or stated, on a scale of the same ends.

    Returns:
        In units of the weight; None if no observed tie has a weight.

    Raises:
        AnalysisRefusal: If the two have weights on different scales.
    """
    _comparable(observed, other)
    gaps = []
    for source, target in observed.edges:
        weight = strength(observed, source, target)
        if weight is not None:
            found = strength(other, source, target)
            gaps.append(abs(weight - (neutral(other) if found is None else found)))
    return sum(gaps) / len(gaps) if gaps else None


def _comparable(one: Graph, other: Graph) -> None:
    first, second = one.graph["rule"], other.graph["rule"]
    a, b = SCALES[first], SCALES[second]
    bounded = None not in (a.low, b.low)
    if first != second and not (bounded and (a.low, a.high) == (b.low, b.high)):
        raise AnalysisRefusal(
            f"weights under {first!r} and {second!r} are on different scales",
            "compare graphs made under one rule",
        )
