"""The dispatcher of declared contrasts: the one finding that a design allows, or a refusal."""

from collections.abc import Callable, Sequence

from peersim.analysis import missing
from peersim.analysis.arms import Arm, invalid_by_origin
from peersim.analysis.claims import (
    FEWEST_PAIRS,
    equivalence,
    kind_for,
    one_sided,
    refuse_few,
    refuse_undeclared,
)
from peersim.analysis.clusters import CROSSED, beside, correlation, crossed, surfaces, wordings
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.curves import curve, shapes
from peersim.analysis.declared import Finding, Limits, Side, Worked, cut, level_for
from peersim.analysis.grouped import Grouped
from peersim.analysis.otherwise import otherwise
from peersim.analysis.parts import parts
from peersim.analysis.procedures import Cells, Procedure, procedure
from peersim.analysis.rarely import outer
from peersim.analysis.shifts import scopes_of, selection, shifts
from peersim.analysis.sides import Layout, layout
from peersim.analysis.trends import (
    Doses,
    doses,
    outer_slope,
    slope,
    slopes_by_unit,
)
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import FEWEST


def answer(
    contrast: Contrast,
    protocol: Protocol,
    rows: Sequence[TrialRow] | Grouped,
    arms: Sequence[Arm] | None = None,
    *,
    fewest: int = FEWEST,
) -> Finding:
    """Answer a declared contrast by the method that scopes, events and pairs call for.

    Forked: paired t on history differences, p by sign flips; on sixteen surfaces or more the linear
    model clustered by history and by surface, with the paired t beside it: what is found is then
    said of other wordings too, and not of these alone. Between histories: Welch on history means
    with p by permutation, Boschloo and Newcombe for single trials, MOVER on Korn-Graubard limits
    for rare events. Differences of differences and pooled strata: the same on what each history
    contributes. Doses: slopes on history means.

    Args:
        contrast: One of the protocol's.
        protocol: What was declared before the run.
        rows: All finished trials, or the same grouped.
        arms: The planned arms, so that one that never ran is missed.
        fewest: Histories on each side below which a contrast between histories is refused.

    Raises:
        AnalysisRefusal: If the contrast was not declared, an arm is missing or empty, sides are
            not balanced, models are mixed, histories are too few, or the rows contradict the
            declared scopes.
    """
    grouped = rows if isinstance(rows, Grouped) else Grouped(rows, arms)
    return work(contrast, protocol, grouped, fewest).finding


def work(contrast: Contrast, protocol: Protocol, grouped: Grouped, fewest: int = FEWEST) -> Worked:
    """Answer a declared contrast, and keep what a family of them needs besides.

    Args:
        contrast: One of the protocol's.
        protocol: What was declared before the run.
        grouped: All finished trials.
        fewest: As for ``answer``.

    Raises:
        AnalysisRefusal: As for ``answer``.
    """
    refuse_undeclared(contrast, protocol)
    if contrast.shape == "trend":
        return _trend(contrast, doses(contrast, protocol.factors, grouped), grouped, fewest)
    found = layout(contrast, protocol.factors, grouped)
    kind = kind_for(contrast, found.arms, grouped)
    used = contributions(found, contrast.outcome, grouped)
    refuse_few(found.level, used, fewest)
    return _difference(contrast, found, used, used.cells if kind == "event" else (), grouped)


def _difference(
    contrast: Contrast,
    found: Layout,
    used: Contributions,
    counts: Cells,
    grouped: Grouped,
) -> Worked:
    outcome, alpha = contrast.outcome, contrast.alpha
    plain, chosen, wide = _procedures(found, used, counts, outcome, grouped)
    most = len(found.sides) / 2 if counts else None

    def holds(filled: Grouped) -> bool:
        again = contributions(found, outcome, filled)
        _, own, outer = _procedures(found, again, again.cells, outcome, filled)
        # A difference the other way about is another finding.
        same = contrast.margin is not None or (own.estimate >= 0) == (chosen.estimate >= 0)
        return same and _p(contrast, own, outer) <= alpha

    finding = _finding(contrast, found.arms, chosen, wide, most, grouped).model_copy(
        update={
            "level": found.level,
            "unit": next(iter(found.strata[0].units))[0],
            "sides": tuple(_side(name, found, used, outcome, grouped) for name in found.sides),
            "bounds": missing.bounds(found, outcome, grouped) if counts else None,
            **(missing.tips(found, used, contrast, grouped, holds) if counts else {}),
            "surfaces": surfaces(found, used, outcome, grouped),
            "sensitivity": cut(
                most,
                *beside(contrast, found, used, (plain, chosen), grouped),
                *shifts(contrast, found, grouped, score=not counts),
                *otherwise(contrast, found, used, grouped, score=not counts),
            ),
            "parts": cut(most, *parts(contrast, found, grouped)),
            "selection": selection(contrast, scopes_of(found), grouped),
            "notes": (
                *(wide if contrast.margin else chosen).notes,
                *found.notes,
                *_notes(used, wordings(found, outcome, grouped)),
            ),
        }
    )
    return Worked(
        _marked(finding, found.arms, grouped),
        _limits(chosen, most),
        _limits(wide, most),
        used.by_unit,
        used.pulls,
    )


def _procedures(
    found: Layout, used: Contributions, counts: Cells, outcome: str, grouped: Grouped
) -> tuple[Procedure, Procedure, Procedure]:
    """By histories alone, the one that is chosen, and the one for claims of no difference."""
    plain = procedure(used.groups, counts)
    chosen = crossed(found, used, outcome, grouped) or plain
    forked = any(group.sides > 1 for group in used.groups)
    return plain, chosen, outer(counts, chosen, forked=forked)


