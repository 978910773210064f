"""What providers mean by their refusals, as their own bodies say it."""

import json
from typing import Any

import pytest

from peersim.models.refusals import DEEPEST, meaning, refusal_of

INVALID = "invalid_request_error"


def error(message: str, kind: str | None = None, code: Any = None, **more: Any) -> Any:
    return {"error": {"message": message, "type": kind, "code": code, "param": None} | more}


def means(status: int, body: Any) -> str | None:
    return meaning(refusal_of(status, [body], json.dumps(body)))


FLAGGED = {"reasons": ["violence"], "flagged_input": "Your account is ...", "model_slug": "a/b"}
UPSTREAM = json.dumps(error("Content Exists Risk", INVALID, INVALID))
AZURE = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management"
    " policy. Please modify your prompt and retry."
)

BLOCKS = [
    (
        400,
        error(AZURE, None, "content_filter", innererror={"code": "ResponsibleAIPolicyViolation"}),
    ),
    (400, error("Rejected by the safety system.", INVALID, "content_policy_violation")),
    (400, error("Invalid prompt: your prompt was flagged as potentially violating.", INVALID)),
    (400, error("Output blocked by content filtering policy", INVALID)),
    (400, error("Content Exists Risk", INVALID, INVALID)),
    (400, {"contentFilter": [{"level": 0, "role": "user"}], **error("x", None, "1301")}),
    (400, error("The request was rejected because it was considered high risk", "content_filter")),
    (400, error("Input data may contain inappropriate content.", None, "data_inspection_failed")),
    (403, error("Your chosen model requires moderation.", None, 403, metadata=FLAGGED)),
    (403, error('Your input was flagged for "violence". No credits were charged.', None, 403)),
    (400, error("Provider returned error", None, 400, metadata={"raw": UPSTREAM})),
]
ACCOUNTS = [
    (403, error("Your account was flagged for potential abuse.", INVALID)),
    (403, error("Your organization's prompts were flagged.", INVALID)),
    (403, error("Your access was terminated due to violation of our policies.")),
    (400, error("This organization has been disabled.", INVALID)),
    (400, error("You have reached your specified API usage limits. Access returns soon.", INVALID)),
    (400, error("Your credit balance is too low to access the Anthropic API.", INVALID)),
    (429, error("You exceeded your current quota", "insufficient_quota", "insufficient_quota")),
    (429, error("Your account org-1<ak-2> is suspended", "exceeded_current_quota_error")),
    (429, error("Insufficient balance or no resource package. Please recharge.", None, "1113")),
    (400, error("Billing hard limit has been reached", INVALID, "billing_hard_limit_reached")),
]
FULL = [
    (400, error("Invalid request: Your request exceeded model token limit: 262144", INVALID)),
    (400, error("Prompt exceeds max length", None, "1261")),
    (400, {"code": 400, "reason": "X", "message": "sum of prompt tokens and max_tokens exceeds"}),
    (400, error("This endpoint's maximum context length is 65536 tokens.", None, 400)),
    (
        400,
        error("The prompt (length 9001) is longer than the maximum model length of 8192."),
    ),
    (400, error("prompt is too long: 210000 tokens > 200000 maximum", INVALID)),
    (400, error("x", INVALID, "context_length_exceeded")),
]
NEITHER = [
    (403, error("You have no access to this model.", INVALID)),
    (403, error("Sorry, your request was blocked.")),  # by a firewall, for all that is known
    (403, error("Country, region, or territory not supported", "request_forbidden")),
    (400, error("Invalid value for 'moderation' at tools[0]: it was flagged as wrong.", INVALID)),
    (429, error("Your account org-1 request reached max organization concurrency: 3, try again.")),
    (429, error("Rate limit reached", "requests", "rate_limit_exceeded")),
    (429, error("request_too_large", None, "request_too_large")),
    (500, error("x", None, "content_filter")),
    (500, error("Your credit balance is too low")),
    # What it was sent is repeated, and says nothing about what the provider means.
    (400, {"detail": [{"type": "missing", "msg": "Field required", "input": error("", "1301")}]}),
]


@pytest.mark.parametrize(("status", "body"), BLOCKS)
def test_a_block_of_what_was_said(status: int, body: Any) -> None:
    assert means(status, body) == "blocked"


@pytest.mark.parametrize(("status", "body"), ACCOUNTS)
def test_trouble_with_the_account_is_no_block_and_no_limit(status: int, body: Any) -> None:
    assert means(status, body) == "auth"


@pytest.mark.parametrize(("status", "body"), FULL)
def test_a_context_that_is_full(status: int, body: Any) -> None:
    assert means(status, body) == "context_window"


@pytest.mark.parametrize(("status", "body"), NEITHER)
def test_what_the_status_alone_tells(status: int, body: Any) -> None:
    assert means(status, body) is None


@pytest.mark.parametrize("code", ["unknown_parameter", None])
def test_a_parameter_of_a_telling_name_is_only_a_wrong_parameter(code: str | None) -> None:
    body = error("Unknown parameter: 'content_filter'.", INVALID, code, param="content_filter")
    assert means(400, body) == "bad_request"


def test_words_that_are_no_body_are_read_as_they_are() -> None:
    assert meaning(refusal_of(400, [], "Content Exists Risk")) == "blocked"
    assert meaning(refusal_of(400, [], "content_filter")) is None


def test_a_body_without_a_bottom_is_left_alone() -> None:
    body: Any = error("x", "content_filter")
    for _ in range(2 * DEEPEST):
        body = {"error": body}
    assert means(400, body) is None
