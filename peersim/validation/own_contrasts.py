"""The figures of each declared contrast of a study: its own design, drawn and analysed anew."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from peersim.analysis.deciding import decides
from peersim.analysis.designs import Design, design_of, is_score, likeness
from peersim.analysis.drawn import drawn, procedure_for
from peersim.analysis.instrument import Figure, Measure
from peersim.analysis.levels import alpha_of
from peersim.analysis.power import largest_effect
from peersim.stats.power import Assumed, power_of, solve
from peersim.study.contrast import Contrast
from peersim.validation.bands import COVERAGE, SHORT
from peersim.validation.inference import resampling
from peersim.validation.own_planned import Planned

POWER = 0.8
LEVEL = 0.95
DRAWS = (100, 400)
"""Simulated studies of each kind, at least and at most."""
ROWS = 200_000
"""Trials that are drawn over all contrasts, for each kind of figure: a few seconds' worth."""
LARGEST = 300
"""Histories an arm that are drawn at most; above, the figures are of that many."""
QUICK = 0.4
"""Share of the draws that each step of the search for the smallest effect takes."""
SLACK = 3.0


class _Drawn(NamedTuple):
    """What the analysis says of one drawn study: whether it claims, and its 95 % limits."""

    claims: bool
    low: float | None
    high: float | None


class _Case(NamedTuple):
    """A contrast with all that decides what is drawn; what is alike is drawn once."""

    contrast: Contrast
    design: Design
    given: Assumed
    histories: int
    draws: int
    alpha: float


def contrast_figures(found: Sequence[Planned], seed: int = 0) -> list[Figure]:
    """Return the figures of contrasts; draws are shared by those that are alike.

    Args:
        found: The contrasts.
        seed: The root of the draws.
    """
    known: dict[str, list[Figure]] = {}
    made = []
    for one in found:
        case = _case(one, len(found))
        key = _alike(case)
        if key not in known:
            with resampling(SHORT.resamples):
                known[key] = _figures(case, seed)
        made += [of.model_copy(update=_named(one, case, of)) for of in known[key]]
    return made


def _case(one: Planned, many: int) -> _Case:
    study, contrast = one.study, one.contrast
    design, histories = design_of(study, contrast), min(study.replicates, LARGEST)
    size = sum(len(of) for of in design.sides.values()) * histories * design.trials
    draws = int(min(max(ROWS / (many * size), DRAWS[0]), DRAWS[1]))
    given = Assumed(**one.assumed)
    return _Case(contrast, design, given, histories, draws, alpha_of(study, contrast, given))


def _alike(case: _Case) -> str:
    """Return a text that is the same for contrasts whose studies and tests are alike."""
    return likeness(case.contrast, case.design) + repr(case[2:])


def _named(one: Planned, case: _Case, of: Figure) -> dict[str, str]:
    """Return what a figure says of the contrast that it is of."""
    design, contrast = case.design, one.contrast
    arms = sum(len(arms) for arms in design.sides.values())
    names = ("p0", "icc", "rho") if design.forked else ("p0", "icc")
    given = ", ".join(
        f"{name} {one.assumed[name]:g}{' (assumed)' * (name in one.unknown)}" for name in names
    )
    size = one.study.replicates
    few = f"; of {size} histories" if size > case.histories else ""
    asked = f"{contrast.shape} of {contrast.id}, {design.level} histories, {arms} arms"
    return {"question": asked, "note": f"{of.note}; {given}{few}"}


def _figures(case: _Case, seed: int) -> list[Figure]:
    if case.contrast.alternative == "equivalent":
        return _equivalence(case, seed)
    null, alpha = _drawn(case, 0.0, case.contrast.alpha, seed), case.contrast.alpha
    effect, power, draws = _detectable(case, seed)
    there = _drawn(case, effect, case.alpha, seed + 1)
    claims = power_of([one.claims for one in there])
    error = sqrt(power * (1 - power) / draws)
    said = f"found with {power:.0%} power, at {_p(case.alpha)}, Monte Carlo error {error:.3f}"
    return [
        _share(case, "type_one", [one.claims for one in null], f"at alpha {alpha:g}", alpha),
        _coverage(case, null, 0.0, "without an effect"),
        _coverage(case, there, effect, f"at an effect of {effect:.3g}"),
        _figure(case, "mde", effect, None, draws, said + _unit(case)),
        _figure(
            case, "power", claims.value, claims.error, claims.draws,
            f"at an effect of {effect:.3g}, drawn anew, at {_p(case.alpha)}",
        ),
    ]  # fmt: skip


