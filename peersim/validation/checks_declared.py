"""The named checks of the mutation score, part three: what is said of declared contrasts.

Each puts a few dozen made-up histories through the dispatcher and its family, and holds what comes
back against what can be worked out by hand.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Any, TypeGuard

import numpy as np
from scipy import stats

from peersim.analysis.declared import Finding, Refused
from peersim.analysis.family import findings
from peersim.analysis.looks import Look
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import ask
from peersim.validation.bands import SHORT, At, figures, silences
from peersim.validation.inference import resampling
from peersim.validation.mechanism import rows_of
from peersim.validation.planted import COOP, UNCOOP
from peersim.validation.population import Array, Size
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator

TRIALS = 4
LOOSE = 0.25
"""By how much a p by permutation may differ from one by t, as a share of it."""
ARMS = [{"partner": p, "memory": m} for p in ("cooperative", "uncooperative") for m in ("x", "y")]
SCOPES = {"partner": "history", "memory": "recollection"}


def _rows(means: Sequence[Sequence[int]], histories: int = 20) -> list[TrialRow]:
    """Return rows whose histories have one event more or one fewer than said of four trials.

    Args:
        means: Events of four trials, each partner x memory.
        histories: Of each partner.
    """
    counts = np.asarray(means)[:, None, :] + np.resize([1, -1], histories)[None, :, None]
    return rows_of(ARMS, {"protected": _events(counts)}, None, 2)


def _events(counts: Array) -> Array:
    return (np.arange(TRIALS) < counts[..., None]).astype(float)


def _said(rows: Sequence[TrialRow], *contrasts: Contrast, **more: Any) -> list[Finding | Refused]:
    protocol = Protocol.model_validate({"factors": SCOPES, "contrasts": contrasts})
    return findings(protocol, rows, ARMS, **more)


def _only(rows: Sequence[TrialRow], contrast: Contrast, **more: Any) -> Finding | Refused:
    (found,) = _said(rows, contrast, **more)
    return found


def _between(name: str = "partner", memory: str = "x", **more: Any) -> Contrast:
    own = {"memory": memory}
    return Contrast.model_validate({"id": name, "a": COOP | own, "b": UNCOOP | own, **more})


def _within(name: str = "memory", **more: Any) -> Contrast:
    first, second = (COOP | {"memory": one} for one in "xy")
    return Contrast.model_validate({"id": name, "a": first, "b": second, **more})


def signs_of_four_sides() -> str:
    """Have a difference of differences worked out whose four sides have known means."""
    x, y = {"memory": "x"}, {"memory": "y"}
    four = Contrast(id="did", a=COOP | x, b=UNCOOP | x, c=COOP | y, d=UNCOOP | y)
    found = _only(_rows([[3, 2], [1, 1]]), four)
    # (.75 - .25) - (.5 - .25)
    right = isinstance(found, Finding) and abs(found.estimate - 0.25) < 1e-9
    return "" if right else f"(.75 - .25) - (.50 - .25) is {_worth(found)}"


def signs_of_two_sides() -> str:
    """Have a plain difference worked out, whichever side's histories come first by name."""
    shows = np.zeros((2, 24, 1), dtype=int)
    shows[0, :18], shows[1, :6] = 1, 1
    arms = [{"partner": one} for one in ("cooperative", "uncooperative")]
    plain = Contrast(id="partner", a=COOP, b=UNCOOP)
    protocol = Protocol(factors=SCOPES, contrasts=(plain,))
    for trials in (1, TRIALS):
        event = np.repeat(shows[..., None], trials, axis=-1).astype(float)
        for ahead in ("a", "z"):
            rows = [
                row.model_copy(update={"history_id": f"{ahead}{row.history_id}"})
                if row.arm == arms[0]
                else row
                for row in rows_of(arms, {"protected": event}, None, 1)
            ]
            (found,) = findings(protocol, rows, arms)
            if not isinstance(found, Finding) or abs(found.estimate - 0.5) > 1e-9:
                return f".75 - .25 of {trials} trials a history is {_worth(found)}"
    return ""


def mixed_models_are_refused() -> str:
    """Have one side of a contrast answered by another model, which no factor declares."""
    rows = [
        row if row.arm["partner"] == "cooperative" else _served(row, "simulated/other")
        for row in _rows([[3, 2], [1, 1]])
    ]
    found = _only(rows, _between())
    right = isinstance(found, Refused) and "model" in found.why
    return "" if right else f"two models are compared as if they were one: {_worth(found)}"


def families_are_paid_for() -> str:
    """Work Holm's method out by hand for three primaries, from the p that each has alone."""
    declared = _between("one"), _between("two", "y"), _within("three")
    found = [one for one in _said(_rows([[3, 2], [2, 2]], 24), *declared) if _answered(one)]
    raw = [one.p for one in found]
    order, floor, wanted = np.argsort(raw), 0.0, [1.0] * len(raw)
    for place, number in enumerate(order):
        floor = max(floor, min(1.0, (len(raw) - place) * raw[number]))
        wanted[number] = floor
    said = [one.p_adjusted or 0.0 for one in found]
    right = len(found) == len(declared) and np.allclose(said, wanted)
    return "" if right else f"p of {raw} adjust to {wanted} by Holm's method, and are {said}"


def looks_are_paid_for() -> str:
    """Look halfway: O'Brien and Fleming's price of a first look has a closed form."""
    early = Look(shares=(0.5,), of=2)
    found = _only(_rows([[3, 3], [2, 2]], 24), _between(), look=early)
    if not isinstance(found, Finding):
        return f"a look halfway is refused: {found.why}"
    wanted = max(found.p, 4 * float(stats.norm.sf(sqrt(0.5) * stats.norm.isf(found.p / 4))))
    right = abs((found.p_adjusted or 0.0) - wanted) < 1e-3
    return "" if right else f"at half of the histories p = {found.p:.4f} counts {found.p_adjusted}"


