"""All declared contrasts of a study, with what their number, order and looks cost."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from peersim.analysis.arms import Arm
from peersim.analysis.declared import Finding, Limits, Refused, Worked, level_for
from peersim.analysis.gates import graph_steps
from peersim.analysis.grouped import Grouped
from peersim.analysis.inference import work
from peersim.analysis.looks import Look, final_look
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.multiplicity import benjamini_hochberg, max_t_forked
from peersim.stats.permute import drawn_out
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import FEWEST

Answer = Worked | Refused
"""What became of one contrast by itself."""
Own = Sequence[tuple[Contrast, Answer]]
"""Contrasts, each with what became of it."""


class _Adjusted(NamedTuple):
    """What the family makes of one contrast.

    Attributes:
        p: Adjusted.
        how: How it was adjusted.
        share: The alpha that it was held to, of both sides for a two-sided claim; 0 where it was
            not tested, as it still waits.
        cost: The alpha at which what it excludes may be said.
        limits: Its limits, where they do not follow from the share.
    """

    p: float
    how: str
    share: float
    cost: float
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


def _family(protocol: Protocol, worked: Sequence[Answer], look: Look) -> dict[str, _Adjusted]:
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
        found[c.id] = _Adjusted(p, "Benjamini-Hochberg, exploratory", 0.0, c.alpha)
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
) -> dict[str, _Adjusted]:
    why = ""
    if protocol.correction == "max_t" and own:
        against = _against_max_t(own, look)
        if not against:
            return _max_t(own)
        why = f" (max-T needs {against})"
    return _graph([contrast for contrast, _ in own], ps, why)


def _graph(
    own: Sequence[Contrast], ps: dict[str, float], said: str, gate: float = 0.0
) -> dict[str, _Adjusted]:
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
        found[contrast.id] = _Adjusted(max(gate, step.p), how, share, cost)
    return found


def _against_max_t(own: Own, look: Look) -> str:
    """What keeps max-T from applying; nothing where it does."""
    answers = [None if isinstance(of, Refused) else of for _, of in own]
    given = [of for of in answers if of is not None]
    units = set(given[0].by_unit) if given else set()
    if any(contrast.after for contrast, _ in own):
        return "contrasts that wait for none"
    if len(given) < len(answers) or not units or any(set(of.by_unit) != units for of in given):
        return "contrasts within the same histories, none refused"
    if not all(of.finding.method.startswith("paired t") for of in given):
        return "the paired test for each, and one has another"
    if any(contrast.alternative != "two_sided" for contrast, _ in own):
        return "two-sided contrasts"
    if look.charged:
        return "a single look"
    return "one alpha for all" if len({c.alpha for c, _ in own}) > 1 else ""


def _max_t(own: Own) -> dict[str, _Adjusted]:
    tables = [(contrast, of) for contrast, of in own if isinstance(of, Worked)]
    units, alpha = sorted(tables[0][1].by_unit), own[0][0].alpha
    found = max_t_forked([[of.by_unit[unit] for _, of in tables] for unit in units], alpha)
    parts = zip(tables, found.p, found.low, found.high, strict=True)
    return {
        contrast.id: _Adjusted(
            # Its p is of t and the contrast's own of the mean: never let together be cheaper.
            max(p, of.finding.p),
            f"{found.method} over {len(own)}",
            alpha,
            alpha / len(own),
            None
            if low is None or high is None
            else drawn_out(low, high, max(p, of.finding.p), 1 - alpha),
        )
        for (contrast, of), p, low, high in parts
    }


def _written(contrast: Contrast, of: Worked, adjusted: _Adjusted, look: Look) -> Finding:
    how, claims = adjusted.how, contrast.role != "exploratory"
    notes = of.finding.notes
    if look.charged:
        how += "; O'Brien-Fleming spending"
        bound = look.bound(contrast.alpha)
        notes = (*notes, f"{look.text}: one contrast alone needs p <= {bound:.3g}")
    if not look.declared:
        notes = (*notes, "this look is a deviation from the plan")
    limits, level = adjusted.limits, 1 - adjusted.share
    if limits is None:
        level = level_for(contrast.alternative, adjusted.share, look.level)
        equal = contrast.alternative == "equivalent"
        limits = (of.outer if equal else of.limits)(level) if adjusted.share else None
    return of.finding.model_copy(
        update={
            "p_adjusted": adjusted.p,
            "adjustment": how,
            "simultaneous": limits,
            "simultaneous_confidence": level if limits else None,
            "upheld": adjusted.p <= contrast.alpha if claims else None,
            # Two claims of one side each: nothing below, and nothing above.
            "excluded": of.outer(look.level(2 * adjusted.cost)),
            "notes": notes,
        }
    )
