"""A served model is the one asked for if its name adds no more than a version."""

import pytest

from peersim.record import Played, substituted


@pytest.mark.parametrize(
    ("requested", "served"),
    [
        ("openai/gpt-5.2", "gpt-5.2"),
        ("openai/gpt-5.2", "gpt-5.2-2025-12-11"),
        ("openai/gpt-4", "gpt-4-0613"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("vertex_ai/claude-haiku-4-5", "claude-haiku-4-5@20251001"),
        ("vertex_ai/claude-haiku-4-5@20251001", "claude-haiku-4-5-20251001"),
        ("anthropic/claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
        ("bedrock/claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("gemini/gemini-2.5-pro", "models/gemini-2.5-pro-preview-05-06"),
        ("gemini/gemini-2.0-flash", "gemini-2.0-flash-001"),
        ("gemini/gemini-3-flash-preview", "gemini-3-flash-preview-11-2025"),
        ("openrouter/deepseek/deepseek-chat-v3.1", "deepseek/deepseek-chat-v3.1:free"),
        ("openrouter/deepseek/deepseek-chat-v3.1:free", "deepseek/deepseek-chat-v3.1"),
        ("ollama/llama3:8b", "llama3:8b"),
        ("hosted_vllm/Qwen/Qwen3-8B", "qwen/qwen3-8b"),
    ],
)
def test_a_version_is_no_other_model(requested: str, served: str) -> None:
    assert not substituted(requested, served)


@pytest.mark.parametrize(
    ("requested", "served"),
    [
        ("openai/gpt-5.2", "gpt-5.2-mini"),
        ("openai/gpt-5.2", "gpt-5.2-mini-2025-12-11"),
        ("openai/gpt-5.2", "gpt-5"),
        ("openai/gpt-5", "gpt-5.2"),
        ("openai/gpt-4", "gpt-4o"),
        ("openai/gpt-4", "not-gpt-4"),
        ("openai/gpt-3.5-turbo", "gpt-3.5-turbo-16k"),
        ("zai/glm-4.7", "glm-4.7-flash"),
        ("anthropic/claude-sonnet-4", "claude-sonnet-4-5"),
        ("gemini/gemini-2.5-pro", "gemini-2.5-pro-preview-tts"),
        ("gemini/gemini-2.5-pro", "gemini-2.5-pro-13-2025"),
        ("deepseek/deepseek-chat", "deepseek-chat-v3"),
        ("ollama/llama3:8b", "llama3:70b"),
        ("hosted_vllm/Llama-3.1", "Llama-3.1-405b"),
    ],
)
def test_a_word_more_is_another_model(requested: str, served: str) -> None:
    assert substituted(requested, served)


def test_a_role_tells_who_stood_in_for_its_model() -> None:
    names = ("gpt-5.2-2025-12-11", "gpt-5.2-mini")
    played = Played(requested="openai/gpt-5.2", provider="openai", served=names)
    assert played.substituted == ("gpt-5.2-mini",)
