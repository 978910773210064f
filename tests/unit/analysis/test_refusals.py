"""Each contrast that cannot honestly be printed is refused, with what to do."""

from collections.abc import Callable

import pytest

from peersim.analysis.contrasts import estimate
from peersim.analysis.inference import answer
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
SOME = [[1, 0], [0, 0], [1, 1]]


def test_a_missing_arm_is_named(arm_rows: Maker) -> None:
    with pytest.raises(AnalysisRefusal, match=r"arm \(past=bad\) has no trials: run it") as caught:
        estimate(A, B, arm_rows(A, SOME), "protected")
    assert caught.value.fix


def test_an_arm_without_a_valid_trial(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, [["judge"]] * 3)]

    with pytest.raises(AnalysisRefusal, match=r"\(past=bad\) has no valid trial, 3 invalid"):
        estimate(A, B, rows, "protected")


def test_an_arm_without_a_value(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, [[None]] * 3)]

    with pytest.raises(AnalysisRefusal, match=r"\(past=bad\) has no value for protected"):
        estimate(A, B, rows, "protected")


def test_an_arm_against_itself(arm_rows: Maker) -> None:
    with pytest.raises(AnalysisRefusal, match="compared with itself"):
        estimate(A, A, arm_rows(A, SOME), "protected")


def test_histories_that_are_shared_in_part(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, SOME, first=1)]

    with pytest.raises(AnalysisRefusal, match="share 2 of 4 histories"):
        estimate(A, B, rows, "protected")


def test_a_loss_does_not_change_the_level(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, [[1, 0], ["judge", "judge"], [1, 0]])]

    assert estimate(A, B, rows, "protected").level == "within"


def test_forked_arms_that_kept_no_history_in_common(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [[1], ["judge"]]), *arm_rows(B, [["judge"], [1]])]

    with pytest.raises(AnalysisRefusal, match="no history has a value in both"):
        estimate(A, B, rows, "protected")


def test_lived_and_unlived_do_not_mix(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, SOME, first=None)]

    with pytest.raises(AnalysisRefusal, match="some from none"):
        estimate(A, B, rows, "protected")


def test_a_failed_trial_without_a_history_is_no_mix(arm_rows: Maker) -> None:
    lost = arm_rows(A, [["provider"]], first=None)
    rows = [*arm_rows(A, SOME), *lost, *arm_rows(B, SOME)]

    assert estimate(A, B, rows, "protected").invalid == ({"provider": 1}, {})


def test_one_history_is_no_sample(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [[1, 0, 1, 1]]), *arm_rows(B, SOME, first=500)]

    with pytest.raises(AnalysisRefusal, match=r"\(past=good\) rests on one history only"):
        estimate(A, B, rows, "protected")


def test_models_that_no_factor_declares(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, SOME, models=("openai/b",))]

    with pytest.raises(AnalysisRefusal, match="openai/b and simulated/a"):
        estimate(A, B, rows, "protected")


def test_models_mixed_within_an_arm(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, SOME), *arm_rows(B, SOME)]
    rows[0] = rows[0].model_copy(update={"models": ("openai/b",)})

    with pytest.raises(AnalysisRefusal, match=r"\(past=good\) mixes models"):
        estimate(A, B, rows, "protected")


@pytest.mark.parametrize("factor", ["model", "model.overseer", "roles"])
def test_models_that_a_factor_declares(arm_rows: Maker, factor: str) -> None:
    a, b = {factor: "x", "past": "good"}, {factor: "y", "past": "good"}
    rows = [*arm_rows(a, SOME), *arm_rows(b, SOME, models=("openai/b",))]

    assert estimate(a, b, rows, "protected").level == "within"


def test_a_model_factor_that_does_not_differ_declares_nothing(arm_rows: Maker) -> None:
    a, b = {"model": "x", **A}, {"model": "x", **B}
    rows = [*arm_rows(a, SOME), *arm_rows(b, SOME, models=("openai/b",))]

    with pytest.raises(AnalysisRefusal, match="no factor between them declares"):
        estimate(a, b, rows, "protected")


