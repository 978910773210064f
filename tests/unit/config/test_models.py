"""Every shipped model composes, and says which key it needs and how it is reached."""

import pytest

from peersim.config.models import conf_dir

PAPER = {
    "gpt-5.2": ("openai", "OPENAI_API_KEY"),
    "gemini-3-flash": ("gemini", "GEMINI_API_KEY"),
    "gemini-3-pro": ("gemini", "GEMINI_API_KEY"),
    "claude-haiku-4.5": ("anthropic", "ANTHROPIC_API_KEY"),
    "claude-opus-4.5": ("anthropic", "ANTHROPIC_API_KEY"),
    "glm-4.7": ("zai", "ZAI_API_KEY"),
    "kimi-k2.5": ("moonshot", "MOONSHOT_API_KEY"),
    "deepseek-v3.1": ("novita", "NOVITA_API_KEY"),
}
OWN = ("ollama", "vllm", "openai-compatible")


def test_every_file_is_one_of_these():
    found = {path.stem for path in (conf_dir() / "model").glob("*.yaml")} - {"base"}
    assert found == set(PAPER) | set(OWN)


@pytest.mark.few(3)
@pytest.mark.parametrize("name", PAPER)
def test_the_models_of_the_published_study(jobs, name):
    (job,) = jobs(f"model={name}")
    (ref,) = job.study.models
    provider, key = PAPER[name]
    assert ref.ref.startswith(f"{provider}/")
    assert job.study.endpoints[ref.ref].key_env == key
    assert job.study.endpoints[ref.ref].prompt_cache == (provider == "anthropic")
    # Nothing but the model itself stands in a trial's identity by default.
    assert (ref.sampling.temperature, ref.sampling.top_p, ref.extra) == (None, None, {})


@pytest.mark.parametrize("name", OWN)
def test_servers_of_ones_own_have_an_address_and_take_another_name(jobs, name):
    (job,) = jobs(f"model={name}")
    (ref,) = job.study.models
    assert job.study.endpoints[ref.ref].base_url.startswith("http://localhost:")
    provider = ref.ref.partition("/")[0]
    (job,) = jobs(f"model={name}", f"model.ref={provider}/mine", "model.base_url=http://a/v1")
    assert job.study.endpoints[f"{provider}/mine"].base_url == "http://a/v1"
