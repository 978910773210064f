"""The report's tables: texts in rows, each with its CSV."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from peersim.analysis.arms import arm_label
from peersim.analysis.composition import DISPOSITIONS, ArmComposition, composition
from peersim.analysis.pairs import ContrastLine
from peersim.analysis.rates import ArmRate, mean_table, rates
from peersim.analysis.trials import Trials, trials_of
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow

RATES = ("protected", "covert", "survived", "refused", "escalated", "overreached", "incomplete")
# A cell of more characters is read as a sentence.
SENTENCE = 48
_NUMBER = r"[<>+-]?\$?\d[\d,]*(?:\.\d+)?(?: ?%)?"
# A number, a share of a whole, or an interval.
_NUMBERS = re.compile(rf"{_NUMBER}(?:(?:/| to ){_NUMBER})?")


class Table(Frozen):
    """A table as shown.

    Attributes:
        slug: Its name in links and file names.
        note: What must be read with it.
        folded: Whether it is closed until a reader opens it, however short.
    """

    slug: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    folded: bool = False

    @cached_property
    def wordy(self) -> bool:
        """Whether it holds sentences, for which a phone has no columns."""
        # What a row is of may be long: it stays beside its numbers.
        return any(len(cell) > SENTENCE for row in self.rows for cell in row[1:])

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers alone, and so are read from the right; never the first."""
        own = [
            [row[place] for row in self.rows if row[place]] for place in range(len(self.columns))
        ]
        found = [bool(cells) and all(map(_NUMBERS.fullmatch, cells)) for cells in own]
        return tuple(place > 0 and one for place, one in enumerate(found))

    @property
    def csv(self) -> str:
        """The table as CSV text."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([self.columns, *self.rows])
        return out.getvalue()


def number(value: float | None, digits: int = 3) -> str:
    """Write a number; what is not known stays blank."""
    return "" if value is None else f"{value:.{digits}f}"


def between(low: float | None, high: float | None, digits: int = 3) -> str:
    """Write an interval, blank if there is none."""
    if low is None or high is None:
        return ""
    return f"{low:.{digits}f} to {high:.{digits}f}"


def p_value(value: float | None) -> str:
    """Write a p-value as readers expect it."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def lost(invalid: dict[str, int]) -> str:
    """Write invalid counts by origin."""
    return ", ".join(f"{count} {origin}" for origin, count in invalid.items()) or "0"


Measured = Mapping[str, Sequence[ArmRate]]
"""The rates of each headline event, arms in the same order."""


def measured(rows: Sequence[TrialRow]) -> dict[str, list[ArmRate]]:
    """Return the rates of all headline events by arm."""
    return {measure: rates(rows, measure) for measure in RATES}


def headline_table(found: Measured) -> Table:
    """Return one row an arm: protection with its interval, and beside it what else happened."""
    beside = ("covert", "survived", "refused", "overreached")
    lines = []
    for place, arm in enumerate(found["protected"]):
        others = (number(found[name][place].rate) for name in beside)
        cells = (arm_label(arm.arm), str(arm.n), lost(arm.invalid), number(arm.rate))
        lines.append((*cells, between(arm.low, arm.high), *others))
    return Table(
        slug="headline",
        title="Rates by arm",
        columns=("arm", "trials", "invalid", "protected", "95 % interval", *beside),
        rows=tuple(lines),
        note="The denominator is every valid trial; a provider's block is one of them. Who refuses"
        " the job cannot tamper with it, so refusals stand beside protection.",
    )


def rates_table(found: Measured) -> Table:
    """Return the rates of the headline events by arm, with their intervals and bounds."""
    lines = tuple(
        (
            arm.measure,
            arm_label(arm.arm),
            str(arm.n),
            str(arm.valid),
            lost(arm.invalid),
            str(arm.count),
            number(arm.rate),
            between(arm.low, arm.high),
            between(*arm.bounds) if arm.bounds else "",
            f"{arm.method}, {arm.units} units",
        )
        for arms in found.values()
        for arm in arms
    )
    columns = ("measure", "arm", "trials", "valid", "invalid", "count", "rate", "95 % interval")
    return Table(
        slug="rates",
        title="All events by arm",
        columns=(*columns, "if invalid were all 0, all 1", "method"),
        rows=lines,
    )


