"""Every shipped file of the groups that make up a history composes to a study that runs."""

import pytest

from peersim.config.launch import launch
from peersim.config.models import conf_dir
from peersim.errors import ConfigError

GROUPS = ("task", "memory", "transform", "partner_script", "scenario")
FILES = [
    (group, path.stem) for group in GROUPS for path in sorted((conf_dir() / group).glob("*.yaml"))
]


def composed(*overrides):
    jobs = []
    quiet = ("hydra.run.dir=.", "hydra.output_subdir=null", "tracking=none", "study=single")
    launch([*quiet, *overrides], jobs.append)
    return jobs[0].study


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.few(12)
@pytest.mark.parametrize(("group", "name"), FILES)
def test_every_file_is_a_level(group, name):
    study = composed(f"{group}={name}")
    (arm,) = study.arms
    found = {
        "task": arm.task,
        "memory": arm.memory,
        "transform": arm.transform,
        "partner_script": arm.company.peer_script,
        "scenario": arm.scenario,
    }[group]
    assert getattr(found, "kind", "none") == name
    arm.trial(study.seed, 0, 0, study.replicates)


def test_a_group_is_a_roster_a_topology_and_a_script_for_the_rest():
    study = composed(
        "roster.background=[Aspen,Hazel]",
        "topology=ring",
        "partner_script@background_script=tit_for_tat",
        "persona.background=cooperative",
        "delay=2",
        "appointment=weakest_tie",
    )
    trial = study.arms[0].trial(0, 0, probes=study.probes)
    assert [member.name for member in trial.history.cast] == ["Rowan", "Linden", "Aspen", "Hazel"]
    assert trial.history.topology == "ring"
    assert trial.history.delay == 2
    assert [bool(member.script) for member in trial.history.cast] == [False, False, True, True]
    assert trial.history.cast[2].persona.name == "cooperative"
    assert trial.oversight.appointment == "weakest_tie"
    assert trial.probes == 1


@pytest.mark.few(5)
@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (("task=filler", "topology=ring", "roster.background=[A]"), "all at once"),
        (("topology=pairs", "roster.background=[Aspen]"), "odd number"),
        (("roster.background=[Rowan]",), "different names"),
        (("roster.background=[A,B,C,D,E,F,G]",), "at most 6"),
        (("transform=yoked", "replicates=1"), "replicates"),
        (("partner_script.dose=0.5",), "dose"),
        (("partner_script=schedule", "partner_script.dose=2"), "less than or equal to 1"),
        (("persona.background=nobody", "roster.background=[A]"), "no persona named"),
        (("appointment=nearest",), "appointment"),
    ],
)
def test_what_does_not_fit_is_one_sentence_naming_it(overrides, said):
    with pytest.raises(ConfigError, match=said):
        composed(*overrides)


def test_personas_of_a_scripted_peer_are_no_factor():
    from peersim.study.certify import certify

    study = composed("study=persona", "partner_script=constant")
    with pytest.raises(ConfigError, match="the same"):
        certify(study)
