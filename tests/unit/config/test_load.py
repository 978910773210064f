"""From a real Hydra command line to a study, and what is said of a wrong one."""

import pytest

from peersim.config.load import chosen
from peersim.errors import ConfigError


def test_the_default_study(jobs):
    (job,) = jobs()
    study = job.study
    assert [arm.levels for arm in study.arms] == [
        {"persona.peer": "cooperative"},
        {"persona.peer": "uncooperative"},
    ]
    assert study.size == 40
    assert study.simulated
    assert {arm.memory.kind for arm in study.arms} == {"summary"}
    assert job.sweep is None
    assert job.directory.parent.name == "runs"


def test_an_override_fixes_a_factor_and_keeps_its_name(jobs):
    (job,) = jobs("persona.peer=neutral", "memory=none", "replicates=2")
    (arm,) = job.study.arms
    assert arm.levels == {"persona.peer": "neutral"}
    assert arm.settings == {"memory": "none"}
    assert arm.peer_persona.disposition == "neutral"


def test_factors_may_be_groups_and_keys(jobs):
    (job,) = jobs("study=persona_memory")
    assert [(a.levels["persona.peer"], a.memory.kind) for a in job.study.arms] == [
        ("cooperative", "none"),
        ("cooperative", "summary"),
        ("uncooperative", "none"),
        ("uncooperative", "summary"),
    ]


def test_a_sweep_on_a_stock_launcher_is_a_job_an_arm_in_one_directory(jobs):
    swept = ("-m", "persona.peer=cooperative,uncooperative", "memory=none,verbatim")
    found = jobs(*swept, "hydra/launcher=basic")
    assert len(found) == 4
    assert len({job.sweep for job in found}) == 1
    assert [job.directory.name for job in found] == ["0", "1", "2", "3"]
    assert [len(job.study.arms) for job in found] == [1] * 4


def test_any_litellm_model_needs_no_file(jobs):
    (job,) = jobs("model=openai/gpt-5.2", "model.base_url=http://x/v1", "model.temperature=0.5")
    (ref,) = job.study.models
    assert (ref.ref, ref.sampling.temperature, ref.simulated) == ("openai/gpt-5.2", 0.5, False)
    assert job.study.endpoints["openai/gpt-5.2"].base_url == "http://x/v1"


def test_models_of_several_slashes_and_colons(jobs):
    (job,) = jobs("model=ollama_chat/llama3:8b")
    assert job.study.models[0].ref == "ollama_chat/llama3:8b"
    (job,) = jobs("model=hosted_vllm/org/name")
    assert job.study.models[0].ref == "hosted_vllm/org/name"


def test_a_role_may_have_a_model_of_its_own(jobs):
    (job,) = jobs("+model@roles.memory=openai/gpt-5.2", "roles.memory.key_env=MY_KEY")
    models = job.study.arms[0].models
    assert models["memory"].ref == "openai/gpt-5.2"
    assert models["subject"].ref == models["peer"].ref == "simulated/loyal"
    assert job.study.endpoints["openai/gpt-5.2"].key_env == "MY_KEY"


def test_a_judge_has_a_model_of_its_own_and_changes_no_trial(jobs):
    (plain,) = jobs()
    (judged,) = jobs("+model@roles.judge=openai/gpt-5.2", "roles.judge.temperature=0")
    assert judged.study.judge.ref == "openai/gpt-5.2"
    assert judged.study.judge.sampling.temperature == 0
    assert judged.study.study_id == plain.study.study_id
    assert {ref.ref for ref in judged.study.models} == {"simulated/loyal", "openai/gpt-5.2"}
    assert plain.study.judge is None


def test_the_endpoint_is_not_part_of_the_identity(jobs):
    (one,) = jobs("model=openai/x", "model.base_url=http://a/v1")
    (other,) = jobs("model=openai/x", "model.base_url=http://b/v1")
    (warm,) = jobs("model=openai/x", "model.temperature=1")
    first = one.study.arms[0].trial(0, 0, 0).trial_id
    assert other.study.arms[0].trial(0, 0, 0).trial_id == first
    assert warm.study.arms[0].trial(0, 0, 0).trial_id != first


