"""Figures of selection: who declines rather than score low leaves no score behind."""

import numpy as np

from peersim.analysis.alarms import losses
from peersim.analysis.declared import Part
from peersim.analysis.grouped import Grouped
from peersim.analysis.instrument import Figure
from peersim.analysis.losses import VALUELESS
from peersim.analysis.shifts import lee
from peersim.analysis.sides import layout
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import put
from peersim.validation.bands import ALPHA, COVERAGE, At, Form, rate_figure
from peersim.validation.inference import resampling
from peersim.validation.mechanism import rows_of
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator

REFUSES = 0.7
"""The share of trials that would score below 0 and are declined instead, on one side."""
SPREAD = 5.0
HISTORIES, TRIALS = 40, 4


def selective_refusal(form: Form, seed: int) -> list[Figure]:
    """One side declines what it would have scored low, and nothing else differs.

    The alarm must ring, Lee's bounds must hold the truth, which is 0, and the difference of the
    scores that are left must be wrong, as a demonstration.
    """
    mechanism, studies = mechanism_of("history_effect"), max(form.special // 3, 1)
    contrast = Contrast(
        id="score",
        a=dict(mechanism.arms[0]),
        b=dict(mechanism.arms[1]),
        outcome="signed_error",
        scale="mean_diff",
    )
    protocol = Protocol(factors=mechanism.protocol.factors, contrasts=(contrast,))
    rings = inside = wrong = 0
    for number in range(studies):
        rows = _declining(mechanism.arms, generator(seed, "selective", number))
        grouped = Grouped(rows, mechanism.arms)
        with resampling(form.resamples):
            rung = losses(contrast, protocol.factors, grouped)
            wrong += put(contrast, protocol, rows, mechanism.arms).p <= ALPHA
        rings += any(one.raised for one in rung if one.check == VALUELESS)
        laid = layout(contrast, protocol.factors, grouped)
        inside += any(_holds(part) for part in lee(contrast, laid, grouped))
    at = At("selective_refusal", "alarm", HISTORIES, TRIALS, None, "mean_diff")
    return [
        rate_figure(at, rings, studies, form, measure="power", low=0.9),
        rate_figure(
            at._replace(question="bounds"), inside, studies, form, measure="coverage", low=COVERAGE
        ),
        rate_figure(
            at._replace(question="unbounded"),
            wrong,
            studies,
            form,
            low=0.2,
            note="found though nothing is there, as a demonstration",
        ),
    ]


def _declining(arms: list[dict[str, str]], rng: np.random.Generator) -> list[TrialRow]:
    shape = (2, HISTORIES, 1, TRIALS)
    scores = rng.normal(0, SPREAD, shape)
    gone = (scores < 0) & (rng.random(shape) < REFUSES)
    gone[1] = False
    drawn = {"signed_error": np.where(gone, np.nan, scores), "refused": gone.astype(float)}
    return [_without_nan(row) for row in rows_of(arms, drawn, None, 1)]


def _without_nan(row: TrialRow) -> TrialRow:
    values = {
        name: None if value is None or np.isnan(value) else value
        for name, value in row.values.items()
    }
    return row.model_copy(update={"values": values})


def _holds(part: Part) -> bool:
    """Whether the bounds of trials that neither side would have lost hold no difference."""
    return part.low is not None and part.high is not None and part.low <= 0 <= part.high
