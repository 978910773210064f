"""The table of edges: the relationship graph, layer by layer."""

from collections.abc import Iterator
from typing import Any

from peersim.events.deeds import Act
from peersim.history.spec import History
from peersim.readings.first_stage import received
from peersim.readings.ties import recalled_by_rule
from peersim.relations.graph import Graph, by_rule
from peersim.relations.layers import Stated, stated
from peersim.relations.rules import RULES, SCALES
from peersim.store.view import StoreView
from peersim.study.exporting.body import Body
from peersim.study.exporting.column import Column, Row, Table, count, number, text, texts, truth
from peersim.study.exporting.histories import simulated

# The declared rule; the weights under the others stand beside it.
RULE = "beta"
_COUNTED = {"opportunities": "chances", "count": "times it was done at all"}
_SUMMED = {"amount": "done", "maximum": "possible"}


def _of_acts() -> Iterator[Column]:
    for act in Act:
        for name, said in _COUNTED.items():
            yield count(f"{act.value}_{name}", f"Acts {act.value}: {said}; empty if none.", "acts")
        for name, said in _SUMMED.items():
            yield number(f"{act.value}_{name}", f"Acts {act.value}: {said}.", "the task's unit")


EDGES = Table(
    name="edges",
    doc=(
        "One row a directed tie in one layer: observed (the acts of a history, at the end of its"
        " interaction), recollected (those of them that a recollection cites), stated (what the"
        " overseer of a trial said in a branch without a trace)."
    ),
    columns=(
        text("layer", "observed, recollected or stated."),
        text("history_id", "The history."),
        text("recollection_id", "The recollection; empty in the layer observed."),
        text("trial_id", "The trial, for stated ties; else empty."),
        text("source", "Who acted, or says so."),
        text("target", "Towards whom."),
        text("rule", f"The rule of weight: {RULE} for acts, stated for what is said."),
        number("weight", "The weight under the rule; empty where it has none, which is no zero."),
        number("neutral", "The weight under the rule that is neither kind nor unkind."),
        *(
            number(f"weight_{rule}", f"Acts, under the rule {rule}. {SCALES[rule].meaning}")
            for rule in RULES
            if rule != RULE
        ),
        texts("events", "The ids of the events that the weight rests on."),
        text("last_event", "The id of the last act along the tie, of any kind."),
        count("max_event_seq", "Position of the last event that the layer observed may rest on."),
        *_of_acts(),
        number(
            "assigned", "Observed: the dose that the source's script assigns; empty if none.", "1"
        ),
        number("kindness", "Observed: the dose done, the mean kindness of a chance.", "1"),
        count("repeats", "Stated: how often it was asked."),
        number("spread", "Stated: greatest answer less least.", "1"),
        truth("simulated", "Whether any model behind it was a stand-in."),
    ),
)
_KNOWN = frozenset(EDGES.names)


def observed_edges(history: History, name: str) -> Iterator[Row]:
    """Iterate over the observed ties of a history under a name; it must have ended."""
    graphs = by_rule(history.events, RULES)
    told: Row = {"layer": "observed", "history_id": name, "simulated": simulated(history)}
    told["max_event_seq"] = graphs[RULE].graph["max_event_seq"]
    for row in _edges(graphs, told):
        found = received(history, str(row["source"]), str(row["target"]))
        yield {**row, "assigned": found.assigned, "kindness": found.done}


def trial_edges(store: StoreView, body: Body, told: Row, fresh: bool) -> Iterator[Row]:
    """Iterate over the recollected and the stated ties of a trial.

    Args:
        store: The store that has it.
        body: The trial.
        told: Its ids, and whether it is simulated.
        fresh: Whether its recollection was not met before.
    """
    if fresh and body.remembers_acts:
        yield from _recollected(store, body, told)
    yield from _stated(body, told)


def _recollected(store: StoreView, body: Body, told: Row) -> Iterator[Row]:
    record = store.record(body.trial_id)
    lender = record.spec.remembering.donor
    shown = store.history(lender.history_id if lender else record.history_id)
    if shown is None or shown.failed:
        return
    if graphs := recalled_by_rule(record, shown, RULES):
        yield from _edges(graphs, told | {"layer": "recollected", "trial_id": None})


def _stated(body: Body, told: Row) -> Iterator[Row]:
    source = body.spec.oversight.overseer
    said = [
        Stated(source=source, target=probe.about, trust=probe.belief.trust / 100)
        for probe in body.beliefs
        if probe.belief
    ]
    return _edges({"stated": stated(said)}, told | {"layer": "stated"}) if said else iter(())


def _edges(graphs: dict[str, Graph], told: Row) -> Iterator[Row]:
    rule, first = next(iter(graphs.items()))
    if RULE in graphs:
        rule, first = RULE, graphs[RULE]
    for source, target, found in first.edges(data=True):
        others = {f"weight_{name}": _weight(of, source, target) for name, of in graphs.items()}
        yield {
            **told,
            **{key: value for key, value in found.items() if key in _KNOWN},
            **{key: value for key, value in others.items() if key in _KNOWN},
            "source": source,
            "target": target,
            "rule": rule,
            "neutral": first.graph["neutral"],
            "events": str(found.get("events", "")).split(),
        }


def _weight(graph: Graph, source: str, target: str) -> Any:
    return graph.edges[source, target].get("weight")
