"""Rows for the analysis tests."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from peersim.analysis.arms import Arm, arm_label
from peersim.readings.rows import TrialRow

Outcome = float | str | None
"""A value, the origin of a failure, or None for a valid trial without a value."""


class ArmRows(Protocol):
    def __call__(
        self,
        arm: Arm,
        histories: Sequence[Sequence[Outcome]],
        *,
        first: int | None = ...,
        measure: str = ...,
        models: tuple[str, ...] = ...,
    ) -> list[TrialRow]: ...


@pytest.fixture(scope="session")
def arm_rows() -> ArmRows:
    """Makes the rows of one arm from the outcomes of each of its histories."""

    def make(
        arm: Arm,
        histories: Sequence[Sequence[Outcome]],
        *,
        first: int | None = 0,
        measure: str = "protected",
        models: tuple[str, ...] = ("simulated/a",),
    ) -> list[TrialRow]:
        return [
            TrialRow(
                trial_id=f"{arm_label(arm)}/{h}/{t}",
                arm=arm,
                history_id=None if first is None else f"h{first + h:03d}",
                surface="s0",
                block=0,
                invalid=outcome if isinstance(outcome, str) else None,
                values={} if isinstance(outcome, str) else {measure: outcome},
                models=models,
                simulated=True,
            )
            for h, outcomes in enumerate(histories)
            for t, outcome in enumerate(outcomes)
        ]

    return make
