"""Losses that differ between arms ring, and so does time; what is even does not."""

from collections.abc import Callable

import numpy as np
import pytest

from peersim.analysis.alarms import drift, losses, resumed
from peersim.analysis.declared import Finding
from peersim.analysis.family import findings
from peersim.analysis.grouped import Grouped
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
PAST = Contrast(id="past", a=A, b=B)
SCOPES = {"past": "history"}


def lossy(rng: np.random.Generator, rate: float) -> list[list[float | str]]:
    return [["provider" if rng.random() < rate else 1.0 for _ in range(4)] for _ in range(40)]


@pytest.mark.few(1)
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


def cell(past: str, whom: str) -> dict[str, str]:
    return {"past": past, "whom": whom}


DID = Contrast(
    id="did",
    a=cell("good", "peer"),
    b=cell("good", "other"),
    c=cell("bad", "peer"),
    d=cell("bad", "other"),
)


@pytest.mark.parametrize("swapped", [False, True])
def test_losses_in_one_cell_of_four_ring_wherever_it_stands(arm_rows: Maker, swapped: bool) -> None:
    rows = []
    for place, one in enumerate((DID.a, DID.b, DID.c, DID.d)):
        lossy_one = one == DID.d
        values = [[1, "provider" if lossy_one and h % 2 else 1] for h in range(20)]
        rows += arm_rows(one, values, first=100 * (place // 2))
    contrast = DID
    if swapped:  # The factor between histories is then that of a - b.
        contrast = Contrast(id="did", a=DID.a, b=DID.c, c=DID.b, d=DID.d)
    found = losses(contrast, {"past": "history", "whom": "oversight"}, Grouped(rows))
    invalid = {one.of: one for one in found if one.check == "invalid"}

    assert [*invalid] == ["did (a - b)", "did (c - d)", "did ((a - b) - (c - d))"]
    quiet, pair, whole = invalid.values()
    assert not quiet.raised
    assert pair.raised
    assert pair.estimate == pytest.approx(-0.25)
    assert whole.raised
    assert whole.estimate == pytest.approx(0.25)


def test_a_side_that_lost_everything_rings(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [["x", "x"]] * 20), *arm_rows(B, [[1, 1]] * 20, first=100)]
    (invalid, _) = losses(PAST, SCOPES, Grouped(rows))

    assert invalid.estimate == 1
    assert invalid.low > 0.5
    assert invalid.raised


@pytest.mark.parametrize("forked", [True, False])
def test_losses_that_grow_with_the_dose_ring(arm_rows: Maker, forked: bool) -> None:
    def made(shares: list[int]) -> tuple[bool, float]:
        rows = []
        for dose, share in enumerate(shares):
            values = [["x" if h % 10 < share else 1, 1] for h in range(40)]
            rows += arm_rows({"dose": str(dose)}, values, first=0 if forked else 100 * dose)
        one = Contrast(id="slope", dose="dose")
        scope = "oversight" if forked else "history"
        (invalid, incomplete) = losses(one, {"dose": scope}, Grouped(rows))
        assert not incomplete.raised
        return invalid.raised, invalid.estimate

    assert made([0, 2, 4, 6]) == (True, pytest.approx(0.1))
    assert made([3, 3, 3, 3]) == (False, pytest.approx(0))


def test_an_arm_that_changed_when_the_study_was_resumed_rings(arm_rows: Maker) -> None:
    def at(steps: tuple[float, float]) -> list[TrialRow]:
        rng, made = np.random.default_rng(3), []
        for (arm, first), step in zip(((A, 0), (B, 100)), steps, strict=True):
            rates = [0.4 + step * (h >= 20) for h in range(40)]
            values = [[float(rng.random() < rate) for _ in range(4)] for rate in rates]
            made += [
                row.model_copy(update={"session": 2 + (int(row.history_id[1:]) - first >= 20)})
                for row in arm_rows(arm, values, first=first)
            ]
        return made

    rung = resumed("protected", Grouped(at((0.5, 0))))
    assert rung.raised
    assert (rung.check, abs(rung.estimate)) == ("resumed", pytest.approx(0.5, abs=0.2))
    # What changed in both alike is time, and no business of theirs.
    assert not resumed("protected", Grouped(at((0.4, 0.4)))).raised
    unknown = [row.model_copy(update={"session": None}) for row in at((0.5, 0))]
    assert resumed("protected", Grouped(unknown)) is None


def declined(rng: np.random.Generator, chance: float) -> list[list[float | None]]:
    """Scores without any effect, of which a share of those below 0 is declined instead."""
    scores = rng.normal(0, 5, (40, 4))
    gone = (scores < 0) & (rng.random(scores.shape) < chance)
    return [
        [None if off else float(v) for v, off in zip(*of, strict=True)]
        for of in zip(scores, gone, strict=True)
    ]


SCORE = Contrast(id="score", a=A, b=B, outcome="signed_error", scale="mean_diff")


def test_scores_that_one_side_declines_ring(arm_rows: Maker) -> None:
    rng = np.random.default_rng(0)
    rows = [
        *arm_rows(A, declined(rng, 0.7), measure="signed_error"),
        *arm_rows(B, declined(rng, 0.0), first=100, measure="signed_error"),
    ]
    found = {one.check: one for one in losses(SCORE, SCOPES, Grouped(rows))}

    assert found["without a value"].raised
    assert found["without a value"].estimate == pytest.approx(0.35, abs=0.1)
    assert not found["invalid"].raised


def test_a_contrast_under_selection_says_so_and_is_bounded(arm_rows: Maker) -> None:
    rng = np.random.default_rng(0)
    rows = [
        *arm_rows(A, declined(rng, 0.7), measure="signed_error"),
        *arm_rows(B, declined(rng, 0.0), first=100, measure="signed_error"),
    ]
    (found,) = findings(Protocol(factors=SCOPES, contrasts=(SCORE,)), rows)

    assert isinstance(found, Finding)
    assert found.p < 0.05
    assert "CAUTION: the sides differ in which valid trials have a signed_error" in found.verdict
    assert found.notes[0].startswith("CAUTION")
    lee = found.sensitivity[0]
    assert lee.method.startswith("Lee bounds")
    assert lee.low is not None
    assert lee.high is not None
    assert lee.low < 0 < lee.high


@pytest.mark.parametrize("shape", ["did", "trend"])
def test_selection_is_said_of_every_shape(arm_rows: Maker, shape: str) -> None:
    rng, rows = np.random.default_rng(0), []
    for place, chance in enumerate((0.9, 0.0, 0.0, 0.0)):
        made = declined(rng, chance)
        rows += arm_rows({"dose": str(place)}, made, first=100 * place, measure="signed_error")
    cells = {side: {"dose": str(place)} for place, side in enumerate("abcd")}
    asked = {"id": "c", "outcome": "signed_error", "scale": "mean_diff"}
    contrast = Contrast.model_validate(asked | (cells if shape == "did" else {"dose": "dose"}))
    (found,) = findings(Protocol(factors={"dose": "history"}, contrasts=(contrast,)), rows)

    assert isinstance(found, Finding), found
    assert found.selection
    assert found.notes[0].startswith("CAUTION")


def test_outcomes_that_all_trials_have_are_not_checked_for_it(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [[1, 0]] * 20), *arm_rows(B, [[0, 0]] * 20, first=100)]

    assert {one.check for one in losses(PAST, SCOPES, Grouped(rows))} == {"invalid", "incomplete"}
