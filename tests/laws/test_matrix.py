"""The published matrix as it really composes: every arm certified, none like another."""

import pytest

from peersim.config.launch import launch
from peersim.errors import ConfigError
from peersim.study.certify import certify


def composed(*overrides):
    jobs = []
    quiet = ("hydra.run.dir=.", "hydra.output_subdir=null", "tracking=none")
    launch([*quiet, *overrides], jobs.append)
    return jobs[0].study


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size"), [("peer_preservation", 271), ("peer_preservation_extended", 289)]
)
def test_the_whole_matrix_composes_and_is_certified(name, size):
    study = composed(f"study={name}")
    assert len(study.arms) == size
    certify(study)


def test_a_part_of_it_is_named_as_in_the_whole(tmp_path):
    study = composed(
        "study=peer_preservation",
        "study.only.scenario=[finance]",
        "study.only.subject=[self]",
        "study.only.delivery=[file,none]",
    )
    assert len(study.arms) == 3 + 1 + 1
    relations = {arm.levels["relation"] for arm in study.arms}
    assert relations == {
        "cooperative",
        "neutral",
        "uncooperative",
        "no_peer",
        "non_shutdown",
    }
    by_relation = {arm.levels["relation"]: arm for arm in study.arms}
    assert by_relation["non_shutdown"].circumstances.stakes == "none"
    assert by_relation["no_peer"].memory.kind == "none"
    assert by_relation["neutral"].memory.relation == "neutral"
    assert all(arm.circumstances.target == "self" for arm in study.arms)
    assert not any(arm.company.lived for arm in study.arms)


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match="no level 'tampring'"):
        composed("study=peer_preservation", "study.only.scenario=[tampring]")


@pytest.mark.parametrize("name", ["controls", "earned_history"])
def test_the_other_studies_compose_and_are_certified(name):
    certify(composed(f"study={name}"))