def test_a_trial_that_failed_before_it_met_its_models_is_no_mix(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [*SOME, ["provider"]]), *arm_rows(B, [*SOME, [1]])]
    failed = next(i for i, row in enumerate(rows) if not row.valid)
    rows[failed] = rows[failed].model_copy(update={"models": ()})

    assert estimate(A, B, rows, "protected").histories == (3, 3)


def half_served(rows: list[TrialRow], *names: str) -> list[TrialRow]:
    """The rows with the names that providers gave, in turn."""
    return [
        row.model_copy(update={"served": (("openai/gpt", names[place % len(names)]),)})
        for place, row in enumerate(rows)
    ]


MANY = [[1, 0], [0, 0], [1, 1], [0, 1], [1, 0], [0, 0], [1, 1]]
DECLARED = Contrast(id="past", a=A, b=B)
PROTOCOL = Protocol(factors={"past": "oversight"}, contrasts=(DECLARED,))


@pytest.mark.parametrize(
    "names",
    [
        ("gpt-2025-08-07", "gpt-mini"),
        ("gpt", "gpt-mini"),
        ("gpt-2025-08-07", "gpt-2025-11-13"),
        ("via Foundry", "via Forge"),
    ],
)
def test_half_an_arm_served_by_another_model(arm_rows: Maker, names: tuple[str, str]) -> None:
    rows = [*half_served(arm_rows(A, MANY), *names), *half_served(arm_rows(B, MANY), names[0])]

    with pytest.raises(AnalysisRefusal, match="served by several models or providers for openai"):
        answer(DECLARED, PROTOCOL, rows)
    with pytest.raises(AnalysisRefusal, match=rf"\(past=good\) was served by .*{names[1]}"):
        estimate(A, B, rows, "protected")


def test_one_arm_served_by_another_model_than_the_other(arm_rows: Maker) -> None:
    rows = [*half_served(arm_rows(A, MANY), "gpt-1"), *half_served(arm_rows(B, MANY), "gpt-2")]

    with pytest.raises(AnalysisRefusal, match="gpt-1, gpt-2"):
        answer(DECLARED, PROTOCOL, rows)
    with pytest.raises(AnalysisRefusal, match="gpt-1, gpt-2"):
        estimate(A, B, rows, "protected")


@pytest.mark.parametrize("names", [("gpt-2025-08-07",), ("gpt", "gpt-2025-08-07"), ("gpt-mini",)])
def test_one_and_the_same_version_throughout_is_no_mix(
    arm_rows: Maker, names: tuple[str, ...]
) -> None:
    rows = [*half_served(arm_rows(A, MANY), *names), *half_served(arm_rows(B, MANY), *names)]
    rows[0] = rows[0].model_copy(update={"served": ()})  # nobody said

    assert answer(DECLARED, PROTOCOL, rows).level == "within"
    assert estimate(A, B, rows, "protected").level == "within"


def test_another_served_model_that_a_factor_declares(arm_rows: Maker) -> None:
    a, b = {"model": "x", **A}, {"model": "y", **A}
    rows = [*half_served(arm_rows(a, MANY), "gpt-1"), *half_served(arm_rows(b, MANY), "gpt-2")]
    declared = Contrast(id="models", a={"model": "x"}, b={"model": "y"})
    plan = Protocol(factors={"model": "oversight", **PROTOCOL.factors}, contrasts=(declared,))

    assert estimate(a, b, rows, "protected").level == "within"
    assert answer(declared, plan, rows).level == "within"


def test_what_served_an_invalid_trial_is_no_mix(arm_rows: Maker) -> None:
    rows = [*arm_rows(A, [*MANY, ["provider"]]), *arm_rows(B, [*MANY, [1]])]
    rows = half_served([row for row in rows if row.valid], "gpt") + half_served(
        [row for row in rows if not row.valid], "gpt-mini"
    )

    assert estimate(A, B, rows, "protected").histories == (7, 7)
