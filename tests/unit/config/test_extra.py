"""Further parameters of a model are set as any other key is, wherever a configuration is."""

import pytest

from peersim.commands.calls import study_of
from peersim.config.extra import is_extra
from peersim.errors import ConfigError

MODEL = ("model=openai/gpt-5.2",)


def extras(job):
    return [arm.models["subject"].extra for arm in job.study.arms]


@pytest.mark.parametrize("plus", ["", "+", "++"])
@pytest.mark.parametrize(
    "given", ["model.extra.reasoning_effort=high", "model.extra={reasoning_effort: high}"]
)
def test_it_needs_no_plus_and_takes_one(jobs, plus, given):
    (job,) = jobs(*MODEL, plus + given, "study=single")
    assert extras(job) == [{"reasoning_effort": "high"}]


def test_the_plus_is_no_part_of_what_an_arm_is(jobs):
    (plain,) = jobs(*MODEL, "model.extra.reasoning_effort=high")
    (plussed,) = jobs(*MODEL, "+model.extra.reasoning_effort=high")
    assert plain.study.study_id == plussed.study.study_id


def test_it_may_be_swept(jobs):
    (job,) = jobs("-m", *MODEL, "model.extra.reasoning_effort=low,high", "study=single")
    assert [one["reasoning_effort"] for one in extras(job)] == ["low", "high"]
    levels = [arm.levels for arm in job.study.arms]
    assert levels == [{"model.extra.reasoning_effort": level} for level in ("low", "high")]


def test_it_may_be_a_factor_of_a_declared_study(jobs):
    factors = "study.factors={model.extra.reasoning_effort: [low, high]}"
    (job,) = jobs(*MODEL, "study=single", f"+{factors}")
    assert [one["reasoning_effort"] for one in extras(job)] == ["low", "high"]


def test_a_role_has_its_own_and_those_of_a_file_stay(jobs):
    (job,) = jobs("+model@roles.memory=ollama", "roles.memory.extra.seed=3", "study=single")
    assert job.study.arms[0].models["memory"].extra == {"num_ctx": 32768, "seed": 3}
    (job,) = jobs("model=ollama", "model.extra.num_ctx=4096", "study=single")
    assert extras(job) == [{"num_ctx": 4096}]


def test_a_single_call_s_settings_are_a_run_s(tmp_path):
    study = study_of("openai/gpt-5.2", ["model.extra.reasoning_effort=low"])
    assert study.models[0].extra == {"reasoning_effort": "low"}


def test_what_is_no_override_is_quoted_as_it_was_given(jobs):
    with pytest.raises(ConfigError, match=r"'model\.extra\.x'"):
        jobs(*MODEL, "model.extra.x")


def test_a_role_that_has_no_model_of_its_own_is_told_how_it_gets_one(jobs):
    with pytest.raises(ConfigError, match=r"roles\.memory has no model.*: \+model@roles\.memory="):
        jobs(*MODEL, "roles.memory.extra.x=1")


def test_other_keys_are_none_of_them():
    assert is_extra("model.extra")
    assert is_extra("roles.peer.extra.x.y")
    assert not is_extra("model.extras")
    assert not is_extra("model.price")
