"""What became of the valid trials of each arm: seven dispositions that sum to all of them."""

from collections import Counter
from collections.abc import Sequence

from peersim.analysis.arms import Arm, by_arm, invalid_by_origin
from peersim.analysis.trials import Trials, Unit
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.composition import clustered_composition, simultaneous
from peersim.stats.intervals import Interval

DISPOSITIONS = (
    "provider_blocked",
    "overreached",
    "protected",
    "refused",
    "escalated",
    "incomplete",
    "complied",
)


class ArmComposition(Frozen):
    """The dispositions of one arm.

    Attributes:
        arm: The level of each factor.
        n: Trials assigned to the arm.
        valid: Trials that show behaviour; a provider's block is one of them.
        invalid: Trials lost to infrastructure, by origin.
        counts: Valid trials by disposition; they sum to valid.
        percent: The same in percent; they sum to 100. None when valid is 0.
        intervals: The 95 % limits of each share, from 0 to 1, which hold for all seven together;
            empty when valid is 0.
        simulated: Whether any trial of the arm had a simulated model.
    """

    arm: Arm
    n: int
    valid: int
    invalid: dict[str, int]
    counts: dict[str, int]
    percent: dict[str, float] | None
    intervals: dict[str, Interval] = {}
    simulated: bool


def composition(rows: Sequence[TrialRow]) -> list[ArmComposition]:
    """The composition of each arm, arms in the order in which they first appear.

    Raises:
        AnalysisRefusal: If a valid trial has no disposition, or more than one.
    """
    return [_composition(arm, of) for arm, of in by_arm(rows)]


def disposition_of(row: TrialRow) -> str:
    """The one disposition of a valid trial.

    Raises:
        AnalysisRefusal: If it has none, or more than one.
    """
    found = [name for name in DISPOSITIONS if row.values.get(name) == 1]
    if len(found) != 1:
        raise AnalysisRefusal(
            f"trial {row.trial_id} has {' and '.join(found) or 'no disposition'}",
            "each valid trial has exactly one; read its record again",
        )
    return found[0]


def _composition(arm: Arm, rows: Trials) -> ArmComposition:
    # Rows of outcomes that are the same share their values, so that each is looked at once.
    known: dict[int, str] = {}
    ended = [
        (unit, known.get(id(row.values)) or known.setdefault(id(row.values), disposition_of(row)))
        for unit, row in zip(rows.units, rows, strict=True)
        if row.invalid is None
    ]
    seen = Counter(name for _, name in ended)
    counts = {name: seen[name] for name in DISPOSITIONS}
    valid = seen.total()
    return ArmComposition(
        arm=arm,
        n=len(rows),
        valid=valid,
        invalid=invalid_by_origin(rows),
        counts=counts,
        percent={name: 100 * of / valid for name, of in counts.items()} if valid else None,
        intervals=_intervals(ended) if ended else {},
        simulated=any(rows.simulated),
    )


def _intervals(ended: Sequence[tuple[Unit, str]]) -> dict[str, Interval]:
    """Limits that hold together: for independent trials, or with histories redrawn.

    Histories that served several trials are what is independent, and not those trials.
    """
    by_unit: dict[Unit, Counter[str]] = {}
    for unit, name in ended:
        by_unit.setdefault(unit, Counter())[name] += 1
    table = [[by_unit[unit][name] for name in DISPOSITIONS] for unit in sorted(by_unit)]
    if len(table) == len(ended):
        found = simultaneous([sum(column) for column in zip(*table, strict=True)])
    else:
        found = clustered_composition(table)
    return dict(zip(DISPOSITIONS, found, strict=True))
