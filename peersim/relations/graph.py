"""The relationship graph at any step of a log, and at the end of its interaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import networkx as nx

from peersim.errors import AnalysisRefusal, ConfigError
from peersim.events.log import AnyEvent, event_id
from peersim.events.marks import Delayed, Ended, Enrolled, RoundBegan
from peersim.relations.dealings import Dealings, dealings
from peersim.relations.rules import SCALES, Rule, named

Graph: TypeAlias = "nx.DiGraph[str]"


def at(events: Sequence[AnyEvent], step: int | None = None, rule: str = "beta") -> Graph:
    """Return the graph as it stood before the event at a position.

    The graph carries ``layer``, ``rule``, ``neutral`` (the weight that is neither kind nor
    unkind), ``step`` and ``max_event_seq`` (the position of the last event it may rest on, -1
    for none). Nodes are agents in the order of enrolment, with ``persona`` and ``model``. Edges
    carry ``weight`` (left out where the rule has none, which is not a zero), ``layer``,
    ``rule``, ``events`` (the ids the weight rests on), ``last_event`` (the id of the last act
    along it, of any kind), and ``opportunities``, ``count``, ``amount`` and ``maximum`` per kind
    of act. Which edges there are does not depend on the rule.

    Args:
        events: The log, from its beginning.
        step: The position; None for the end of the log.
        rule: The name of the rule for weights.

    Raises:
        ConfigError: If there is no such rule, or no such step.
    """
    if step is not None and not 0 <= step <= len(events):
        raise ConfigError(f"no step {step}", f"steps of this log go from 0 to {len(events)}")
    seen = events[:step]
    items = ((event_id(position), event) for position, event in enumerate(seen))
    return _built(seen, dealings(items), rule, "observed")


def at_end_of_interaction(events: Sequence[AnyEvent], rule: str = "beta") -> Graph:
    """Return the graph as the interaction left it: what a predictor may rest on.

    Nothing that happened later, in the recollection or the oversight, can change it.

    Args:
        events: The log of a history or a trial, from its beginning.
        rule: The name of the rule for weights.

    Raises:
        ConfigError: If there is no such rule.
        AnalysisRefusal: If the interaction has not ended.
    """
    return by_rule(events, (rule,))[rule]


def by_rule(events: Sequence[AnyEvent], rules: Iterable[str]) -> dict[str, Graph]:
    """Return the same graph by several rules, of which each reads the same dealings.

    Args:
        events: As for ``at_end_of_interaction``.
        rules: The names of the rules.

    Raises:
        ConfigError: If there is no such rule.
        AnalysisRefusal: If the interaction has not ended.
    """
    seen = events[: _end_of_interaction(events)]
    pasts = dealings((event_id(position), event) for position, event in enumerate(seen))
    return {rule: _built(seen, pasts, rule, "observed") for rule in rules}


def _end_of_interaction(events: Sequence[AnyEvent]) -> int:
    for position, event in enumerate(events):
        if isinstance(event, Ended) and event.phase == "interaction":
            return position + 1
    raise AnalysisRefusal(
        "the graph at the end of the interaction was asked for, but the interaction has no end",
        "take a finished history, or the graph at a step",
    )


def recollected(
    items: Iterable[tuple[str, AnyEvent]], cited: Collection[str], rule: str = "beta"
) -> Graph:
    """Return the graph of those acts alone whose ids a recollection cites.

    All agents are nodes, remembered or not. Ids of events that are no acts are passed over.

    Args:
        items: The events of the history as it was shown, with their ids, from the beginning.
        cited: Ids of events.
        rule: The name of the rule for weights.

    Raises:
        ConfigError: If there is no such rule.
    """
    return recollected_by_rule(items, cited, (rule,))[rule]


def recollected_by_rule(
    items: Iterable[tuple[str, AnyEvent]], cited: Collection[str], rules: Iterable[str]
) -> dict[str, Graph]:
    """Return the same by several rules, of which each reads the same dealings.

    Args:
        items: As for ``recollected``.
        cited: As for ``recollected``.
        rules: The names of the rules.

    Raises:
        ConfigError: If there is no such rule.
    """
    wanted, shown = frozenset(cited), tuple(items)
    kept, seen = dealings(item for item in shown if item[0] in wanted), [of for _, of in shown]
    return {rule: _built(seen, kept, rule, "recollected") for rule in rules}


def steps(events: Sequence[AnyEvent]) -> tuple[int, ...]:
    """Return the positions at which rounds of the task begin, and the end of its last one.

    Rounds of work alone after the task are no rounds in which a tie could change.
    """
    end = next((i for i, event in enumerate(events) if isinstance(event, Delayed)), len(events))
    rounds = [i for i, event in enumerate(events[:end]) if isinstance(event, RoundBegan)]
    return (*rounds, end)


def course(events: Sequence[AnyEvent], rule: str = "beta") -> tuple[Graph, ...]:
    """Return the graph before the first round and after each, in order.

    Raises:
        ConfigError: If there is no such rule.
    """
    return tuple(at(events, step, rule) for step in steps(events))


def _built(
    seen: Sequence[AnyEvent],
    pasts: Mapping[tuple[str, str], Dealings],
    rule: str,
    layer: str,
) -> Graph:
    weigh = named(rule)
    graph: Graph = nx.DiGraph(
        layer=layer,
        rule=rule,
        neutral=SCALES[rule].neutral,
        step=len(seen),
        max_event_seq=len(seen) - 1,
    )
    graph.add_nodes_from(_nodes(seen))
    for (actor, target), past in pasts.items():
        graph.add_edge(actor, target, layer=layer, rule=rule, **_attributes(past, weigh))
    return graph


def _nodes(seen: Iterable[AnyEvent]) -> list[tuple[str, dict[str, object]]]:
    return [
        (event.agent, {"persona": event.persona, "model": event.model})
        for event in seen
        if isinstance(event, Enrolled)
    ]


def _attributes(past: Dealings, weigh: Rule) -> dict[str, object]:
    weight = weigh(past)
    valued = {} if weight.value is None else {"weight": float(weight.value)}
    acts = {
        f"{act.value}_{name}": getattr(tally, name)
        for act, tally in past.tallies.items()
        for name in ("opportunities", "count", "amount", "maximum")
    }
    return {
        **valued,
        "events": " ".join(weight.events),
        "last_event": past.events[-1],
        **acts,
    }
