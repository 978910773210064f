"""Which method fits two arms, given their level, their trials per history and their events."""

from collections.abc import Mapping, Sequence

from peersim.analysis.arms import Kind, Unit, unit_counts, unit_means
from peersim.analysis.refusals import Level
from peersim.stats.intervals import Counts, clustered_difference, few_events, newcombe, pooled
from peersim.stats.tests import Comparison, boschloo, interval_p, paired, welch

Values = Mapping[Unit, Sequence[float]]
"""The values of each independent unit of one arm."""


def compare(a: Values, b: Values, level: Level, kind: Kind) -> Comparison:
    """Compare two arms by the method that fits them.

    Args:
        a: The first arm; within histories, in the same units as b.
        b: The second arm, which is subtracted.
        level: "within" or "between" histories.
        kind: "event" or "score".
    """
    if kind == "score":
        return _means(a, b, level)
    return _forked_events(a, b) if level == "within" else _unforked_events(a, b)


def _means(a: Values, b: Values, level: Level) -> Comparison:
    means_a, means_b = unit_means(a), unit_means(b)
    if level == "within":
        return paired([means_a[unit] - means_b[unit] for unit in means_a])
    return welch(list(means_a.values()), list(means_b.values()))


def _forked_events(a: Values, b: Values) -> Comparison:
    found = _means(a, b, "within")
    if found.low is not None:
        return found
    # An interval of no width would call a rate of 0 of n a certainty. Taking the arms as
    # independent is wider than the pairs deserve, and wide is the safe side.
    limits = clustered_difference(unit_counts(a), unit_counts(b))
    method = f"{limits.method}, arms taken as independent; sign-flip p"
    return found.model_copy(update={"low": limits.low, "high": limits.high, "method": method})


def _unforked_events(a: Values, b: Values) -> Comparison:
    counts = unit_counts(a), unit_counts(b)
    if all(trials == 1 for side in counts for _, trials in side):
        return _single_trials(*counts)
    if any(few_events(side) for side in counts):
        return _rare_events(*counts)
    found = _means(a, b, "between")
    return found if found.low is not None else _rare_events(*counts)


def _single_trials(a: Sequence[Counts], b: Sequence[Counts]) -> Comparison:
    first, second = (sum(c for c, _ in a), len(a)), (sum(c for c, _ in b), len(b))
    limits, (p, test) = newcombe(first, second), boschloo(first, second)
    return Comparison(
        difference=pooled(a) - pooled(b),
        low=limits.low,
        high=limits.high,
        p=p,
        method=f"{limits.method} interval, {test} p",
        df=None,
    )


def _rare_events(a: Sequence[Counts], b: Sequence[Counts]) -> Comparison:
    limits = clustered_difference(a, b)
    return Comparison(
        difference=pooled(a) - pooled(b),
        low=limits.low,
        high=limits.high,
        p=interval_p(lambda level: clustered_difference(a, b, level)),
        method=f"{limits.method}, p of the same interval",
        df=None,
        notes=("few histories with (or without) the event: rates of trials, not of histories",),
    )
