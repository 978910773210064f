"""What changed between two graphs."""

from peersim.frozen import Frozen
from peersim.relations.graph import Graph
from peersim.relations.measures import strength


class Change(Frozen):
    """A directed tie with its weight before and after.

    Attributes:
        old: The weight before; None if there was no tie or no weight.
        new: The weight after; None if there is no tie or no weight.
        events: The ids of the events by which it changed: those that only one of the two weights
            rests on, in order.
    """

    source: str
    target: str
    old: float | None
    new: float | None
    events: tuple[str, ...] = ()


class Diff(Frozen):
    """How one graph differs from another, tie by tie.

    Attributes:
        added: Ties there are only after.
        removed: Ties there were only before.
        changed: Ties of both whose weights differ.
    """

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]


def diff(before: Graph, after: Graph) -> Diff:
    """Return what changed, each part sorted by source and target."""
    old, new = set(before.edges), set(after.edges)

    def changes(ties: set[tuple[str, str]]) -> tuple[Change, ...]:
        return tuple(_change(before, after, *tie) for tie in sorted(ties))

    return Diff(
        added=changes(new - old),
        removed=changes(old - new),
        changed=tuple(tie for tie in changes(old & new) if tie.old != tie.new),
    )


def _change(before: Graph, after: Graph, source: str, target: str) -> Change:
    return Change(
        source=source,
        target=target,
        old=strength(before, source, target),
        new=strength(after, source, target),
        events=_apart(_events(before, source, target), _events(after, source, target)),
    )


def _events(graph: Graph, source: str, target: str) -> tuple[str, ...]:
    edge = graph.edges[source, target] if graph.has_edge(source, target) else {}
    return tuple(str(edge.get("events", "")).split())


def _apart(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands in one of two rows alone, in order."""
    both = set(old) & set(new)
    return tuple(name for name in (*old, *new) if name not in both)
