"""The bands of acceptance, and figures held against them with their Monte Carlo error."""

from collections.abc import Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from peersim.analysis.instrument import Figure, Measure
from peersim.validation.asking import Found

COVERAGE = 0.937
COVERAGE_AGAIN = 0.944
CONSERVATIVE = 0.963
TYPE_ONE = 0.061
BIAS = {"rd": 0.005, "mean_diff": 0.05}
ALPHA = 0.05
POWER = 0.03
"""By how much power may lie below that of a textbook test on the same rows."""
RARE = 0.25
"""The same among studies whose event is too rare for t: exact limits of rates are far wider."""
SILENT = 0.02
"""The largest share of answers that may be refused, or have no interval."""
FLOOR = 16
"""Histories from which that is asked, at base rates of at least ``COMMON``."""
COMMON = 0.1
WIDER = 1.5
"""How many times as wide as by t intervals may be on average, where t can be trusted."""


class Form(NamedTuple):
    """How much is simulated, and how far bands give way to Monte Carlo error.

    Attributes:
        name: "short" or "full".
        studies: Simulated studies in each cell of tier A.
        crossed: The same where surfaces are clusters too.
        again: Fresh studies for a cell outside its band.
        slack: Monte Carlo errors by which bands are widened.
        resamples: Permutations for each p.
        runs: Real runs of each mechanism in tier B.
        special: Simulated studies of each figure that has a design of its own.
    """

    name: str
    studies: int
    crossed: int
    again: int
    slack: float
    resamples: int
    runs: int
    special: int


SHORT = Form("short", 80, 20, 480, 2.0, 399, 4, 300)
FULL = Form("full", 2_000, 2_000, 10_000, 0.0, 1_999, 200, 2_000)


class At(NamedTuple):
    """What a set of figures is of."""

    mechanism: str
    question: str
    histories: int | None
    trials: int
    rate: float | None
    scale: str = "rd"


def figures(
    at: At, found: Sequence[Found], truths: Sequence[float], null: bool, form: Form, rerun: bool
) -> list[Figure]:
    """Return coverage, type I error or power, bias and width of a set of answers.

    Args:
        at: What they are of.
        found: The answers of the simulated studies.
        truths: The truth of each.
        null: Whether there was nothing to be found.
        form: How much was simulated.
        rerun: Whether these are fresh studies after a first round outside the band.
    """
    value, low, high, p, other, width = (
        np.array(column, dtype=float) for column in zip(*found, strict=True)
    )
    truth = np.asarray(truths, dtype=float)
    more = {"rerun": rerun, "slack": form.slack}
    made = [_coverage(at, low, high, truth, more)]
    if null:
        error = _binomial_error(ALPHA, len(p))
        share = float(np.mean(p <= ALPHA))
        made.append(_figure(at, "type_one", share, error, len(p), high=TYPE_ONE, **more))
    else:
        made.append(_power(at, p, other, np.isnan(width), more))
    return [*made, _bias(at, value - truth, more), *_widths(at, high - low, width, more)]


def _coverage(at: At, low: Any, high: Any, truth: Any, more: dict[str, Any]) -> Figure:
    known = ~np.isnan(low) & ~np.isnan(high)
    n = int(known.sum())
    least = COVERAGE_AGAIN if more["rerun"] else COVERAGE
    if not n:
        note = "no answer has an interval"
        return _figure(at, "coverage", 0.0, 0.0, 0, low=least, note=note, **more)
    share = float(np.mean((low <= truth)[known] & (truth <= high)[known]))
    note = f"mean width {float(np.mean((high - low)[known])):.3f}"
    note = f"conservative, {note}" if share > CONSERVATIVE else note
    error = _binomial_error(1 - ALPHA, n)
    return _figure(at, "coverage", share, error, n, low=least, note=note, **more)


def _power(at: At, p: Any, other: Any, rare: Any, more: dict[str, Any]) -> Figure:
    """Power, with a floor that a textbook test on the very same studies sets."""
    less = RARE * float(np.mean(rare)) + POWER * float(np.mean(~rare))
    ours, theirs = p <= ALPHA, other <= ALPHA
    share, wanted, n = float(np.mean(ours)), float(np.mean(theirs)), len(p)
    error = float(np.std(ours.astype(float) - theirs)) / sqrt(n)
    note = f"{wanted:.2f} by a textbook test on the same rows"
    least = max(0.0, wanted - less - error)
    return _figure(at, "power", share, error, n, low=least, note=note, **more)


def _widths(at: At, ours: Any, theirs: Any, more: dict[str, Any]) -> list[Figure]:
    """The mean width beside that by t, over the answers that have both."""
    both = ~np.isnan(ours) & ~np.isnan(theirs) & (theirs > 0)
    n = int(both.sum())
    if not n or (at.histories is not None and at.histories < FLOOR):
        return []
    ratio = ours[both] / theirs[both]
    error = float(np.std(ratio)) / sqrt(n)
    note = "times as wide as by t on the same rows"
    value = float(np.mean(ratio))
    return [_figure(at, "width", value, error, n, high=WIDER, note=note, **more)]


def silences(at: At, found: Sequence[Found], form: Form) -> list[Figure]:
    """Return the shares of answers that were refused, and that have no interval.

    Args:
        at: What they are of.
        found: Answers of studies that are large enough to be answered.
        form: How much was simulated.
    """
    value, low, high = (np.array([one[i] for one in found], dtype=float) for i in range(3))
    refused, bare = np.isnan(value), np.isnan(low) | np.isnan(high)
    return [
        rate_figure(at, int(of.sum()), len(found), form, high=SILENT, note=note)
        for of, note in ((refused, "refused"), (bare, "without an interval"))
    ]


def large(at: At) -> bool:
    """Return whether an analysis has to answer at a size and base rate."""
    return (at.histories or 0) >= FLOOR and (at.rate or 0.0) >= COMMON


def _bias(at: At, off: Any, more: dict[str, Any]) -> Figure:
    known = off[~np.isnan(off)]
    kept = {"rerun": more["rerun"]}
    if not len(known):
        note = "no answer has an estimate, which is taken for a bias of 1"
        return _figure(at, "bias", 1.0, 0.0, 0, low=0.0, high=0.0, note=note, **kept)
    value = float(np.mean(known))
    error = float(np.std(known) / sqrt(len(known)))
    # Three errors at most, and no more than the limit beyond what chance explains.
    limit = BIAS[at.scale] + more["slack"] * error
    most = min(3 * error, limit) if more["slack"] == 0 else max(3 * error, limit)
    return _figure(at, "bias", value, error, len(known), low=-most, high=most, **kept)


def rate_figure(
    at: At, hits: int, studies: int, form: Form, *, measure: Measure = "rate", **more: Any
) -> Figure:
    """Return the figure of a share of studies, held between bounds if there are any."""
    share = hits / studies
    bound = more.get("high") if more.get("high") is not None else more.get("low")
    error = _binomial_error(bound if bound is not None else share, studies)
    return _figure(at, measure, share, error, studies, slack=form.slack, **more)


def _figure(
    at: At, measure: Measure, value: float, error: float, studies: int, **more: Any
) -> Figure:
    return Figure(
        mechanism=at.mechanism,
        question=at.question,
        histories=at.histories,
        trials=at.trials,
        rate=at.rate,
        measure=measure,
        value=value,
        error=error,
        studies=studies,
        **more,
    )


def _binomial_error(share: float, n: int) -> float:
    return sqrt(share * (1 - share) / n) if n else 0.0
