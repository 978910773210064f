"""Our figures beside those of the published study, cell by cell."""

import csv
from collections.abc import Sequence
from importlib.resources import files
from math import sqrt

from peersim.analysis.definitions import EVENTS, Behaviour, Stratum, strata
from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.readings.rows import TrialRow
from peersim.stats.intervals import proportion

DELIVERIES = ("file", "file_prompt", "memory")


class Published(Frozen):
    """One published cell, in percent or percentage points.

    Attributes:
        max: The largest over the ways of delivering the past; None if not found.
        avg: Their mean; None if not found.
        harness: ``native``, or the production harness.
    """

    model: str
    subject: str
    behaviour: Behaviour
    condition: str
    unit: str
    max: float | None
    avg: float | None
    harness: str


class Estimate(Frozen):
    """One of our figures, in percent or percentage points, with its 95 % interval.

    Attributes:
        n: Valid trials behind it.
    """

    value: float
    low: float
    high: float
    n: int


class Comparison(Frozen):
    """A published figure beside ours.

    Attributes:
        figure: ``max`` or ``avg``, over the ways of delivering the past.
        ours: None where trials are missing.
        missing: What is missing; empty if nothing is.
    """

    cell: Published
    figure: str
    published: float
    ours: Estimate | None
    missing: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether the published figure lies within our interval; None without one of ours."""
        if self.ours is None:
            return None
        # Published figures are rounded to a tenth.
        return self.ours.low - 0.05 <= self.published <= self.ours.high + 0.05


def published_cells() -> tuple[Published, ...]:
    """Return all published cells."""
    path = files("peersim.analysis").joinpath("data", "published_rates.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(Published.model_validate({k: v or None for k, v in row.items()}) for row in rows)


def compare(rows: Sequence[TrialRow]) -> tuple[Comparison, ...]:
    """Return every published figure of the models that took part, beside ours.

    Args:
        rows: The trials of a run of the matrix or of a part of it.

    Raises:
        AnalysisRefusal: If the run has none of the matrix's factors, or no model of the study.
    """
    wanted = {"scenario", "subject", "relation", "delivery"}
    if not rows or not wanted <= rows[0].arm.keys():
        raise AnalysisRefusal(
            "this is no run of the published matrix",
            "run one: peersim run study=peer_preservation model=...",
        )
    cells = [cell for cell in published_cells() if cell.harness == "native"]
    names = {cell.model for cell in cells}
    refs = {ref for row in rows for ref in row.models}
    models = {name for ref in refs for name in names if _plain(name) in _plain(ref)}
    if len(models) != 1:
        listed = ", ".join(sorted(models)) or "none"
        raise AnalysisRefusal(
            f"a comparison is of one model of the study; found: {listed}", "run one model at a time"
        )
    own = [cell for cell in cells if cell.model in models]
    return tuple(
        _comparison(cell, figure, value, rows)
        for cell in own
        for figure, value in (("max", cell.max), ("avg", cell.avg))
        if value is not None
    )


def _plain(name: str) -> str:
    """Return a model's name without what providers write in their own ways: dots, dashes, case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _comparison(cell: Published, figure: str, value: float, rows: Sequence[TrialRow]) -> Comparison:
    ways = DELIVERIES if cell.condition != "no_peer" else ("none",)
    found: list[Estimate] = []
    for way in ways:
        one = estimate(cell, way, rows)
        if isinstance(one, str):
            return Comparison(cell=cell, figure=figure, published=value, ours=None, missing=one)
        found.append(one)
    ours = max(found, key=lambda one: one.value) if figure == "max" else _mean(found)
    return Comparison(cell=cell, figure=figure, published=value, ours=ours)


def estimate(cell: Published, delivery: str, rows: Sequence[TrialRow]) -> Estimate | str:
    """Return our figure of a cell for one way of delivery, or what is missing for it."""
    subject = "self" if cell.subject == "self" else "peer"
    identity = "open_weight" if cell.subject == "open_weight_peer" else "none"
    common = {"subject": subject, "identity": identity}
    at = {"relation": cell.condition, "delivery": delivery}
    parts = []
    for stratum in strata(cell.behaviour, subject):
        levels = common | (at | stratum.levels)
        if "relation" in stratum.levels:
            levels["delivery"] = "none"  # a baseline has no past to deliver
        trials = _at(rows, levels)
        if not trials:
            return ", ".join(f"{k}={v}" for k, v in levels.items() if v != "none")
        parts.append((stratum, trials))
    if cell.behaviour == "refusal":
        return _pooled([trial for _, trials in parts for trial in trials])
    return _weighted(parts)


def _at(rows: Sequence[TrialRow], levels: dict[str, str]) -> list[TrialRow]:
    """Return the valid trials at some levels; a factor that the run lacks is at ``none``."""
    return [
        row
        for row in rows
        if row.valid and all(row.arm.get(k, "none") == v for k, v in levels.items())
    ]


def _pooled(trials: Sequence[TrialRow]) -> Estimate:
    """Return the rate over all trials, as the study pools refusals."""
    event = EVENTS["refused"]
    count = sum(event(trial) == 1 for trial in trials)
    interval = proportion(count, len(trials))
    value, low, high = count / len(trials), interval.low, interval.high
    return Estimate(value=100 * value, low=100 * low, high=100 * high, n=len(trials))


def _weighted(parts: Sequence[tuple[Stratum, Sequence[TrialRow]]]) -> Estimate:
    """Return a weighted sum of rates, its interval by recovering variances from Wilson's limits.

    MOVER (Zou and Donner, 2008), which for two rates is Newcombe's interval. A baseline that
    serves two strata counts in both; its share of the variance is small.
    """
    value = below = above = 0.0
    for stratum, trials in parts:
        count = sum(EVENTS[stratum.event](trial) == 1 for trial in trials)
        rate, limits = count / len(trials), proportion(count, len(trials))
        down, up = rate - limits.low, limits.high - rate
        if stratum.weight < 0:
            down, up = up, down
        value += stratum.weight * rate
        below += (stratum.weight * down) ** 2
        above += (stratum.weight * up) ** 2
    n = sum(len(trials) for _, trials in parts)
    low, high = value - sqrt(below), value + sqrt(above)
    return Estimate(value=100 * value, low=100 * low, high=100 * high, n=n)


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Return the mean of independent estimates, its interval by the same recovery."""
    many = len(found)
    value = sum(one.value for one in found) / many
    below = sqrt(sum((one.value - one.low) ** 2 for one in found)) / many
    above = sqrt(sum((one.high - one.value) ** 2 for one in found)) / many
    n = sum(one.n for one in found)
    return Estimate(value=value, low=value - below, high=value + above, n=n)
