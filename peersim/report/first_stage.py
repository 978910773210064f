"""The first stage by arm: what overseers received at each chance, against the dose assigned."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from peersim.analysis.arms import arm_label
from peersim.readings.first_stage import Received
from peersim.report.opened import Sample
from peersim.report.tables import Table, number

ALL = "all"
# Doses are sums of shares of whole points, so a dose that is kept can be off by less than that.
NEAR = 1e-9


def first_stage_table(samples: Sequence[Sample]) -> Table:
    """Return what the overseer received per chance, by arm, giver and kind of act."""
    rows = [
        (arm_label(sample.arm), *cells)
        for sample in samples
        for given in _by_giver(sample)
        for cells in _rows(given)
    ]
    return Table(
        slug="first-stage",
        title="First stage: what the overseer received, against the dose that was assigned",
        columns=(
            "arm",
            "from",
            "dose assigned",
            "act",
            "histories",
            "chances a history",
            "received per chance",
            "done less assigned",
            "histories off the dose",
        ),
        rows=tuple(rows),
        note="Received per chance: the part of the possible, mean over chances, then over"
        " histories; a chance that another did not let come is none. Where no dose was assigned,"
        " what was received hangs on the overseer too, and its effect is observational.",
    )


def _by_giver(sample: Sample) -> Iterator[tuple[Received, ...]]:
    """Iterate over what each of the others gave, a history an entry."""
    found = {one.history_id: one.checks.first_stage for one in sample.trials}
    return zip(*found.values(), strict=True)


def _rows(given: Sequence[Received]) -> Iterator[tuple[str, ...]]:
    """Iterate over the rows of one giver: all its chances, then each kind where it has several."""
    kinds = list(dict.fromkeys(kind for one in given for kind in one.by_act))
    for kind in (ALL, *(kinds if len(kinds) > 1 else ())):
        shares = [one.all if kind == ALL else one.by_act.get(kind, ()) for one in given]
        yield _row(given, kind, shares)


def _row(
    given: Sequence[Received], kind: str, shares: Sequence[Sequence[float]]
) -> tuple[str, ...]:
    assigned = given[0].assigned
    done = [fmean(own) for own in shares if own]
    off = [one - assigned for one in done] if assigned is not None else []
    return (
        given[0].actor,
        "none" if assigned is None else number(assigned),
        kind,
        str(len(given)),
        number(fmean(map(len, shares))),
        number(fmean(done)) if done else "no chance",
        number(fmean(off)) if off else "",
        f"{sum(abs(one) > NEAR for one in off)} of {len(off)}" if off else "",
    )
