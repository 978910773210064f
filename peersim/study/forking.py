"""What a run saved by living each history once for all trials that share it."""

from peersim.frozen import Frozen
from peersim.store.view import StoreView

# The journal's key begins with the owner, so the calls of a history are found without a search.
_SHARED = """
SELECT COUNT(*), SUM(trials), SUM(calls), SUM(trials * calls) FROM (
    SELECT COUNT(*) AS trials,
        (SELECT COUNT(*) FROM calls WHERE owner = history_id) AS calls
    FROM trials GROUP BY history_id
)
"""
# What is asked beside the job, in a branch of its own, is no part of either.
_TAKEN = """
SELECT SUM(owner LIKE 'history-%' OR owner LIKE 'recollection-%'), SUM(owner LIKE 'trial-%'),
    (SELECT COUNT(*) FROM histories), (SELECT COUNT(*) FROM trials)
FROM calls
"""


class Forking(Frozen):
    """How many trials share how many histories.

    Attributes:
        histories: Those of the finished trials, each once.
        trials: Finished trials.
        calls: Calls made to live the histories.
        unforked: Calls it would have taken to live one for each trial.
    """

    histories: int
    trials: int
    calls: int
    unforked: int

    @property
    def said(self) -> str:
        """In one sentence; empty if nothing was shared."""
        if self.unforked <= self.calls:
            return ""
        return (
            f"{self.histories:,} histories lived for {self.trials:,} trials:"
            f" {self.calls:,} interaction calls instead of {self.unforked:,}"
        )


def forking(store: StoreView) -> Forking:
    """Return what sharing histories saved a run so far, counted in its journal.

    Raises:
        StoreError: If the store is torn.
    """
    counts = [int(str(count or 0)) for count in store.query(_SHARED)[0]]
    return Forking(**dict(zip(Forking.model_fields, counts, strict=True)))


def cost_of_history(store: StoreView) -> float | None:
    """Return what a history took, in trials, by the calls of each; None if nothing was lived.

    Args:
        store: The store of a run.
    """
    lived, jobs, histories, trials = (int(str(n or 0)) for n in store.query(_TAKEN)[0])
    if not (lived and jobs and histories and trials):
        return None
    return (lived / histories) / (jobs / trials)
