"""What the group was like as the interaction ended, by arm: strengths, reciprocity and triads."""

from collections import Counter
from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.readings.ties import Standing
from peersim.report.opened import Sample
from peersim.report.tables import Table, number

_MEANS = {
    "given_strength": "overseer gave, over all",
    "received_strength": "overseer received, over all",
    "trust_out": "the same given, mean",
    "trust_in": "the target received, mean",
    "reciprocity": "kindness returned",
    "harm_returned": "harm returned",
    "answered": "overseer's answers to kindness against harm",
    "balance": "balanced triads",
}


def relations_table(samples: Sequence[Sample]) -> Table:
    """Return the measures of the group, mean over the histories of each arm."""
    rows = []
    for sample in samples:
        each = {one.history_id: one.standing for one in sample.trials if one.standing}
        found = list(each.values())
        means = (_mean(found, name) for name in _MEANS)
        rows.append((arm_label(sample.arm), str(len(found)), *means, _triads(found)))
    return Table(
        slug="relations",
        title="What was the group like?",
        columns=("arm", "histories", *_MEANS.values(), "signed triads"),
        rows=tuple(rows),
        note="By acts, as the interaction ended, under the Beta reputation. Returned: of what lies"
        " above (or below) neutral on all ties, the share that the opposite tie matches. Answers:"
        " how much kinder the overseer was after kind acts of the target than after unkind ones."
        " Signed triads: overseer and target, overseer and third, target and third, and how many"
        " histories have them: the check of the triads that a study assigned.",
    )


def _mean(found: Sequence[Standing], name: str) -> str:
    values = [value for one in found if (value := getattr(one, name)) is not None]
    return number(sum(values) / len(values)) if values else "none"


def _triads(found: Sequence[Standing]) -> str:
    seen = Counter(triad for one in found for triad in one.triads)
    return ", ".join(f"{triad} {many}" for triad, many in sorted(seen.items())) or "none"
