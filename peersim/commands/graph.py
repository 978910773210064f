"""The relationship graph of a trial on the terminal: ties, measures, and what changed."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from peersim.errors import ConfigError, StoreError
from peersim.history.spec import History
from peersim.memory.telling import tell
from peersim.readings.ties import layer as layer_of
from peersim.record import TrialRecord
from peersim.relations.changes import Change, diff
from peersim.relations.export import write
from peersim.relations.graph import Graph, at
from peersim.relations.measures import (
    given_strength,
    received_strength,
    reciprocity,
    trust_in,
    trust_out,
)
from peersim.relations.triads import balance, triads
from peersim.store.view import RunView, StoreView


def show_graph(
    directory: Path,
    wanted: str,
    console: Console,
    out: Path | None,
    step: int | None,
    rule: str,
    layer: str = "observed",
) -> None:
    """Print a trial's relationship graph with its measures, or write it to a file.

    Raises:
        StoreError: If the trial's history was never finished.
    """
    record, store = RunView(directory).trial(wanted)
    history = _history(record, store)
    lender = record.spec.remembering.donor
    shown = store.history(lender.history_id) if lender and layer == "recollected" else None
    # What was judged of a history is kept beside it, in the same store.
    judgements = store.judgements() if layer == "judged" else ()
    graph = layer_of(record, shown or history, layer, rule, step, judgements)
    if out:
        write(graph, out)
        console.print(f"graph: {out}", soft_wrap=True)
        return
    console.print(_ties(graph, "votes" if layer == "judged" else "answers"))
    console.print(_agents(graph))
    console.print(_group(graph, record.spec.oversight.overseer, record.party), soft_wrap=True)


def show_changes(
    directory: Path, wanted: str, console: Console, steps: tuple[int, int], rule: str
) -> None:
    """Print which observed ties of a trial changed between two steps, and by which events.

    Raises:
        StoreError: If the trial's history was never finished.
        ConfigError: If there is no such rule or step, or the second comes before the first.
    """
    first, second = steps
    if second < first:
        raise ConfigError(f"step {second} comes before step {first}", "give the earlier one first")
    history = _history(*RunView(directory).trial(wanted))
    found = diff(at(history.events, first, rule), at(history.events, second, rule))
    table = Table("tie", "from", "to", f"before {first}", f"before {second}", "by")
    events = dict(history.log.items())
    for kind in ("added", "removed", "changed"):
        changes: Iterable[Change] = getattr(found, kind)
        for one in changes:
            by = "\n".join(f"{name} {tell(events[name]) or ''}" for name in one.events)
            weights = (_weight(one.old), _weight(one.new))
            table.add_row(kind, one.source, one.target, *weights, by)
    console.print(table if table.row_count else f"nothing changed between {first} and {second}")


def _history(record: TrialRecord, store: StoreView) -> History:
    history = store.history(record.history_id)
    if history is None:
        raise StoreError(f"{record.trial_id} has no finished history", "choose a valid trial")
    return history


def _ties(graph: Graph, said: str) -> Table:
    table = Table("from", "to", f"weight ({graph.graph['rule']})", "rests on")
    for source, target, edge in graph.edges(data=True):
        rests = edge.get("events", f"{edge.get('repeats', 0)} {said}")
        table.add_row(source, target, _weight(edge.get("weight")), rests)
    return table


def _agents(graph: Graph) -> Table:
    """Return what each gave and received, over all its ties."""
    table = Table("agent", "given, sum", "received, sum", "given, mean", "received, mean")
    for agent in graph.nodes:
        measures = (given_strength, received_strength, trust_out, trust_in)
        table.add_row(agent, *(_weight(measure(graph, agent)) for measure in measures))
    return table


def _group(graph: Graph, overseer: str, target: str) -> str:
    """Return the measures of the whole group as a line."""
    parts = [
        f"kindness returned: {_weight(reciprocity(graph))}",
        f"harm returned: {_weight(reciprocity(graph, 'harm'))}",
    ]
    if len(graph) > 2:
        signs = ", ".join(triads(graph, overseer, target)) or "none"
        parts.append(f"triads of {overseer}, {target} and each third: {signs}")
        parts.append(f"balanced triads: {_weight(balance(graph))}")
    return "; ".join(parts)


def _weight(value: float | None) -> str:
    """Write a weight; a rule may have none for a tie."""
    return "none" if value is None else f"{value:.3f}"
