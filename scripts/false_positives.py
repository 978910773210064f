"""How often each analysis finds an effect where there is none, in trials clustered by history.

Fisher's exact test counts trials as if each were a history of its own. The default analysis is
asked as a user's study asks it: a declared contrast, rows, and the dispatcher.

Usage: scripts/false_positives.py [studies] [histories] [trials] [icc]
"""

import sys
from math import sqrt

import numpy as np
from scipy import stats

from peersim.analysis.inference import answer
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

RATES = (0.1, 0.2, 0.4)
SEED = 20260419
PAST = Contrast(id="past", a={"past": "good"}, b={"past": "bad"})
PLAN = Protocol(factors={"past": "history"}, contrasts=(PAST,))


def rows_of(outcomes: np.ndarray) -> list[TrialRow]:
    """Return the rows of a study of two arms.

    Args:
        outcomes: 0 or 1, arms x histories x trials.
    """
    return [
        TrialRow.model_construct(
            trial_id=f"{level}/{h}/{t}",
            arm={"past": level},
            history_id=f"{level}-{h:03d}",
            surface="s0",
            block=h * outcomes.shape[2] + t,
            invalid=None,
            values={"protected": float(value)},
            models=("simulated/a",),
            simulated=True,
        )
        for level, arm in zip(("good", "bad"), outcomes, strict=True)
        for h, history in enumerate(arm)
        for t, value in enumerate(history)
    ]


def fisher(outcomes: np.ndarray) -> float:
    """Return Fisher's two-sided p on trials."""
    counts = outcomes.sum(axis=(1, 2)).astype(int)
    size = outcomes[0].size
    return float(stats.fisher_exact(np.array([counts, size - counts])).pvalue)


def rates_of_false_positives(
    studies: int, histories: int, trials: int, icc: float, rate: float
) -> tuple[float, float]:
    """Return the shares of studies that Fisher's test and the default analysis call significant.

    Each history draws its own rate from a beta law whose ICC is 1 / (alpha + beta + 1).
    """
    rng, size = np.random.default_rng(SEED), 1 / icc - 1
    own = rng.beta(rate * size, (1 - rate) * size, (studies, 2, histories, 1))
    drawn = (rng.random((studies, 2, histories, trials)) < own).astype(float)
    naive = sum(fisher(study) < 0.05 for study in drawn)
    ours = sum(answer(PAST, PLAN, rows_of(study)).p < 0.05 for study in drawn)
    return naive / studies, ours / studies


def main() -> None:
    """Print both rates with their Monte Carlo errors."""
    given = sys.argv[1:]
    studies, histories, trials = (
        int(given[i]) if len(given) > i else default for i, default in enumerate((2000, 20, 10))
    )
    icc = float(given[3]) if len(given) > 3 else 0.3
    print(f"{studies} studies without effect, {histories} histories x {trials} trials, ICC {icc}")
    print(f"{'rate':>6}{'Fisher on trials':>24}{'default analysis':>24}")
    for rate in RATES:
        shares = rates_of_false_positives(studies, histories, trials, icc, rate)
        cells = [f"{s:.4f} (+- {sqrt(s * (1 - s) / studies):.4f})" for s in shares]
        print(f"{rate:>6}{cells[0]:>24}{cells[1]:>24}", flush=True)


if __name__ == "__main__":
    main()
