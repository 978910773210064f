"""Where Fisher on trials is wrong in more than a fifth of studies, the declared answer is not."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from peersim.analysis.inference import answer
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

A, B = {"past": "good"}, {"past": "bad"}
PAST = Contrast(id="past", a=A, b=B)
PLAN = Protocol(factors={"past": "history"}, contrasts=(PAST,))
STUDIES, HISTORIES, TRIALS, ICC = 1000, 20, 10, 0.3


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_clustered_histories_without_effect(
    arm_rows: Callable[..., list[TrialRow]], rate: float
) -> None:
    rng, size = np.random.default_rng(20260419), 1 / ICC - 1
    own = rng.beta(rate * size, (1 - rate) * size, (STUDIES, 2, HISTORIES, 1))
    outcomes = (rng.random((STUDIES, 2, HISTORIES, TRIALS)) < own).astype(float)
    # The rows are made once; only their values change from study to study.
    blank = [[0.0] * TRIALS] * HISTORIES
    rows = [*arm_rows(A, blank), *arm_rows(B, blank, first=500)]
    ours = naive = 0
    for study in outcomes:
        for row, value in zip(rows, study.ravel().tolist(), strict=True):
            row.values["protected"] = value
        ours += answer(PAST, PLAN, rows).p < 0.05
        count, each = study.sum(axis=(1, 2)).astype(int), HISTORIES * TRIALS
        naive += stats.fisher_exact([count, each - count]).pvalue < 0.05

    error = (0.061 * 0.939 / STUDIES) ** 0.5
    print(f"rate {rate}: Fisher {naive / STUDIES:.3f}, ours {ours / STUDIES:.3f} +- {error:.3f}")
    assert naive / STUDIES > 0.2
    assert ours / STUDIES <= 0.061 + 2 * error
