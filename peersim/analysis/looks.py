"""When outcomes by arm may be seen, and what a look costs."""

from collections.abc import Collection, Sequence

from scipy.optimize import brentq

from peersim.analysis.trials import Trials, trials_of
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.looks import adjusted_p, boundaries, spending
from peersim.study.contrast import Alternative
from peersim.study.protocol import Protocol

WHOLE = 1 - 1e-9
LEAST, MOST = 1e-8, 0.5
"""Between these the alpha that a look has for itself grows with that of the study."""


class Look(Frozen):
    """A look at outcomes by arm.

    Attributes:
        shares: The shares of the histories at this look and those before it, rising.
        of: How many looks the plan has.
        declared: Whether the plan has it; one that it has not is a deviation, and is charged for.
        early: How many of the looks before it no plan had.
    """

    shares: tuple[float, ...]
    of: int
    declared: bool = True
    early: int = 0

    @property
    def share(self) -> float:
        """The share of the histories that it rests on: the information fraction."""
        return self.shares[-1]

    @property
    def charged(self) -> bool:
        """Whether p and intervals are adjusted for it: a single look at everything is free."""
        return len(self.shares) > 1 or self.share < WHOLE

    @property
    def text(self) -> str:
        """The look in words."""
        plan = (
            f"look {len(self.shares) - self.early} of {self.of}"
            if self.declared
            else "a look that no plan has"
        )
        plural = "look" if self.early == 1 else "looks"
        after = f", after {self.early} early {plural}" if self.early else ""
        return f"{plan}, at {self.share:.0%} of the histories{after}"

    def after(self, early: Sequence[float]) -> "Look":
        """Return the look as one that pays for the early ones before it as well.

        Args:
            early: The shares at which somebody looked although no look was due.
        """
        before = {share for share in early if share < self.share - 1e-6} - {*self.shares}
        shares = tuple(sorted({*self.shares, *before}))
        return self.model_copy(update={"shares": shares, "early": len(before)})

    def p(self, p: float, alternative: Alternative) -> float:
        """Return the p that allows for the looks: the smallest alpha whose bound it meets here.

        Args:
            p: At this look, for the alternative.
            alternative: Whether p is of one side or of two.
        """
        if not self.charged:
            return p
        sides = 2 if alternative == "two_sided" else 1
        double = min(1.0, p * 2 / sides)
        before = [1.0] * (len(self.shares) - 1)
        found = adjusted_p([*before, double], self.shares)
        return max(p, found * sides / 2)

    def level(self, alpha: float) -> float:
        """Return the level of an interval that holds over all looks together at 1 - alpha.

        Args:
            alpha: Over all looks together, of both sides.
        """
        return (
            boundaries(self.shares, alpha).level(len(self.shares) - 1)
            if self.charged
            else 1 - alpha
        )

    def own(self, alpha: float) -> float:
        """Return the alpha that was not spent before this look: a test that keeps it is free.

        Of whatever statistic, where boundaries are those of a single one with its own increments.

        Args:
            alpha: Over all looks together.
        """
        if not self.charged:
            return alpha
        before = spending(self.shares[-2], alpha) if len(self.shares) > 1 else 0.0
        return spending(self.share, alpha) - before

    def p_of_any(self, p: float) -> float:
        """Return the smallest alpha of which this look has p for itself; 1 where that is over half.

        Args:
            p: At this look, of whatever statistic.
        """
        if not self.charged:
            return p
        if p > self.own(MOST):
            return 1.0
        if p <= self.own(LEAST):
            return LEAST
        return float(brentq(lambda alpha: self.own(alpha) - p, LEAST, MOST, xtol=1e-10))

    def bound(self, alpha: float) -> float:
        """Return the two-sided p that a single contrast must not exceed at this look."""
        return 1 - self.level(alpha)


class NotYet(Frozen):
    """No look is due.

    Attributes:
        share: Of the histories that are finished.
        due: The share at which the next look is.
    """

    share: float
    due: float

    @property
    def text(self) -> str:
        """Why nothing by arm is shown."""
        return (
            f"{self.share:.0%} of the histories are finished, and the plan looks at outcomes by "
            f"arm at {self.due:.0%}"
        )


def may_look(protocol: Protocol, done: int, planned: int) -> Look | NotYet:
    """Return the last look that is due, or what has still to be waited for.

    A protocol that declares no contrast has nothing to protect: everything may be seen.

    Args:
        protocol: What was declared.
        done: Histories finished, in all of their trials.
        planned: Histories planned.
    """
    share = done / planned if planned else 1.0
    if not protocol.contrasts:
        return Look(shares=(1.0,), of=1)
    reached = tuple(look for look in protocol.looks if look <= share + 1e-9)
    if reached:
        return Look(shares=reached, of=len(protocol.looks))
    return NotYet(share=share, due=protocol.looks[0])


def final_look(protocol: Protocol) -> Look:
    """Return the look at everything, which pays for those before it."""
    return Look(shares=protocol.looks, of=len(protocol.looks))


def unplanned(protocol: Protocol, done: int, planned: int) -> Look:
    """Return a look now, whatever the plan says; spending by shares knows what it costs.

    Args:
        protocol: What was declared.
        done: Histories finished.
        planned: Histories planned.
    """
    share = min(1.0, max(done, 1) / max(planned, 1))
    before = tuple(look for look in protocol.looks if look < share - 1e-9)
    return Look(shares=(*before, share), of=len(protocol.looks), declared=share in protocol.looks)


def rows_at(
    look: Look, rows: Sequence[TrialRow], complete: Sequence[Collection[int]], planned: int
) -> Trials:
    """Return the trials that a look rests on: of the histories that were finished first.

    Args:
        look: The look.
        rows: All finished trials.
        complete: The run blocks of each history that all arms have finished, in run order.
        planned: Histories planned in each arm.
    """
    if look.share >= WHOLE:
        return trials_of(rows)
    kept = {block for blocks in complete[: round(look.share * planned)] for block in blocks}
    return Trials(row for row in rows if row.block in kept)