def _p(contrast: Contrast, chosen: Procedure, wide: Procedure) -> float:
    equal = equivalence(contrast, wide)
    return equal.p if equal else one_sided(chosen, contrast.alternative)


def _trend(contrast: Contrast, found: Doses, grouped: Grouped, fewest: int) -> Worked:
    arms = [arm for of in found.sides.values() for arm in of]
    chosen = slope(found, contrast.alpha, FEWEST_PAIRS if found.level == "within" else fewest)
    wide = outer_slope(found, chosen)
    gap = f"histories left out: {found.lost}, without a value in one of the arms"
    lost = (gap,) if found.lost else ()
    points = curve(found, chosen.estimate)
    sides = tuple(
        _counted(f"{point.dose:g}", found.sides[point.dose], contrast.outcome, grouped).model_copy(
            update={"mean": point.mean, "histories": point.histories}
        )
        for point in points
    )
    finding = _finding(contrast, arms, chosen, wide, None, grouped).model_copy(
        update={
            "level": found.level,
            "unit": next(unit for of in found.means.values() for unit in of)[0],
            "sides": sides,
            "bounds": missing.slope_bounds(found, contrast.outcome, grouped),
            "doses": points,
            "sensitivity": shapes(found, contrast),
            "selection": selection(contrast, {}, grouped),
            "notes": (*(wide if contrast.margin else chosen).notes, *found.notes, *lost),
        }
    )
    return Worked(
        _marked(finding, arms, grouped),
        _limits(chosen, None),
        _limits(wide, None),
        slopes_by_unit(found),
    )


def _finding(
    contrast: Contrast,
    arms: Sequence[Arm],
    chosen: Procedure,
    wide: Procedure,
    most: float | None,
    grouped: Grouped,
) -> Finding:
    """The finding as far as its procedure and its arms go."""
    level, outer = level_for(contrast.alternative, contrast.alpha), _limits(wide, most)
    equal = equivalence(contrast, wide)
    limits = (outer if equal else _limits(chosen, most))(level)
    icc, effective = correlation(arms, contrast.outcome, grouped)
    declared = contrast.model_dump(
        include={"id", "estimand", "role", "outcome", "scale", "alternative", "alpha"}
    )
    return Finding(
        **declared,
        shape=contrast.shape,
        level="within",
        unit="history",
        sides=(),
        estimate=chosen.estimate,
        low=limits[0] if limits else None,
        high=limits[1] if limits else None,
        confidence=level,
        p=_p(contrast, chosen, wide),
        method=(wide if equal else chosen).method,
        df=(wide if equal else chosen).limits(level).df,
        icc=icc,
        effective=effective,
        equivalence=equal,
        excluded=outer(1 - 2 * contrast.alpha),
    )


def _limits(chosen: Procedure, most: float | None) -> Callable[[float], Limits | None]:
    """The limits of a procedure at any level, cut to what the scale can hold."""

    def limits(level: float) -> Limits | None:
        low, high, _ = chosen.limits(level)
        if low is None or high is None:
            return None
        return (low, high) if most is None else (max(-most, low), min(most, high))

    return limits


def _side(name: str, found: Layout, used: Contributions, outcome: str, grouped: Grouped) -> Side:
    side = used.sides[name]
    update = {"mean": side.mean, "histories": len(side.counts), "trials": side.trials}
    return _counted(name, found.sides[name], outcome, grouped).model_copy(update=update)


def _counted(name: str, arms: Sequence[Arm], outcome: str, grouped: Grouped) -> Side:
    """A side with its trials as they were assigned; its mean is still to be filled in."""
    parts = [grouped.rows(arm) for arm in arms]
    assigned, lost = sum(map(len, parts)), sum(len(rows.lost) for rows in parts)
    seen = sum(value is not None for rows in parts for value in rows.column(outcome))
    return Side(
        name=name,
        arms=tuple(arms),
        mean=0.0,
        histories=0,
        trials=seen,
        assigned=assigned,
        invalid=invalid_by_origin(row for rows in parts for row in rows.lost),
        absent=assigned - lost - seen,
    )


def _notes(used: Contributions, many: int) -> list[str]:
    notes = []
    if many == 1:
        notes.append("said of this one wording alone")
    elif 1 < many < CROSSED:
        notes.append(f"said of these {many} wordings alone")
    if used.lost:
        notes.append(f"histories left out: {used.lost}, without a value in one of the arms")
    if len(used.sizes) > 1:
        notes.append(f"{min(used.sizes)} to {max(used.sizes)} trials per history and arm")
    return notes


def _marked(finding: Finding, arms: Sequence[Arm], grouped: Grouped) -> Finding:
    """Say what is simulated and what is missing: it is never left to the reader to find."""
    simulated = [any(grouped.rows(arm).simulated) for arm in arms]
    notes = list(finding.notes)
    if len(set(simulated)) > 1:
        notes.append("one arm is simulated and another is not")
    if any(side.invalid for side in finding.sides):
        lost = ", ".join(
            f"{sum(side.invalid.values())} of {side.assigned} ({side.name})"
            for side in finding.sides
        )
        notes.append(f"invalid trials: {lost}")
    if any(side.absent for side in finding.sides):
        without = ", ".join(
            f"{side.absent} of {side.assigned} ({side.name})" for side in finding.sides
        )
        notes.append(f"valid trials without a value for {finding.outcome} left out: {without}")
    if finding.selection:
        notes.insert(0, f"CAUTION: {finding.selection}")
    return finding.model_copy(update={"simulated": any(simulated), "notes": tuple(notes)})
