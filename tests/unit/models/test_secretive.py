"""Names that say secrets are told from names that do not."""

import pytest

from peersim.errors import ConfigError
from peersim.models.base import ModelRef
from peersim.models.reserved import check_extra
from peersim.models.secretive import (
    has_key_shape,
    has_query,
    has_user_info,
    is_secretive,
    secretive_names,
)

SECRETIVE = (
    *("api_key", "apiKey", "API-KEY", "apikey", "token", "auth_token", "accessToken", "password"),
    *("client_secret", "Authorization", "headers", "extra_headers", "aws_secret_access_key"),
    *("aws_access_key_id", "credentials", "Cookie", "X-Api-Key", "key", "auth", "pwd", "pass"),
    *("openai_key", "openAIKey", "api_keys", "apikeys", "keys", "secrets", "jwt", "userpwd"),
    *("private_key_pem", "private-key-b64", "key1", "token_2", "x-goog-api-key", "creds"),
)
PLAIN = (
    *("max_tokens", "budget_tokens", "max_completion_tokens", "prompt_cache_key", "reasoning"),
    *("tokenizer", "thinking", "keyword", "keywords", "secretary", "author", "header_style", ""),
    *("monkey", "pass_through", "use_in_pass_through", "passage", "bypass", "keep_alive", "value"),
    *("eos_token", "bos_token_id", "stop_token_ids", "skip_special_tokens", "top_k", "base64"),
    *("input_cost_per_token", "input_cost_per_audio_token", "thinking_token_budget", "seed"),
)


@pytest.mark.parametrize("name", SECRETIVE)
def test_a_name_that_says_so_holds_a_secret(name: str) -> None:
    assert is_secretive(name)


@pytest.mark.parametrize("name", PLAIN)
def test_a_usual_parameter_is_none(name: str) -> None:
    assert not is_secretive(name)


@pytest.mark.parametrize(
    "text",
    [
        *("sk-proj-abcdefghijklmnop", "model.extra.x=[hf_abcdefghijklmnopqrst]"),
        *("AKIAABCDEFGHIJKLMNOP", "a: eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln"),
    ],
)
def test_a_key_s_shape_is_known_under_any_name(text: str) -> None:
    assert has_key_shape(text)


@pytest.mark.parametrize(
    "text",
    ["hosted_vllm/sk-small", "task-one-two-three-four-five", "hf_model", "risk_of_ruin_of_all"],
)
def test_a_name_that_begins_like_one_has_none(text: str) -> None:
    assert not has_key_shape(text)


def test_names_are_found_however_deep_they_stand() -> None:
    extra = {"a": [{"b": {"token": 1}}, 2], "thinking": {"budget_tokens": 5}, "headers": {}}
    assert secretive_names(extra) == ["headers", "token"]
    with pytest.raises(ConfigError, match="set headers, token"):
        check_extra(ModelRef(ref="openai/m", extra=extra))


def test_an_address_with_a_user_is_told_from_one_with_an_at_elsewhere() -> None:
    assert has_user_info("http://user:word@host/v1")
    assert has_user_info("model.base_url=HTTPS://user@host")
    assert not has_user_info("http://host:80/v1/@models")
    assert not has_user_info("http://host")


def test_an_address_with_a_query_is_told_from_one_with_a_question_elsewhere() -> None:
    assert has_query("http://host/v1?api_key=x")
    assert has_query("model.base_url='HTTPS://host?key=x'")
    assert not has_query("http://host/v1")
    assert not has_query("study={base_url: http://host/v1, note: why?}")
    assert not has_query("http://host/v1#a?")
