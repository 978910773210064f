"""What LiteLLM would not send as asked for is found without any call."""

import pytest
import yaml

from peersim.config.models import conf_dir
from peersim.errors import ConfigError
from peersim.models.asked import Sampling
from peersim.models.base import Endpoint, ModelRef
from peersim.models.taken import check_taken, takes_tools, untaken

NONE = Endpoint()
ALL = Sampling(temperature=1.0, top_p=0.9, max_tokens=777)
FILES = sorted(
    path.stem for path in (conf_dir() / "model").glob("*.yaml") if path.stem not in ("base",)
)


@pytest.mark.parametrize(
    ("ref", "sampling", "lost"),
    [
        ("moonshot/kimi-k2.5", Sampling(temperature=0.0), ["temperature"]),
        ("moonshot/kimi-k2.5", Sampling(temperature=1.0, top_p=0.9), ["temperature"]),
        ("moonshot/moonshot-v1-8k", Sampling(temperature=1.5), ["temperature"]),
        ("moonshot/moonshot-v1-8k", Sampling(temperature=0.5), []),
        ("openai/o3", Sampling(temperature=0.0, max_tokens=9), ["temperature"]),
        ("openai/gpt-5.2", ALL, []),
        ("gemini/gemini-3-flash-preview", ALL, []),
        ("gemini/gemini-3-flash-preview", Sampling(temperature=0.0), []),
        ("anthropic/claude-haiku-4-5", Sampling(temperature=0.0, max_tokens=9), []),
        ("zai/glm-4.7", ALL, []),
        ("novita/deepseek/deepseek-v3.1", ALL, []),
        ("ollama_chat/qwen3:8b", ALL, []),
        ("hosted_vllm/own", ALL, []),
        ("openrouter/a/b", ALL, []),
    ],
)
def test_sampling_parameters(ref: str, sampling: Sampling, lost: list[str]) -> None:
    assert untaken(ModelRef(ref=ref, sampling=sampling), NONE) == lost


@pytest.mark.parametrize(
    ("ref", "extra", "lost"),
    [
        ("zai/glm-4.7", {"reasoning_effort": "low"}, ["reasoning_effort"]),
        ("moonshot/moonshot-v1-8k", {"reasoning_effort": "low"}, ["reasoning_effort"]),
        ("anthropic/claude-haiku-4-5", {"reasoning_effort": "low"}, []),
        ("gemini/gemini-3-flash-preview", {"reasoning_effort": "low"}, []),
        (
            "gemini/gemini-3-flash-preview",
            {"thinking_level": "low", "top_k": 5},
            ["thinking_level"],
        ),
        ("gemini/gemini-3-flash-preview", {"safety_settings": [{"category": "a"}]}, []),
        ("gemini/gemini-3-flash-preview", {"supports_system_message": False}, []),
        ("ollama_chat/qwen3:8b", {"num_ctx": 32768}, []),
        ("hosted_vllm/own", {"top_k": 5, "made_up": True}, []),
    ],
)
def test_extra_parameters(ref: str, extra: dict[str, object], lost: list[str]) -> None:
    assert untaken(ModelRef.model_validate({"ref": ref, "extra": extra}), NONE) == lost


@pytest.mark.parametrize(
    ("ref", "lost"), [("anthropic/claude-haiku-4-5", ["seed"]), ("openai/gpt-5.2", [])]
)
def test_the_seed_of_each_call(ref: str, lost: list[str]) -> None:
    assert untaken(ModelRef(ref=ref, send_seed=True), NONE) == lost
    assert untaken(ModelRef(ref=ref), NONE) == []


def test_one_sentence_names_the_parameter_the_model_and_what_to_do() -> None:
    ref = ModelRef(ref="zai/glm-4.7", send_seed=True, extra={"reasoning_effort": "low"})
    with pytest.raises(ConfigError) as caught:
        check_taken(ref, NONE)
    said = str(caught.value)
    for part in ("zai/glm-4.7", "model.send_seed", "model.extra.reasoning_effort"):
        assert part in said


def test_a_provider_that_nobody_knows_is_named() -> None:
    with pytest.raises(ConfigError, match="no provider of nobody/knows-it"):
        check_taken(ModelRef(ref="nobody/knows-it"), NONE)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_configuration_asks_for_what_is_sent(name: str) -> None:
    whole = yaml.safe_load((conf_dir() / "model" / f"{name}.yaml").read_text("utf-8"))
    if str(whole["ref"]).startswith("simulated/"):
        pytest.skip("a stand-in")
    sampling = Sampling(max_tokens=whole.get("max_tokens"))
    ref = ModelRef(ref=whole["ref"], sampling=sampling, extra=whole.get("extra", {}))
    assert untaken(ref, NONE) == []
    assert takes_tools(ref, NONE)
