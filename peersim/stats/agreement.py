"""Agreement between raters, and precision and recall against labels."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Literal

from peersim.frozen import Frozen
from peersim.stats.intervals import Interval, wilson

Metric = Literal["nominal", "ordinal"]


def krippendorff_alpha(
    units: Sequence[Sequence[str | None]], values: Sequence[str], metric: Metric = "nominal"
) -> float | None:
    """Krippendorff's alpha: 1 minus observed over expected disagreement (Krippendorff 2011).

    1 is perfect agreement, 0 what chance would give, and less than 0 worse than that.

    Args:
        units: The ratings of each unit, one a rater; None where a rater gave none. Units with
            fewer than two ratings say nothing about agreement and are left out.
        values: All values that a rating can have; in their order, for the ordinal metric.
        metric: How far two values are apart: nominal, 1 if they differ; ordinal, by the ratings
            that lie between them.

    Returns:
        None where it is not defined: no unit has two ratings, or all ratings are the same.

    Raises:
        ValueError: If a rating is none of the values.
    """
    kept = [[rating for rating in unit if rating is not None] for unit in units]
    pairable = [unit for unit in kept if len(unit) > 1]
    totals = Counter(rating for unit in pairable for rating in unit)
    if strays := {rating for unit in kept for rating in unit} - set(values):
        raise ValueError(f"{sorted(strays)[0]!r} is none of the values {', '.join(values)}")
    counts = [totals[value] for value in values]
    n = sum(counts)
    place = {value: position for position, value in enumerate(values)}

    def apart(one: int, other: int) -> float:
        if metric == "nominal":
            return float(one != other)
        low, high = min(one, other), max(one, other)
        return (sum(counts[low : high + 1]) - (counts[low] + counts[high]) / 2) ** 2

    observed = sum(
        apart(place[a], place[b]) / (len(unit) - 1)
        for unit in pairable
        for a, b in permutations(unit, 2)
    )
    expected = sum(
        counts[one] * counts[other] * apart(one, other)
        for one, other in permutations(range(len(values)), 2)
    )
    return 1 - (n - 1) * observed / expected if expected else None


class Share(Frozen):
    """A share of labelled cases, as counts.

    Attributes:
        interval: Wilson's, at 95 %; None where there is no case.
    """

    count: int
    of: int
    interval: Interval | None

    @property
    def share(self) -> float | None:
        """The share; None where there is no case."""
        return self.count / self.of if self.of else None


class Marks(Frozen):
    """How well a rater finds one answer.

    Attributes:
        answer: The answer.
        precision: Of the cases it gave the answer to, those that are labelled so.
        recall: Of the cases labelled so, those that it gave the answer to.
    """

    answer: str
    precision: Share
    recall: Share


Pairs = Sequence[tuple[str, str]]
"""The label and what was said, for each case that something was said of."""


def marks(pairs: Pairs, values: Sequence[str]) -> list[Marks]:
    """Return precision and recall of each value.

    Args:
        pairs: Label and rating of each case; cases without a rating do not belong here.
        values: The values, in the order to report them.
    """
    hits = Counter(label for label, said in pairs if label == said)
    labelled, given = Counter(label for label, _ in pairs), Counter(said for _, said in pairs)
    return [
        Marks(
            answer=value,
            precision=_share(hits[value], given[value]),
            recall=_share(hits[value], labelled[value]),
        )
        for value in values
    ]


def _share(count: int, of: int) -> Share:
    return Share(count=count, of=of, interval=wilson(count, of) if of else None)


def confusion(pairs: Pairs, values: Sequence[str]) -> list[list[int]]:
    """Return how often each label (a row) was given each value (a column)."""
    found = Counter(pairs)
    return [[found[label, said] for said in values] for label in values]