def levels_follow_the_design() -> str:
    """Ask at which level contrasts are whose histories are shared, or not."""
    for contrast, level in ((_between(), "between"), (_within(), "within")):
        found = _only(_rows([[3, 2], [1, 1]]), contrast)
        if not isinstance(found, Finding) or found.level != level:
            return f"a contrast {level} histories is {_worth(found)}"
    return ""


def sides_of_p() -> str:
    """Claim both directions and neither: along the estimate p is half, against it the rest."""
    rows = _rows([[3, 3], [2, 2]], 24)
    both, more, less = (
        _only(rows, _between(alternative=one)) for one in ("two_sided", "greater", "less")
    )
    if not (_answered(both) and _answered(more) and _answered(less)):
        return "one of the three claims is refused"
    wanted = (both.p / 2, 1 - both.p / 2)
    right = np.allclose((more.p, less.p), wanted)
    return "" if right else f"p is {both.p:.3g} of two sides, {more.p:.3g} and {less.p:.3g} of one"


def few_histories_are_refused() -> str:
    """Ask for a contrast between eight histories a side."""
    found = _only(_rows([[3, 2], [1, 1]], 8), _between())
    return "" if isinstance(found, Refused) else f"eight histories a side: {_worth(found)}"


def bounds_by_hand() -> str:
    """Lose trials of one arm: the bounds are those of all being events, and of none being one."""
    rows, event, lost = _lossy()
    found = _only(rows, _between())
    most = float(lost[0, :, 0].sum()) / lost[0, :, 0].size
    seen = float((event * (1 - lost))[0, :, 0].sum()) / lost[0, :, 0].size
    other = float(event[1, :, 0].mean())
    wanted = (seen - other, seen + most - other)
    said = found.bounds if isinstance(found, Finding) else None
    right = said is not None and np.allclose(said, wanted)
    return "" if right else f"bounds are {said}, and by hand {wanted}"


def contrasts_rest_on_the_valid() -> str:
    """Lose trials of one arm: the estimate is the mean of what is left of each history."""
    rows, event, lost = _lossy()
    found = _only(rows, _between())
    left = np.where(lost > 0, np.nan, event)
    first, second = (float(np.nanmean(left[g, :, 0], axis=-1).mean()) for g in (0, 1))
    right = isinstance(found, Finding) and abs(found.estimate - (first - second)) < 1e-9
    return "" if right else f"of the valid it is {first - second:.3f}, and said is {_worth(found)}"


def _lossy() -> tuple[list[TrialRow], Array, Array]:
    counts = np.asarray([[3, 2], [1, 1]])[:, None, :] + np.resize([1, -1], 20)[None, :, None]
    event = _events(counts)
    lost = np.zeros_like(event)
    lost[0, ::3, 0, 0] = 1.0
    return rows_of(ARMS, {"protected": event}, lost, 2), event, lost


def secondaries_wait() -> str:
    """Declare a primary of which nothing is true, and behind it a secondary that is plain."""
    rows = _rows([[3, 1], [3, 1]], 24)
    primary, secondary = _said(rows, _between("first"), _within("second", role="secondary"))
    if not (_answered(primary) and _answered(secondary)) or primary.upheld:
        return f"the primary is {_worth(primary)}"
    return f"it is upheld though no primary is: {_worth(secondary)}" if secondary.upheld else ""


def contrasts_count_histories() -> str:
    """Let all trials of a history end alike: p must be that of so many histories."""
    shows = np.zeros((2, 24, 2), dtype=int)
    shows[0, :12], shows[1, :6] = TRIALS, TRIALS
    found = _only(rows_of(ARMS, {"protected": _events(shows)}, None, 2), _between())
    if not isinstance(found, Finding):
        return f"it is refused: {found.why}"
    means = shows[:, :, 0] / TRIALS
    least = float(stats.ttest_ind(means[0], means[1], equal_var=False).pvalue) * (1 - LOOSE)
    right = found.unit == "history" and found.p >= least
    return "" if right else f"24 histories a side that end alike have p = {found.p:.2g}"


def answers_as_a_textbook(studies: int = 60) -> str:
    """Hold p, limits and refusals against textbook tests on the same simulated studies."""
    for name in ("history_effect", "authorship"):
        mechanism, size = mechanism_of(name), Size(24, TRIALS, 0.4)
        question, hidden = mechanism.questions[0], mechanism.hide(0.4, generator(0, "book"))
        truth = mechanism.true_answer(
            question.contrast, mechanism.truth(hidden, generator(0, "book", "truth"), 50_000)
        )
        found = []
        with resampling(SHORT.resamples):
            for number in range(studies):
                rows = mechanism.study(hidden, size, generator(0, "book", name, number))
                found.append(ask(question.contrast, mechanism.protocol, rows, mechanism.arms))
        at = At(name, question.id, *size)
        made = figures(at, found, [truth] * studies, False, SHORT, rerun=False)
        for one in (*made, *silences(at, found, SHORT)):
            if not one.holds:
                return f"{one.mechanism}: {one.measure} is {one.value:.3f}; {one.note}"
    return ""


def _served(row: TrialRow, model: str) -> TrialRow:
    return row.model_copy(update={"models": (model,)})


def _answered(found: Finding | Refused) -> TypeGuard[Finding]:
    return isinstance(found, Finding)


def _worth(found: Finding | Refused) -> str:
    if isinstance(found, Refused):
        return f"refused: {found.why}"
    return f"{found.estimate:.3f} {found.level} histories, p = {found.p:.3g}"
