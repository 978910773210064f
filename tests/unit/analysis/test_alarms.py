"""Losses that differ between arms ring, and so does time; what is even does not."""

from collections.abc import Callable

import numpy as np
import pytest

from peersim.analysis.alarms import drift, losses
from peersim.analysis.grouped import Grouped
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
PAST = Contrast(id="past", a=A, b=B)
SCOPES = {"past": "history"}


def lossy(rng: np.random.Generator, rate: float) -> list[list[float | str]]:
    return [["provider" if rng.random() < rate else 1.0 for _ in range(4)] for _ in range(40)]


@pytest.mark.parametrize(
    ("rates", "least", "most"), [((0.02, 0.15), 0.85, 1), ((0.1, 0.1), 0, 0.12)]
)
def test_losses_that_differ_between_arms_ring(
    arm_rows: Maker, rates: tuple[float, float], least: float, most: float
) -> None:
    rng, rung = np.random.default_rng(2), 0
    for _ in range(60):
        rows = [*arm_rows(A, lossy(rng, rates[0])), *arm_rows(B, lossy(rng, rates[1]), first=100)]
        invalid, incomplete = losses(PAST, SCOPES, Grouped(rows))
        rung += invalid.raised
        assert (invalid.check, incomplete.check) == ("invalid", "incomplete")
        assert not incomplete.raised

    assert least <= rung / 60 <= most


def test_forked_arms_are_paired(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [[1, "x"]] * 15 + [[1, 1]] * 5), *arm_rows(B, [[1, 1]] * 20)]
    (invalid, _) = losses(PAST, {"past": "oversight"}, Grouped(rows))

    assert invalid.method.startswith("paired t")
    assert invalid.estimate == pytest.approx(0.375)
    assert invalid.raised


def test_a_step_in_time_rings_and_constancy_does_not(arm_rows: Maker) -> None:
    def at(step: float) -> list[TrialRow]:
        rng = np.random.default_rng(7)
        made = []
        for arm, first in ((A, 0), (B, 100)):
            values = [
                [float(rng.random() < (0.3 + step * (h >= 20))) for _ in range(4)]
                for h in range(40)
            ]
            made += [
                row.model_copy(update={"block": int(row.history_id[1:]) - first})
                for row in arm_rows(arm, values, first=first)
            ]
        return made

    assert drift("protected", Grouped(at(0.4))).raised
    assert not drift("protected", Grouped(at(0))).raised
    assert drift("protected", Grouped(arm_rows(A, [[1], [0]] * 10))) is None