def _equivalence(case: _Case, seed: int) -> list[Figure]:
    """What is claimed is no effect: the margin is the smallest that must not be missed."""
    margin, alpha = case.contrast.margin or 0.0, case.contrast.alpha
    off = margin if is_score(case.contrast) or case.given.p0 + margin <= 1 else -margin
    at, none = _drawn(case, off, alpha, seed), _drawn(case, 0.0, case.alpha, seed + 1)
    claims = power_of([one.claims for one in none])
    return [
        _share(case, "type_one", [one.claims for one in at], f"at the margin {margin:g}", alpha),
        _coverage(case, at, off, f"at the margin {margin:g}"),
        _coverage(case, none, 0.0, "without an effect"),
        _figure(
            case, "power", claims.value, claims.error, claims.draws,
            f"to show that there is no more than {margin:g}, where there is nothing",
        ),
    ]  # fmt: skip


def _drawn(case: _Case, effect: float, alpha: float, seed: int) -> list[_Drawn]:
    tested = case.contrast.model_copy(update={"alpha": alpha})
    random = np.random.default_rng([seed, case.histories])
    given, found = case.given._replace(rd=effect), []
    for _ in range(case.draws):
        study = drawn(tested, case.design, given, case.histories, random)
        chosen = procedure_for(tested, case.design, study, case.histories)
        if chosen is None:
            found.append(_Drawn(False, None, None))
            continue
        low, high, _ = chosen.limits(LEVEL)
        found.append(_Drawn(decides(tested, chosen), low, high))
    return found


def _detectable(case: _Case, seed: int) -> tuple[float, float, int]:
    """Return the smallest effect found with the wanted power; else the largest, with its own."""
    sign = _direction(case)
    quick = case._replace(draws=max(int(case.draws * QUICK), 40))
    most = 0.999 * largest_effect(case.contrast, case.given._replace(rd=float(sign)))

    def at(effect: float) -> list[bool]:
        return [one.claims for one in _drawn(quick, sign * effect, case.alpha, seed + 2)]

    start = min(max(3 * case.given.sd, 1e-3) if is_score(case.contrast) else 0.3, most)
    two = case.contrast.alternative == "two_sided"
    found = solve(
        lambda effect: power_of(at(effect)),
        (start, power_of(at(start))),
        POWER,
        case.alpha if two else 2 * case.alpha,
        (1e-4, most),
    )
    if found is None:
        there = power_of(at(most))
        return sign * most, there.value, there.draws
    return sign * found[0], found[1].value, found[1].draws


def _direction(case: _Case) -> int:
    """Return where an effect is planted: as claimed, or to the side on which a rate has room."""
    if case.contrast.alternative != "two_sided":
        return -1 if case.contrast.alternative == "less" else 1
    return -1 if not is_score(case.contrast) and case.given.p0 > 1 / 2 else 1


def _coverage(case: _Case, found: Sequence[_Drawn], effect: float, note: str) -> Figure:
    truth = _truth(case, effect)
    known = [(of.low, of.high) for of in found if of.low is not None and of.high is not None]
    inside = sum(low <= truth <= high for low, high in known)
    share, many = (inside / len(known) if known else 0.0), max(len(known), 1)
    error = sqrt(LEVEL * (1 - LEVEL) / many)
    said = f"{note}; {len(found) - len(known)} without an interval"
    return _figure(case, "coverage", share, error, many, said, low=COVERAGE)


def _truth(case: _Case, effect: float) -> float:
    """Return an effect on the scale of the estimate: of a dose it is per unit."""
    if case.contrast.dose is None:
        return effect
    doses = [float(side) for side in case.design.sides]
    return effect / (max(doses) - min(doses))


def _share(
    case: _Case, measure: Measure, claims: Sequence[bool], note: str, alpha: float
) -> Figure:
    share, error = float(np.mean(claims)), sqrt(alpha * (1 - alpha) / len(claims))
    return _figure(case, measure, share, error, len(claims), note, high=1.22 * alpha)


def _unit(case: _Case) -> str:
    return ", between the lowest and the highest dose" if case.contrast.dose else ""


def _p(alpha: float) -> str:
    return f"p <= {alpha:.3g}"


def _figure(
    case: _Case,
    measure: Measure,
    value: float,
    error: float | None,
    studies: int,
    note: str,
    low: float | None = None,
    high: float | None = None,
) -> Figure:
    return Figure(
        mechanism="own",
        question="",
        measure=measure,
        value=value,
        error=error,
        low=low,
        high=high,
        slack=SLACK if error else 0.0,
        histories=case.histories,
        trials=case.design.trials,
        rate=case.given.p0,
        studies=studies,
        note=note,
    )
