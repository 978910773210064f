"""Clustered histories without an effect: the dispatcher keeps its level, Fisher on trials not."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from peersim.analysis.contrasts import estimate
from peersim.readings.rows import TrialRow

A, B = {"past": "good"}, {"past": "bad"}
STUDIES, HISTORIES, TRIALS, ICC = 500, 20, 10, 0.3


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_type_one_error_between_histories(
    arm_rows: Callable[..., list[TrialRow]], rate: float
) -> None:
    rng = np.random.default_rng(20260419)
    # Each history draws its own rate from a beta law whose ICC is 1 / (alpha + beta + 1).
    size = 1 / ICC - 1
    own = rng.beta(rate * size, (1 - rate) * size, (STUDIES, 2, HISTORIES, 1))
    outcomes = (rng.random((STUDIES, 2, HISTORIES, TRIALS)) < own).astype(float)
    found, pooled = 0, 0
    for a, b in outcomes:
        rows = [*arm_rows(A, a.tolist()), *arm_rows(B, b.tolist(), first=500)]
        found += estimate(A, B, rows, "protected").p < 0.05
        table = [[a.sum(), b.sum()], [a.size - a.sum(), b.size - b.sum()]]
        pooled += stats.fisher_exact(np.array(table, dtype=int)).pvalue < 0.05

    error = (0.05 * 0.95 / STUDIES) ** 0.5
    assert found / STUDIES <= 0.061 + 2 * error
    assert pooled / STUDIES > 0.15
