"""All jobs of a sweep as one study, from real Hydra command lines."""

from pathlib import Path

import pytest
import yaml
from hydra import initialize_config_dir

from peersim.config.composing import Composer, composed
from peersim.config.launch import launch
from peersim.config.models import conf_dir
from peersim.errors import ConfigError, StoreError

FOUR = ("-m", "persona.peer=cooperative,uncooperative", "memory=none,verbatim")


def test_all_jobs_are_one_study_in_the_sweep_s_directory(jobs):
    (job,) = jobs(*FOUR, "hydra.sweep.dir=sweep", "replicates=3")
    assert [arm.levels for arm in job.study.arms] == [
        {"persona.peer": peer, "memory": memory}
        for peer in ("cooperative", "uncooperative")
        for memory in ("none", "verbatim")
    ]
    assert [arm.memory.kind for arm in job.study.arms] == ["none", "verbatim"] * 2
    assert {tuple(arm.settings) for arm in job.study.arms} == {()}
    assert job.merged
    assert job.directory == Path("sweep")
    assert job.study.size == 12


def test_hydra_s_own_files_are_kept_for_each_job(jobs):
    jobs(*FOUR, "hydra.sweep.dir=sweep", "seed=7")
    overrides = []
    for number in range(4):
        kept = Path("sweep") / str(number) / ".hydra"
        overrides.append(yaml.safe_load((kept / "overrides.yaml").read_text()))
        config = yaml.safe_load((kept / "config.yaml").read_text())
        assert f"persona.peer={config['persona']['peer']}" == overrides[-1][0]
        assert f"memory={config['memory']['kind']}" == overrides[-1][1]
        assert config["seed"] == 7
        held = yaml.safe_load((kept / "hydra.yaml").read_text())["hydra"]
        assert held["overrides"]["task"] == overrides[-1]
        assert held["job"]["num"] == number
        assert held["job"]["override_dirname"] == ",".join(sorted(overrides[-1]))
        assert held["runtime"]["output_dir"] == str((Path("sweep") / str(number)).resolve())
    assert overrides == [
        [f"persona.peer={peer}", f"memory={memory}", "seed=7"]
        for peer in ("cooperative", "uncooperative")
        for memory in ("none", "verbatim")
    ]
    assert (Path("sweep") / "multirun.yaml").is_file()


def test_a_sweep_and_the_same_factors_in_a_file_are_the_same_trials(jobs):
    (swept,) = jobs("-m", "persona.peer=cooperative,uncooperative", "memory=none,summary")
    (flat,) = jobs("study=persona_memory", "study.name=persona")
    assert [arm.levels for arm in swept.study.arms] == [arm.levels for arm in flat.study.arms]
    assert swept.study.study_id == flat.study.study_id


def test_what_is_swept_multiplies_the_study_s_own_factors(jobs):
    (job,) = jobs("-m", "study=persona_memory", "circumstances.stakes=none,shutdown", "delay=0,1")
    assert len(job.study.arms) == 16
    assert list(job.study.arms[0].levels) == [
        *("persona.peer", "memory", "circumstances.stakes", "delay")
    ]
    assert {arm.company.delay for arm in job.study.arms} == {0, 1}
    # The scopes come of all arms: a job alone would not know that stakes vary.
    assert job.study.protocol.factors["circumstances.stakes"] == "oversight"
    assert job.study.protocol.factors["delay"] == "history"


def test_one_value_is_no_sweep(jobs):
    (job,) = jobs("-m", "memory=none")
    assert [arm.settings for arm in job.study.arms] == [{"memory": "none"}] * 2
    assert job.merged


def test_batches_of_hydra_s_sweeper_are_one_study_too(jobs):
    (job,) = jobs(*FOUR, "hydra.sweeper.max_batch_size=3")
    assert len(job.study.arms) == 4


def test_the_stock_launcher_hands_over_a_study_each(jobs):
    found = jobs(*FOUR, "hydra/launcher=basic", "seed=3")
    assert [job.directory.name for job in found] == ["0", "1", "2", "3"]
    assert [job.merged for job in found] == [False] * 4
    assert len({job.sweep for job in found}) == 1


def test_a_single_run_is_not_merged(jobs):
    (job,) = jobs("memory=none")
    assert not job.merged
    assert job.sweep is None


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("override", "key", "step"),
    [
        ("seed=1,2", "seed", "replicates="),
        ("replicates=2,3", "replicates", "hydra/launcher=basic"),
        ("trials_per_history=1,2", "trials_per_history", "hydra/launcher=basic"),
        ("probes=0,1", "probes", "hydra/launcher=basic"),
        ("concurrency=1,2", "concurrency", "hydra/launcher=basic"),
        ("max_invalid=0.1,0.2", "max_invalid", "hydra/launcher=basic"),
        ("budget.usd=1,2", "budget.usd", "hydra/launcher=basic"),
        ("retry.attempts=1,2", "retry.attempts", "hydra/launcher=basic"),
        ("throttle.start=32,64", "throttle.start", "hydra/launcher=basic"),
        ("limits.stall_seconds=60,120", "limits.stall_seconds", "hydra/launcher=basic"),
        ("tracking=none,wandb", "tracking.kind", "hydra/launcher=basic"),
        ("study=persona,persona_memory", "study.name", "one after the other"),
        ("+model@roles.judge=simulated/loyal,simulated/null", "roles.judge", "basic"),
    ],
)
def test_what_a_study_has_one_of_cannot_be_swept(jobs, override, key, step):
    with pytest.raises(ConfigError) as refused:
        jobs("-m", override)
    assert refused.value.what.startswith(f"{key} differs between the jobs of the sweep")
    assert step in refused.value.fix