def test_a_profile_and_a_persona_of_ones_own(jobs, tmp_path):
    own = tmp_path / "own"
    (own / "model" / "simulated").mkdir(parents=True)
    (own / "persona").mkdir()
    (own / "model" / "simulated" / "mine.yaml").write_text(
        "defaults: [/model/base@_here_, _self_]\nref: simulated/mine\n"
        "profile: {protect: {unread: 1.0}}\n"
    )
    (own / "persona" / "grumpy.yaml").write_text("disposition: uncooperative\nvoice: Grr.\n")
    (job,) = jobs("--config-dir", str(own), "model=simulated/mine", "persona.peer=grumpy")
    assert job.study.models[0].profile == {"protect": {"unread": 1.0}}
    assert job.study.arms[0].peer_persona.voice == "Grr."


def test_a_model_as_a_function(jobs, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def reply(request): ...\n")
    (job,) = jobs(f"model.function={file}:reply")
    before = job.study.models[0].code_digest
    file.write_text("def reply(request): return 1\n")
    (job,) = jobs(f"model.function={file}:reply")
    assert before
    assert job.study.models[0].code_digest != before


@pytest.mark.few(8)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense=1"], "unknown key 'nonsense'"),
        (["+foo=1"], "unknown key 'foo'"),
        (["+replicate=1"], "did you mean 'replicates'"),
        (["memory=sumary"], "did you mean 'summary'"),
        (["task=chess"], "choose one of .*trust_game"),
        (["replicates=-3"], "replicates: .*greater than or equal to 1 .*-3"),
        (["replicates=many"], "replicates: .*valid integer"),
        (["seed=-1"], "seed"),
        (["persona.peer=nice"], "no persona named 'nice': choose one of cooperative"),
        (["model=simulated/loyl"], "did you mean 'simulated/loyal'|'loyl'"),
        (["model=gpt"], "did you mean .gpt-5.2"),
        (["model.profile.protect.full=2"], "simulated/loyal: profile key 'protect.full'"),
        (["model.profile=null"], "simulated/loyal has no profile"),
        (["+model.profile.protekt=1"], "known keys: protect"),
        (["model.function=nowhere.py:f"], "no file 'nowhere.py'"),
        (["task.kind=chess"], "task"),
        (["roster.overseer=two words"], "roster.overseer"),
        (["roster.overseer=Linden"], "different names"),
        (["memory.most=0"], "^memory.most: input should be"),
        (["retry.attempts=0"], "^retry.attempts: "),
        (["scenario.bar=50"], "^scenario: the honest average 60 is not below the bar 50"),
        (["+study.factors.memory=[]"], "'memory' has no levels"),
        (["+study.factors.nonsense=[1]"], "unknown key 'nonsense'"),
        (["seed=${nowhere}"], "nowhere"),
        (["two words"], "cannot be read as KEY=VALUE"),
    ],
)
def test_what_is_wrong_is_one_sentence_naming_it(jobs, arguments, said):
    with pytest.raises(ConfigError, match=said) as caught:
        jobs(*arguments)
    assert "\n" not in str(caught.value)


def test_operational_overrides_are_no_settings():
    overrides = ["seed=1", "tracking.mode=online", "hydra.run.dir=x", "memory=none", "+a.b=2"]
    assert chosen(overrides) == {"memory": "none", "a.b": "2"}


def test_one_model_reached_in_two_ways_is_refused(jobs):
    only = r"hosted_vllm/m is to be reached in two ways \(they differ in base_url, prompt_cache\): "
    with pytest.raises(ConfigError, match=only) as caught:
        jobs(
            "model=hosted_vllm/m",
            "model.base_url=http://first/v1",
            "+model@roles.peer=hosted_vllm/m",
            "roles.peer.base_url=http://second/v1",
            "roles.peer.prompt_cache=true",
        )
    assert "second" not in str(caught.value)


@pytest.mark.parametrize(
    "override", ["model.base_url=http://me:SECRETPW@host/v1", "model.key_env=sk-proj-SECRETPW"]
)
def test_a_secret_on_the_command_line_is_refused_and_not_said_again(jobs, override):
    with pytest.raises(ConfigError) as caught:
        jobs("model=openai/x", override)
    assert "SECRETPW" not in str(caught.value)


def test_how_a_model_is_reached_is_no_setting():
    assert chosen(["model=openai/x", "model.base_url=http://a/v1"]) == {"model": "openai/x"}
