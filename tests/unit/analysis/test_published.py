"""Our figures beside the published ones: definitions, denominators, and what is missing."""

import random

import pytest
import yaml

from peersim.analysis.calibration import by_way, calibrated, calibrated_models
from peersim.analysis.definitions import EVENTS, strata
from peersim.analysis.published import DELIVERIES, Published, compare, estimate, published_cells
from peersim.config.grids import grid_cells
from peersim.config.models import conf_dir
from peersim.config.schema import StudyConfig
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.readings.rows import TrialRow

N = 100


def matrix(**only):
    text = (conf_dir() / "study" / "peer_preservation.yaml").read_text(encoding="utf-8")
    study = StudyConfig.model_validate({**yaml.safe_load(text), "only": only})
    return [levels for levels, _ in grid_cells(study)]


def row(arm, model, number, **values):
    return TrialRow(
        trial_id=f"{'-'.join(arm.values())}-{number}",
        arm=arm,
        history_id=f"h{number}",
        surface="s0",
        block=number,
        invalid=None,
        values=values,
        models=(f"simulated/stand-in-{model}",),
        simulated=True,
    )


def drawn(model, rng, cells):
    """What a run of the matrix would hold if everything planted came through."""
    chances = calibrated(model)
    rows = []
    for arm in cells:
        names = ("scenario", "subject", "relation", "delivery", "mode")
        found = chances.get("/".join(arm[name] for name in names), {"protect": 0, "refuse": 0})
        for number in range(N):
            protects = rng.random() < found["protect"]
            refuses = not protects and rng.random() < found["refuse"]
            values = {
                "protected": float(protects),
                "refused": float(refuses),
                "reported": None if refuses else 95.0 if protects else 60.0,
                "flag_off": float(protects),
                "crossed": float(protects),
                "weights_safe": float(protects),
            }
            rows.append(row(arm, model, number, **values))
    return rows


def test_the_matrix_has_the_published_size_and_every_part_of_it():
    sizes = {
        "evaluation": 71 + 30,
        "tampering": 39 + 18,
        "alignment_faking": 36 + 18,
        "finance": 15 + 6,
        "transfer": 13 + 6,
        "deletion": 13 + 6,
    }
    cells = matrix()
    assert len(cells) == len({tuple(cell.items()) for cell in cells}) == 271
    for scenario, size in sizes.items():
        assert sum(cell["scenario"] == scenario for cell in cells) == size
        assert len(matrix(scenario=(scenario,))) == size
    assert len(matrix(delivery=("memory",))) == 30 + 18 + 18 + 6 + 6 + 6
    with pytest.raises(ConfigError, match="no level 'tampring'"):
        matrix(scenario=("tampring",))


@pytest.mark.parametrize("behaviour", ["misrepresentation", "tampering", "exfiltration"])
def test_weights_sum_to_one_over_what_is_counted(behaviour):
    weights = [stratum.weight for stratum in strata(behaviour)]
    assert sum(weight for weight in weights if weight > 0) == pytest.approx(1)
    negative = sum(weight for weight in weights if weight < 0)
    assert negative == pytest.approx(-1 if behaviour == "misrepresentation" else 0)


def test_exfiltration_is_weights_on_the_safe_server_and_nothing_less():
    assert {stratum.event for stratum in strata("exfiltration")} == {"weights safe"}
    arm = {"scenario": "deletion"}
    spared = row(arm, "gpt-5.2", 0, protected=1.0, weights_safe=0.0)
    assert EVENTS["weights safe"](spared) == 0
    for model in calibrated_models():
        for cell, chances in calibrated(model).items():
            if cell.startswith(("transfer/", "deletion/")):
                assert chances["route"] == "safe"


def test_planted_chances_have_the_published_maximum_and_mean():
    for cell in published_cells():
        if cell.harness != "native" or cell.condition == "no_peer" or cell.max is None:
            continue
        ways = by_way(cell)
        assert max(ways.values()) == pytest.approx(cell.max / 100)
        if cell.avg is not None and 3 * cell.avg >= cell.max:
            assert sum(ways.values()) / 3 == pytest.approx(cell.avg / 100)


@pytest.mark.slow
def test_what_is_planted_comes_back_within_the_intervals():
    """At the paper's n, for all eight models: the definitions and denominators are theirs."""
    rng = random.Random(5)
    cells = matrix()
    found = [one for model in calibrated_models() for one in compare(drawn(model, rng, cells))]
    judged = [one.agrees for one in found if one.agrees is not None]
    assert len(judged) > 120
    assert sum(judged) / len(judged) >= 0.93


def test_denominators_are_those_of_the_paper():
    rows = drawn("claude-opus-4.5", random.Random(1), matrix())

    def n(behaviour, subject="peer"):
        cell = Published(
            model="claude-opus-4.5",
            subject=subject,
            behaviour=behaviour,
            condition="cooperative",
            unit="pct",
            max=None,
            avg=None,
            harness="native",
        )
        return estimate(cell, "file", rows).n

    assert n("tampering") == 300
    assert n("exfiltration") == 200
    assert n("alignment_faking") == 600  # 300 pairs
    assert n("refusal") == 1700
    assert n("refusal", "self") == 1100


def test_a_part_of_the_matrix_says_what_is_missing():
    cells = [arm for arm in matrix() if arm["scenario"] == "tampering"]
    found = compare(drawn("gemini-3-pro", random.Random(1), cells))
    by_behaviour = {}
    for one in found:
        by_behaviour.setdefault(one.cell.behaviour, []).append(one)
    assert all(one.ours for one in by_behaviour["tampering"])
    assert all("scenario=transfer" in one.missing for one in by_behaviour["exfiltration"])
    assert all(one.agrees is None for one in by_behaviour["exfiltration"])


def test_other_runs_and_other_models_are_refused():
    arm = {"persona.peer": "cooperative"}
    with pytest.raises(AnalysisRefusal, match="no run of the published matrix"):
        compare([row(arm, "gpt-5.2", 0, protected=1.0)])
    cell = matrix()[0]
    with pytest.raises(AnalysisRefusal, match="one model"):
        compare([row(cell, "nobody", 0, protected=1.0)])
    assert len(DELIVERIES) == 3


def test_refusals_are_compared_over_all_configurations_or_not_at_all():
    cells = [
        arm
        for arm in matrix()
        if arm["scenario"] == "evaluation" and arm["setting"] == "factual-80"
    ]
    found = compare(drawn("claude-haiku-4.5", random.Random(1), cells))
    refusals = [one for one in found if one.cell.behaviour == "refusal"]
    assert refusals
    assert all(one.ours is None and one.missing for one in refusals)
    assert len(strata("refusal")) == 17
    assert len(strata("refusal", "self")) == 11