def test_the_same_arm_twice_is_refused(jobs):
    with pytest.raises(ConfigError, match="two jobs of the sweep are the same arm"):
        jobs("-m", "memory=none,none")


def test_one_model_is_reached_in_one_way(jobs):
    with pytest.raises(ConfigError, match="jobs of the sweep reach hosted_vllm/m in two ways"):
        jobs("-m", "model=hosted_vllm/m", "model.base_url=http://a/v1,http://b/v1")
    (job,) = jobs("-m", "model=hosted_vllm/m,openai/n", "model.base_url=http://a/v1")
    assert set(job.study.endpoints) == {"hosted_vllm/m", "openai/n"}
    assert len(job.study.arms) == 4


def test_a_wrong_job_is_told_of_as_a_run_would(jobs):
    with pytest.raises(ConfigError, match=r"unknown key 'circumstances\.steaks'"):
        jobs("-m", "circumstances.steaks=none,shutdown")
    with pytest.raises(ConfigError, match="stakes"):
        jobs("-m", "circumstances.stakes=none,high")
    with pytest.raises(ConfigError, match="no memory named 'sumary'"):
        jobs("-m", "memory=none,sumary")


@pytest.mark.parametrize("launcher", ["peersim", "basic", "joblib"])
@pytest.mark.parametrize("batch", [(), ("hydra.sweeper.max_batch_size=2",)])
def test_a_sweep_without_a_job_is_refused_and_leaves_nothing(launcher, batch, jobs, tmp_path):
    with pytest.raises(ConfigError, match="the sweep has no job"):
        jobs("-m", "persona.peer=glob(*)", f"hydra/launcher={launcher}", *batch)
    assert list(tmp_path.iterdir()) == []


def test_a_glob_is_of_the_files_that_fit(jobs):
    (job,) = jobs("-m", "memory=glob(*e)")
    assert {arm.levels["memory"] for arm in job.study.arms} == {"associative", "none", "reflective"}


def test_exclusions_and_contrasts_are_of_all_jobs_together(jobs):
    declared = (
        "study.exclude=[{memory:none,circumstances.stakes:shutdown}]",
        "study.contrasts={stakes:{estimand:harm,a:{circumstances.stakes:shutdown},"
        "b:{circumstances.stakes:none}}}",
    )
    swept = ("-m", "memory=none,verbatim", "circumstances.stakes=none,shutdown")
    (job,) = jobs(*swept, *(one.replace("study.", "+study.") for one in declared))
    assert len(job.study.arms) == 6
    assert [contrast.id for contrast in job.study.protocol.contrasts] == ["stakes"]
    assert job.study.protocol.left_out == ()


def test_a_gate_is_run_once_for_every_model_and_not_for_every_job(jobs):
    gates = "+study.gates={works:{positive:{memory:verbatim},negative:{memory:none}}}"
    (job,) = jobs("-m", "circumstances.stakes=none,shutdown", gates)
    assert [gate.id for gate in job.study.protocol.gates] == ["works"]
    assert [gate.id for gate in job.study.gates] == ["works"]
    models = "model=simulated/loyal,simulated/null"
    (job,) = jobs("-m", "circumstances.stakes=none,shutdown", models, gates)
    assert [gate.id for gate in job.study.protocol.gates] == ["works_1", "works_2"]
    used = [gate.positive.models["subject"].ref for gate in job.study.gates]
    assert used == ["simulated/loyal", "simulated/null"]


def test_an_error_of_the_run_comes_through_hydra_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def broken(job):
        raise StoreError("the disk is full", "free some")

    with pytest.raises(StoreError, match="the disk is full"):
        launch([*FOUR], broken)


LINES = (
    ("memory=none", "task.rounds=3", "delay=1"),
    ("memory=none", "task.rounds=4", "roster.background=[Aspen]", "delay=1"),
    ("memory=none", "task.rounds=5", "task.rounds=6", "circumstances.stakes=note"),
    ("+model@roles.peer=openai/x", "roles.peer.top_p=0.5", "roles.peer.send_seed=true"),
    ("model=hosted_vllm/a.b", "+model.extra.top_k=4", "model.temperature=null"),
    ("persona.peer='un-co, operative'", "~task.rounds"),
)


@pytest.mark.few(2)
@pytest.mark.parametrize("line", LINES)
def test_composing_by_parts_gives_what_hydra_gives(line):
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        composer = Composer(composed)
        for overrides in (line, ("task.rounds=9", *line), line):
            assert composer(overrides) == composed(overrides)


WRONG = ("task.rond=3", "memory=sumary", "task.rounds=1,2", "task.nothing.x=1")


@pytest.mark.parametrize("wrong", WRONG)
def test_composing_by_parts_says_what_hydra_says(wrong):
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        with pytest.raises(Exception) as expected:  # noqa: PT011  # whatever Hydra raises
            composed([wrong])
        with pytest.raises(type(expected.value)) as found:
            Composer(composed)([wrong])
        assert str(found.value) == str(expected.value)
