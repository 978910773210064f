"""Max-T: a family of contrasts judged together by the largest of their t."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from peersim.analysis.arms import Unit
from peersim.analysis.declared import Limits, Refused, Worked
from peersim.analysis.looks import Look
from peersim.stats.intervals import RARE
from peersim.stats.multiplicity import MaxT, max_t_between, max_t_forked, t_between, t_forked
from peersim.stats.permute import ROUNDING, drawn_out
from peersim.study.contrast import Contrast

Answer = Worked | Refused
"""What became of one contrast by itself."""
Own = Sequence[tuple[Contrast, Answer]]
"""Contrasts, each with what became of it."""
BETWEEN = ("Welch", "Newcombe")
"""Methods between histories that go with a t: of rare events there is none."""


class Adjusted(NamedTuple):
    """What the family makes of one contrast.

    Attributes:
        p: Adjusted.
        how: How it was adjusted.
        share: The alpha that it was held to, of both sides for a two-sided claim; 0 where it was
            not tested, as it still waits.
        cost: The alpha at which what it excludes may be said.
        of: How many contrasts its family has.
        limits: Its limits, where they do not follow from the share.
        joint: Those that hold for the whole family, where they do not follow from its number.
    """

    p: float
    how: str
    share: float
    cost: float
    of: int
    limits: Limits | None = None
    joint: Limits | None = None


class Joined(NamedTuple):
    """What a family reads of one of its contrasts.

    Attributes:
        method: By which it is tested by itself.
        event: Whether it is one of rates.
        by_unit: As in ``Worked``.
        pulls: As in ``Worked``.
    """

    method: str
    event: bool
    by_unit: Mapping[Unit, float]
    pulls: Mapping[Unit, tuple[float, float]]


def _joined(of: Worked) -> Joined:
    return Joined(of.finding.method, of.finding.scale == "rd", of.by_unit, of.pulls)


def against_max_t(own: Own) -> str:
    """Return what keeps max-T from applying; nothing where it does.

    Args:
        own: The contrasts of the family.
    """
    if against := against_declared([contrast for contrast, _ in own]):
        return against
    given = [of for _, of in own if isinstance(of, Worked)]
    if len(given) < len(own):
        return "contrasts of which none is refused"
    return against_joined([_joined(of) for of in given])


def against_declared(contrasts: Sequence[Contrast]) -> str:
    """Return what keeps max-T from applying to contrasts by the way in which they are declared.

    Args:
        contrasts: Those of the family.
    """
    if any(contrast.after for contrast in contrasts):
        return "contrasts that wait for none"
    if any(contrast.alternative != "two_sided" for contrast in contrasts):
        return "two-sided contrasts"
    return "one alpha for all" if len({contrast.alpha for contrast in contrasts}) > 1 else ""


def against_joined(given: Sequence[Joined]) -> str:
    """Return what keeps max-T from applying by what the trials show.

    Args:
        given: What each contrast of the family shows.
    """
    if all(of.by_unit for of in given):
        return _against_forked(given)
    if all(of.pulls for of in given):
        return _against_between(given)
    return "contrasts that are all within the same histories, or all between histories"


def _against_forked(given: Sequence[Joined]) -> str:
    units = set(given[0].by_unit)
    if any(set(of.by_unit) != units for of in given):
        return "contrasts within the same histories"
    if not all(of.method.startswith("paired t") for of in given):
        return "the paired test for each, and one has another"
    return ""


def _against_between(given: Sequence[Joined]) -> str:
    means: dict[Unit, float] = {}
    for of in given:
        for unit, (_, mean) in of.pulls.items():
            if abs(means.setdefault(unit, mean) - mean) > ROUNDING:
                return "contrasts of one outcome in the same trials of each history"
    if not all(of.method.startswith(BETWEEN) for of in given):
        return "histories enough with and without the event, and one has too few"
    events = all(of.event for of in given)
    for values in _cells(given).values():
        if len(values) < 2 or (events and _few(values)):
            return "histories enough with and without the event in each cell that is weighed alike"
    return ""


def _few(values: Sequence[float]) -> bool:
    return min(sum(v > 0 for v in values), sum(v < 1 for v in values)) < RARE


def _cells(given: Sequence[Joined]) -> dict[tuple[float, ...], list[float]]:
    """The means of histories that weigh alike in every contrast, by their weight in each."""
    units = sorted({unit for of in given for unit in of.pulls})
    cells: dict[tuple[float, ...], list[float]] = {}
    for unit in units:
        pulls = [of.pulls.get(unit) for of in given]
        mean = next(pull[1] for pull in pulls if pull)
        key = tuple(round(pull[0], 12) if pull else 0.0 for pull in pulls)
        cells.setdefault(key, []).append(mean)
    return cells


def max_t(own: Own, look: Look) -> dict[str, Adjusted]:
    """Return the adjustment of each contrast, by its id.

    Within the same histories by flips of signs, between histories by handing them out anew. A look
    has the alpha that was not spent before it, since the largest t is no process of its own.

    Args:
        own: Contrasts that nothing keeps from it.
        look: Which look this is.
    """
    tables = [(contrast, of) for contrast, of in own if isinstance(of, Worked)]
    alpha = own[0][0].alpha
    share = look.own(alpha)
    found = joint([_joined(of) for _, of in tables], share)
    return {
        contrast.id: _adjusted(found, place, of, look, share, alpha)
        for place, (contrast, of) in enumerate(tables)
    }


def joint(given: Sequence[Joined], share: float) -> MaxT:
    """Return the family's joint distribution of t, and what it says at a level.

    Args:
        given: What each contrast shows, with nothing against max-T.
        share: The alpha of the family.
    """
    if given[0].by_unit:
        return max_t_forked(_differences(given), share)
    return max_t_between(*_weighed(given), share)


def joint_t(given: Sequence[Joined]) -> list[float]:
    """Return the t of each contrast that ``joint`` compares, alone.

    Args:
        given: As for ``joint``.
    """
    return t_forked(_differences(given)) if given[0].by_unit else t_between(*_weighed(given))


def _differences(given: Sequence[Joined]) -> list[list[float]]:
    return [[of.by_unit[unit] for of in given] for unit in sorted(given[0].by_unit)]


def _weighed(given: Sequence[Joined]) -> tuple[list[list[float]], list[list[float]]]:
    """The means of each cell, and the weights of the cells in each contrast."""
    cells = _cells(given)
    weights = [[key[place] * len(of) for key, of in cells.items()] for place in range(len(given))]
    return list(cells.values()), weights


def _adjusted(
    found: MaxT, place: int, of: Worked, look: Look, share: float, alpha: float
) -> Adjusted:
    # Neither p nor limits of the family may be cheaper than the contrast's own.
    p, many, alone = max(found.p[place], of.finding.p), len(found.p), of.limits(1 - share)
    low, high = found.low[place], found.high[place]
    limits = None if low is None or high is None else _around((low, high), alone)
    return Adjusted(
        p=look.p_of_any(p),
        how=f"{found.method} over {many}",
        share=share,
        cost=alpha / many,
        of=many,
        limits=limits and drawn_out(*limits, p, 1 - share),
        joint=_around(found.joint[place], alone),
    )


def _around(one: Limits | None, other: Limits | None) -> Limits | None:
    """The limits that hold both."""
    if one is None or other is None:
        return one
    return min(one[0], other[0]), max(one[1], other[1])
