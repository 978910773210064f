"""Judged rates on the terminal, as judged and corrected for what labels show of the judges."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from peersim.analysis.arms import arm_label
from peersim.analysis.corrected import JudgedDifference, JudgedRate, judged_differences
from peersim.analysis.judged import Panel
from peersim.stats.intervals import Interval
from peersim.study.contrast import Contrast

NO_LABELS = (
    "  not corrected: there are no labels of this run's own trials, and those of another scenario"
    " or mix of arms would correct for other errors (peersim judge --labels FILE)"
)


def print_corrected(panel: Panel, contrasts: Sequence[Contrast], console: Console) -> None:
    """Print the rate of each judged event by arm, and the declared contrasts of two arms.

    Args:
        panel: What was judged by one rubric.
        contrasts: The declared ones.
        console: Where to print.
    """
    console.print("\n  judged rates, each arm by its own labels")
    for one in panel.rates:
        if one.judged:
            console.print(f"  {escape(_rate(one))}", soft_wrap=True)
    for gap in judged_differences(contrasts, panel.rates):
        console.print(f"  {escape(_difference(gap))}", soft_wrap=True)
    if panel.strange:
        console.print(f"  {panel.strange} labels are of other trials, and not used")
    if not panel.labelled:
        console.print(NO_LABELS, soft_wrap=True)


def _rate(one: JudgedRate) -> str:
    head = f"{one.question} {one.event}, {arm_label(one.arm) or 'all'}: "
    said = f"{head}{one.count}/{one.judged} = {one.rate:.3f}{_limits(one.interval)} as judged"
    if (found := one.corrected) is None:
        return f"{said}; not corrected: {one.why}"
    return (
        f"{said}; corrected {found.rate:.3f}{_limits(found.interval)} (sensitivity"
        f" {found.sensitivity:.3f}, specificity {found.specificity:.3f}, {found.labels} labels;"
        f" {found.interval.method})"
    )


def _difference(one: JudgedDifference) -> str:
    head = f"{one.id}, {one.question} {one.event}: "
    said = f"{head}{one.difference:+.3f}{_limits(one.interval)} as judged"
    if one.corrected is None:
        return f"{said}; not corrected: {one.why}"
    return f"{said}; corrected {one.corrected:+.3f}{_limits(one.limits)}"


def _limits(found: Interval | None) -> str:
    return "" if found is None else f" ({found.low:.3f} to {found.high:.3f})"
