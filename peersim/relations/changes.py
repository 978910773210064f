"""What changed between two graphs."""

from peersim.frozen import Frozen
from peersim.relations.graph import Graph
from peersim.relations.measures import strength


class Change(Frozen):
    """A directed tie with its weight before and after.

    Attributes:
        old: The weight before; None if there was no tie or no weight.
        new: The weight after; None if there is no tie or no weight.
    """

    source: str
    target: str
    old: float | None
    new: float | None


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
    )
