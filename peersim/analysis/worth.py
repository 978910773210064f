"""What the trials of a plan are worth, since those of one history resemble one another."""

from collections.abc import Sequence
from math import isfinite

from peersim.analysis.arms import by_arm, units
from peersim.analysis.pilots import READ, mean_icc
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.icc import best_trials
from peersim.stats.power import Assumed
from peersim.study.design import Study


class Worth(Frozen):
    """How much the trials of each arm tell, and how many of a history had best be run.

    Attributes:
        icc: The correlation of the trials of a history within an arm.
        assumed: Whether it is assumed, or as the trials show it.
        histories: Per arm.
        trials: Per history and arm.
        effective: The number of independent trials that those of an arm are worth.
        cost: Of a history, in trials, by their calls; None if nothing is lived.
        best: The trials per history that find most for the money; None without a cost, or where
            more are always better.
    """

    icc: float
    assumed: bool
    histories: int
    trials: int
    effective: float
    cost: float | None
    best: float | None

    @property
    def text(self) -> str:
        """The same in a sentence."""
        icc = f"ICC {self.icc:.2g}{' (assumed)' * self.assumed}"
        many = self.histories * self.trials
        said = (
            f"{icc}: the {many:,} trials of an arm, {self.trials} of each of {self.histories:,}"
            f" histories, are worth n_eff = {self.effective:,.1f} independent ones"
        )
        if self.cost is None:
            return said
        best = "as many as possible" if self.best is None else f"{self.best:.1f}"
        return (
            f"{said}; the best number for the money is m* = sqrt(c (1 - ICC) / ICC) = {best} of"
            f" each, as a history takes the calls of c = {self.cost:.2g} trials"
        )


def worth(study: Study, cost: float | None, icc: float | None = None) -> Worth:
    """Return what the trials of a study are worth.

    Args:
        study: The study.
        cost: Of a history, in trials; None if nothing is lived.
        icc: As its trials show it; None to assume it.
    """
    known = Assumed().icc if icc is None else icc
    histories, trials = study.replicates, study.trials_per_history
    best = None if cost is None else best_trials(known, cost)
    return Worth(
        icc=known,
        assumed=icc is None,
        histories=histories,
        trials=trials,
        effective=histories * trials / (1 + (trials - 1) * known),
        cost=cost,
        best=best if best is not None and isfinite(best) else None,
    )


def seen_icc(rows: Sequence[TrialRow], outcome: str) -> float | None:
    """Return the ICC of an outcome within history and arm, averaged over arms; None if unknown.

    Args:
        rows: The trials.
        outcome: The measure.
    """
    tables = [list(units(of, outcome).values())[:READ] for _, of in by_arm(rows)]
    return mean_icc([of for of in tables if max(map(len, of), default=0) > 1])
