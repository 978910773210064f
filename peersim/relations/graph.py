"""The relationship graph at any step of a log."""

from collections.abc import Sequence
from typing import TypeAlias

import networkx as nx

from peersim.errors import ConfigError
from peersim.events.acts import Tally, Tie, fold
from peersim.events.log import AnyEvent
from peersim.events.marks import Enrolled, RoundBegan
from peersim.relations.rules import RULES

Graph: TypeAlias = "nx.DiGraph[str]"


def at(events: Sequence[AnyEvent], step: int | None = None, rule: str = "beta") -> Graph:
    """Return the graph as it stood before the event at a position.

    Nodes are agents, with ``persona`` and ``model``. Edges carry ``weight``, ``rule``,
    ``events`` (the ids it rests on), and ``opportunities``, ``count``, ``amount`` and
    ``maximum`` per kind of act.

    Args:
        events: The log, from its beginning.
        step: The position; None for the end of the log.
        rule: The name of the rule for weights.

    Raises:
        ConfigError: If there is no such rule.
    """
    if rule not in RULES:
        raise ConfigError(f"no rule named {rule!r}", f"choose one of {', '.join(RULES)}")
    seen = events[:step]
    graph: Graph = nx.DiGraph(step=len(seen), rule=rule)
    for event in seen:
        if isinstance(event, Enrolled):
            graph.add_node(event.agent, persona=event.persona, model=event.model)
    ties = fold(seen)
    for actor, target in dict.fromkeys((tie.actor, tie.target) for tie in ties):
        own = {t: tally for t, tally in ties.items() if (t.actor, t.target) == (actor, target)}
        graph.add_edge(actor, target, **_attributes(own, rule))
    return graph


def _attributes(ties: dict[Tie, Tally], rule: str) -> dict[str, object]:
    weight = RULES[rule](ties)
    acts = {
        f"{tie.act.value}_{name}": getattr(tally, name)
        for tie, tally in ties.items()
        for name in ("opportunities", "count", "amount", "maximum")
    }
    return {"weight": weight.value, "events": " ".join(weight.events), "layer": "observed", **acts}


def steps(events: Sequence[AnyEvent]) -> tuple[int, ...]:
    """Return the positions at which rounds begin, and the end of the log."""
    rounds = [i for i, event in enumerate(events) if isinstance(event, RoundBegan)]
    return (*rounds, len(events))
