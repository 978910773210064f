"""All declared contrasts of a study, with what their number, order and looks cost."""

from collections.abc import Iterable, Sequence

from peersim.analysis.arms import Arm
from peersim.analysis.declared import Finding, Refused, Worked, level_for
from peersim.analysis.gates import graph_steps
from peersim.analysis.grouped import Grouped
from peersim.analysis.inference import work
from peersim.analysis.largest import Adjusted, Answer, Own, against_max_t, max_t
from peersim.analysis.looks import Look, final_look
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.multiplicity import benjamini_hochberg, bonferroni_level
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import FEWEST


def findings(
    protocol: Protocol,
    rows: Sequence[TrialRow] | Grouped,
    arms: Sequence[Arm] | None = None,
    *,
    look: Look | None = None,
    fewest: int = FEWEST,
) -> list[Finding | Refused]:
    """Answer all declared contrasts, in the order of the plan.

    Primaries are adjusted together, by Holm's method or by max-T, and secondaries that wait for
    one of them with these, by the graph of their waiting. All other secondaries stand behind all
    of those, with a graph of their own. Exploratory ones are adjusted for the share of false
    findings, and claim nothing. A refused contrast keeps its place with p = 1.

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
    return adjust(protocol, worked, at)


def adjust(protocol: Protocol, worked: Sequence[Answer], look: Look) -> list[Finding | Refused]:
    """Return the answers with what their number, their order and the look cost.

    Args:
        protocol: What was declared.
        worked: What became of each contrast by itself, in the order of the plan.
        look: Which look this is.
    """
    adjusted = _family(protocol, worked, look)
    return [
        of if isinstance(of, Refused) else _written(contrast, of, adjusted[contrast.id], look)
        for contrast, of in zip(protocol.contrasts, worked, strict=True)
    ]


def _worked(contrast: Contrast, protocol: Protocol, grouped: Grouped, fewest: int) -> Answer:
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


def _family(protocol: Protocol, worked: Sequence[Answer], look: Look) -> dict[str, Adjusted]:
    """The adjustment of each contrast, by its id."""
    own = list(zip(protocol.contrasts, worked, strict=True))
    ps = {
        contrast.id: 1.0 if isinstance(of, Refused) else look.p(of.finding.p, contrast.alternative)
        for contrast, of in own
    }
    leading = chained(protocol.contrasts)
    first = [(c, of) for c, of in own if c.id in leading]
    rest = [c for c in protocol.contrasts if c.role == "secondary" and c.id not in leading]
    free = [c for c in protocol.contrasts if c.role == "exploratory"]
    found = _primaries(protocol, first, ps, look)
    # Alpha is whole again only when all that it was spent on has been found, waiting ones too.
    gate = max((one.p for one in found.values()), default=0.0)
    found |= _graph(rest, ps, ", behind all primaries and what waits for them", gate)
    for c, p in zip(free, benjamini_hochberg([ps[c.id] for c in free]), strict=True):
        found[c.id] = Adjusted(p, "Benjamini-Hochberg, exploratory", 0.0, c.alpha, len(free))
    return found


def chained(contrasts: Iterable[Contrast]) -> set[str]:
    """Return the primaries, and the secondaries whose waiting leads to one of them, by their ids.

    Args:
        contrasts: The declared ones, in their order.
    """
    found: set[str] = set()
    for contrast in contrasts:
        if contrast.role == "primary" or (contrast.role == "secondary" and contrast.after in found):
            found.add(contrast.id)
    return found


def _primaries(
    protocol: Protocol, own: Own, ps: dict[str, float], look: Look
) -> dict[str, Adjusted]:
    why = ""
    if protocol.correction == "max_t" and own:
        against = against_max_t(own)
        if not against:
            return max_t(own, look)
        why = f" (max-T needs {against})"
    return _graph([contrast for contrast, _ in own], ps, why)


def _graph(
    own: Sequence[Contrast], ps: dict[str, float], said: str, gate: float = 0.0
) -> dict[str, Adjusted]:
    """Holm's method, or the graph of waiting where there is any, behind a gate."""
    places = {contrast.id: place for place, contrast in enumerate(own)}
    after = [places.get(contrast.after or "") for contrast in own]
    raw = [ps[contrast.id] for contrast in own]
    waits = any(place is not None for place in after)
    how = f"{'Holm, in the declared order' if waits else 'Holm'} over {len(own)}{said}"
    found = {}
    for place, contrast in enumerate(own):
        step = graph_steps(raw, after, contrast.alpha)[place]
        share = step.share * contrast.alpha if gate <= contrast.alpha else 0.0
        cost = share or contrast.alpha / len(own)
        found[contrast.id] = Adjusted(max(gate, step.p), how, share, cost, len(own))
    return found


def _written(contrast: Contrast, of: Worked, adjusted: Adjusted, look: Look) -> Finding:
    how, claims = adjusted.how, contrast.role != "exploratory"
    notes = of.finding.notes
    if look.charged:
        how += "; O'Brien-Fleming spending"
        bound = look.bound(contrast.alpha)
        notes = (*notes, f"{look.text}: one contrast alone needs p <= {bound:.3g}")
    if not look.declared:
        notes = (*notes, "this look is a deviation from the plan")
    limits, level = adjusted.limits, 1 - adjusted.share
    of_claim = of.outer if contrast.alternative == "equivalent" else of.limits
    shared = 1 - bonferroni_level(adjusted.of, contrast.alpha)
    joint = adjusted.joint or of_claim(level_for(contrast.alternative, shared, look.level))
    if limits is None:
        level = level_for(contrast.alternative, adjusted.share, look.level)
        limits = of_claim(level) if adjusted.share else None
    return of.finding.model_copy(
        update={
            "p_adjusted": adjusted.p,
            "adjustment": how,
            "simultaneous": limits,
            "simultaneous_confidence": level if limits else None,
            "joint": joint if claims else None,
            "upheld": adjusted.p <= contrast.alpha if claims else None,
            # Two claims of one side each: nothing below, and nothing above.
            "excluded": of.outer(look.level(2 * adjusted.cost)),
            "notes": notes,
        }
    )
