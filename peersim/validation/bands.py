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


SHORT = Form("short", 100, 25, 800, 2.0, 399, 4, 300)
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
    value, low, high, p = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    truth = np.asarray(truths, dtype=float)
    more = {"rerun": rerun, "slack": form.slack}
    with_limits = ~np.isnan(low)
    made = [] if not with_limits.any() else [_coverage(at, low, high, truth, with_limits, more)]
    share = float(np.mean(p <= ALPHA))
    if null:
        error = _binomial_error(ALPHA, len(p))
        made.append(_figure(at, "type_one", share, error, len(p), high=TYPE_ONE, **more))
    else:
        made.append(_figure(at, "power", share, _binomial_error(share, len(p)), len(p), **more))
    return [*made, _bias(at, value - truth, more)]


def _coverage(at: At, low: Any, high: Any, truth: Any, known: Any, more: dict[str, Any]) -> Figure:
    # An answer without limits excludes nothing, so it covers.
    covers = ~known | ((low <= truth) & (truth <= high))
    share, n = float(np.mean(covers)), len(covers)
    width = float(np.mean((high - low)[known]))
    least = COVERAGE_AGAIN if more["rerun"] else COVERAGE
    note = f"mean width {width:.3f}"
    note = f"conservative, {note}" if share > CONSERVATIVE else note
    error = _binomial_error(1 - ALPHA, n)
    return _figure(at, "coverage", share, error, n, low=least, note=note, **more)


def _bias(at: At, off: Any, more: dict[str, Any]) -> Figure:
    known = off[~np.isnan(off)]
    value = float(np.mean(known)) if len(known) else 0.0
    error = float(np.std(known) / sqrt(len(known))) if len(known) else 0.0
    # Three errors at most, and no more than the limit beyond what chance explains.
    limit = BIAS[at.scale] + more["slack"] * error
    most = min(3 * error, limit) if more["slack"] == 0 else max(3 * error, limit)
    kept = {"rerun": more["rerun"]}
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