def composition_table(rows: Sequence[TrialRow]) -> Table:
    """Return what became of each arm's valid trials."""
    arms = composition(rows)
    return Table(
        slug="composition",
        title="What became of the valid trials",
        columns=("arm", "valid", *(name.replace("_", " ") for name in DISPOSITIONS), "method"),
        rows=tuple(
            (
                arm_label(arm.arm),
                str(arm.valid),
                *(_shared(arm, name) for name in DISPOSITIONS),
                _ways(arm),
            )
            for arm in arms
        ),
        note="Each valid trial has exactly one disposition, so a row sums to 100 %. Behind a share"
        " stand its limits, which hold at 95 % for all seven of an arm together.",
    )


def _shared(arm: ArmComposition, name: str) -> str:
    """Write a disposition's count, share and limits."""
    if arm.percent is None:
        return "0"
    limits = arm.intervals[name]
    between_them = f"{100 * limits.low:.1f} to {100 * limits.high:.1f}"
    return f"{arm.counts[name]} ({arm.percent[name]:.1f} %; {between_them})"


def _ways(arm: ArmComposition) -> str:
    """Write how the limits were got: of frequent classes, and of rare ones."""
    ways = dict.fromkeys(limits.method for limits in arm.intervals.values())
    units = {limits.units for limits in arm.intervals.values()}
    return f"{' or '.join(ways)}; {max(units)} units" if ways else ""


# What a scenario's score is called, and what it says, in its unit.
SCORE_TITLES = {
    "signed_error": "Reported score minus true score, in points",
    "grade_shift": "Grade given minus grade by the rubric, in steps",
    "selectivity": "What the target got beyond what its like got, as a share or in steps",
}


def scores_in(rows: Sequence[TrialRow]) -> tuple[str, ...]:
    """Return the scenarios' scores that any trial has a value of."""
    found = trials_of(rows)
    # Not by a column, which leaves out what the invalid ones have.
    return tuple(
        name
        for name in SCORE_TITLES
        if name in found.measures and any(row.values.get(name) is not None for row in found)
    )


def with_score(rows: Sequence[TrialRow], measure: str) -> Trials:
    """Return the trials of the arms whose scenario has a score."""
    found = trials_of(rows)
    own = [of for _, of in found.arms if measure in of.measures]
    if len(own) == len(found.arms):
        return found
    kept = {id(row) for of in own for row in of}
    return Trials(row for row in found if id(row) in kept)


def means_table(rows: Sequence[TrialRow], measure: str = "signed_error") -> Table:
    """Return the mean of a scenario's score by arm."""
    lines = tuple(
        (
            arm_label(arm.arm),
            str(arm.n),
            str(arm.valid),
            str(arm.absent),
            number(arm.mean, 2),
            between(arm.low, arm.high, 2),
            f"{arm.method}, {arm.units} units",
        )
        for arm in mean_table(with_score(rows, measure), measure, kind="score")
    )
    return Table(
        slug=measure.replace("_", "-"),
        title=SCORE_TITLES[measure],
        columns=("arm", "trials", "with a report", "without", "mean", "95 % interval", "method"),
        rows=lines,
        note="Trials without a report have no error, which is not an error of zero.",
    )


def contrasts_table(lines: Sequence[ContrastLine], slug: str, title: str) -> Table:
    """Return contrasts; one that was refused shows the reason in place of numbers."""
    return Table(
        slug=slug,
        title=title,
        columns=(
            "factor",
            "first arm",
            "second arm",
            "difference",
            "95 % interval",
            "p",
            "p (Holm)",
            "method",
            "histories",
            "notes",
        ),
        rows=tuple(_contrast(line) for line in lines),
        note="First arm minus second. Exploratory: none of these was declared before the run."
        " Whether arms are compared within or between histories follows from the histories they"
        " share.",
    )


def _contrast(line: ContrastLine) -> tuple[str, ...]:
    head = (", ".join(line.factors), arm_label(line.a), arm_label(line.b))
    found = line.estimate
    if found is None:
        return (*head, "", "", "", "", "refused", "", line.refusal or "")
    return (
        *head,
        f"{found.difference:+.3f}",
        between(found.low, found.high),
        p_value(found.p),
        p_value(line.p_holm),
        f"{found.method}; {found.level} histories"
        + (f"; df {found.df:.1f}" if found.df is not None else ""),
        f"{found.histories[0]} v {found.histories[1]}",
        "; ".join(found.notes),
    )
