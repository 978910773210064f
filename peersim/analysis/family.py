"""All declared contrasts of a study, with what their number, order and looks cost."""

from collections.abc import Sequence
from typing import NamedTuple

from peersim.analysis.arms import Arm
from peersim.analysis.contrasts import FEWEST
from peersim.analysis.declared import Finding, Limits, Refused, Worked
from peersim.analysis.gates import graph_p
from peersim.analysis.grouped import Grouped
from peersim.analysis.inference import work
from peersim.analysis.looks import Look, final_look
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.multiplicity import benjamini_hochberg, bonferroni_level, holm, max_t_forked
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol


class _Adjusted(NamedTuple):
    """An adjusted p, how it was got, and the level of limits that hold together; None for none."""

    p: float
    how: str
    level: float | None = None
    limits: Limits | None = None


def findings(
    protocol: Protocol,
    rows: Sequence[TrialRow] | Grouped,
    arms: Sequence[Arm] | None = None,
    *,
    look: Look | None = None,
    fewest: int = FEWEST,
) -> list[Finding | Refused]:
    """Answer all declared contrasts, in the order of the plan.

    Primaries are adjusted together, by Holm's method or by max-T, and those that wait for another
    by the graph of their waiting. Secondaries stand behind all primaries. Exploratory ones are
    adjusted for the share of false findings, and claim nothing. A refused contrast keeps its
    place with p = 1.

    Args:
        protocol: What was declared before the run.
        rows: The trials that the look rests on, or the same grouped.
        arms: The planned arms.
        look: Which look this is; by default the last, at everything.
        fewest: Histories on each side below which a contrast between histories is refused.
    """
    grouped = rows if isinstance(rows, Grouped) else Grouped(rows, arms)
    at = look or final_look(protocol)
    worked = [_worked(contrast, protocol, grouped, fewest) for contrast in protocol.contrasts]
    adjusted = _family(protocol, worked, at)
    return [
        of if isinstance(of, Refused) else _written(contrast, of, adjusted.get(contrast.id), at)
        for contrast, of in zip(protocol.contrasts, worked, strict=True)
    ]


def _worked(
    contrast: Contrast, protocol: Protocol, grouped: Grouped, fewest: int
) -> Worked | Refused:
    try:
        return work(contrast, protocol, grouped, fewest)
    except AnalysisRefusal as error:
        return Refused(
            id=contrast.id,
            estimand=contrast.estimand,
            role=contrast.role,
            outcome=contrast.outcome,
            why=str(error),
        )


def _family(
    protocol: Protocol, worked: Sequence[Worked | Refused], look: Look
) -> dict[str, _Adjusted]:
    """The adjustment of each contrast, by its id."""
    own = list(zip(protocol.contrasts, worked, strict=True))
    ps = {
        contrast.id: 1.0 if isinstance(of, Refused) else look.p(of.finding.p, contrast.alternative)
        for contrast, of in own
    }
    chained = {c.id for c in protocol.contrasts if c.role == "primary"}
    chained |= {c.id for c in protocol.contrasts if c.role != "exploratory" and c.after}
    first = [(c, of) for c, of in own if c.id in chained]
    rest = [c for c in protocol.contrasts if c.role == "secondary" and c.id not in chained]
    free = [c for c in protocol.contrasts if c.role == "exploratory"]
    found = _primaries(protocol, first, ps, look)
    gate = max((found[c.id].p for c, _ in first if c.role == "primary"), default=0.0)
    for c, p in zip(rest, holm([ps[c.id] for c in rest]), strict=True):
        level = bonferroni_level(len(rest), c.alpha)
        found[c.id] = _Adjusted(max(gate, p), "Holm, behind all primaries", level)
    for c, p in zip(free, benjamini_hochberg([ps[c.id] for c in free]), strict=True):
        found[c.id] = _Adjusted(p, "Benjamini-Hochberg, exploratory")
    return found


def _primaries(
    protocol: Protocol,
    own: Sequence[tuple[Contrast, Worked | Refused]],
    ps: dict[str, float],
    look: Look,
) -> dict[str, _Adjusted]:
    ids = [contrast.id for contrast, _ in own]
    places = {name: place for place, name in enumerate(ids)}
    after = [places.get(contrast.after or "") for contrast, _ in own]
    why = ""
    if protocol.correction == "max_t" and own:
        found = _max_t(own, look) if not any(place is not None for place in after) else None
        if found is not None:
            return found
        why = " (max-T needs two-sided contrasts within the same histories, seen once)"
    waits = any(place is not None for place in after)
    how = f"{'Holm, in the declared order' if waits else 'Holm'} over {len(own)}{why}"
    adjusted = graph_p([ps[name] for name in ids], after) if own else []
    return {
        contrast.id: _Adjusted(p, how, bonferroni_level(len(own), contrast.alpha))
        for (contrast, _), p in zip(own, adjusted, strict=True)
    }


def _max_t(
    own: Sequence[tuple[Contrast, Worked | Refused]], look: Look
) -> dict[str, _Adjusted] | None:
    """Max-T, where it applies: every contrast answered, forked, and on the same histories."""
    tables = [None if isinstance(of, Refused) else of.by_unit for _, of in own]
    units = set(tables[0] or ())
    same = all(table and set(table) == units for table in tables)
    plain = all(contrast.alternative == "two_sided" for contrast, _ in own)
    if not same or not plain or look.charged or len({c.alpha for c, _ in own}) > 1:
        return None
    rows = [[(table or {})[unit] for table in tables] for unit in sorted(units)]
    alpha = own[0][0].alpha
    found = max_t_forked(rows, alpha)
    parts = zip(own, found.p, found.low, found.high, strict=True)
    return {
        contrast.id: _Adjusted(
            p,
            f"{found.method} over {len(own)}",
            1 - alpha,
            None if low is None or high is None else (low, high),
        )
        for (contrast, _), p, low, high in parts
    }


def _written(contrast: Contrast, of: Worked, adjusted: _Adjusted | None, look: Look) -> Finding:
    if adjusted is None:
        return of.finding
    how, claims = adjusted.how, contrast.role != "exploratory"
    notes = of.finding.notes
    if look.charged:
        how += "; O'Brien-Fleming spending"
        bound = look.bound(contrast.alpha)
        notes = (*notes, f"{look.text}: one contrast alone needs p <= {bound:.3g}")
    if not look.declared:
        notes = (*notes, "this look is a deviation from the plan")
    limits, level = adjusted.limits, adjusted.level
    if limits is None and level is not None:
        level = look.level(1 - level)
        limits = of.limits(level)
    return of.finding.model_copy(
        update={
            "p_adjusted": adjusted.p,
            "adjustment": how,
            "simultaneous": limits,
            "simultaneous_confidence": level if limits else None,
            "upheld": adjusted.p <= contrast.alpha if claims else None,
            "notes": notes,
        }
    )
