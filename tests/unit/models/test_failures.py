"""Exceptions become failures by the names in their chain and their HTTP status."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from peersim.models.failures import (
    blocked,
    failure_of,
    kind_of,
    retry_after,
)


class HTTPStatusError(Exception):
    """What an HTTP client raises for an error status."""


class APIConnectionError(Exception):
    """What LiteLLM raises for a lost connection, and for much else."""


def answered(status: int, text: str = "no") -> Exception:
    error = HTTPStatusError(text)
    vars(error)["status_code"] = status
    return error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, "bad_request"),
        (307, "bad_request"),
        (400, "bad_request"),
        (401, "auth"),
        (403, "auth"),
        (404, "bad_request"),
        (405, "bad_request"),
        (408, "timeout"),
        (409, "overloaded"),
        (410, "bad_request"),
        (413, "context_window"),
        (415, "bad_request"),
        (418, "bad_request"),
        (422, "bad_request"),
        (424, "overloaded"),
        (425, "overloaded"),
        (429, "rate_limited"),
        (451, "bad_request"),
        (499, "connection"),
        (500, "overloaded"),
        (501, "bad_request"),
        (502, "overloaded"),
        (503, "overloaded"),
        (504, "timeout"),
        (529, "overloaded"),
    ],
)
def test_an_error_status_names_the_kind(status: int, kind: str) -> None:
    assert kind_of(answered(status)) == kind


@pytest.mark.parametrize(
    ("status", "text", "astray"),
    [
        (307, "<html>moved</html>", True),
        (405, "<html>405 Not Allowed</html>", True),
        (501, "Unsupported method ('POST')", True),
        (404, '{"detail": "Not Found"}', True),
        (404, '{"error": {"message": "no", "code": "not_found"}}', False),
        (404, '{"error": "model \'x\' not found, try pulling it first"}', False),
        (400, "no", False),
        (503, "no", False),
    ],
)
def test_what_a_wrong_address_answers_says_so_first(status: int, text: str, astray: bool) -> None:
    said = f"HTTP {status}, as from a wrong address (see model.base_url; most end in /v1): "
    assert failure_of(answered(status, text)).detail.startswith(said) == astray


def test_an_empty_account_is_no_limit_to_wait_for() -> None:
    failure = failure_of(answered(429, '{"error": {"code": "insufficient_quota"}}'))
    assert (failure.kind, failure.retryable) == ("auth", False)


def test_an_empty_account_shows_in_the_words_behind_the_exception() -> None:
    error = answered(429, "You exceeded your quota")
    error.__cause__ = answered(429)
    vars(error.__cause__)["body"] = {"code": "insufficient_quota"}
    assert kind_of(error) == "auth"


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (400, "Your credit balance is too low to access the API.", "auth"),
        (400, '{"error": {"type": "request_too_large"}}', "context_window"),
        (429, "request_too_large", "rate_limited"),
        (500, "Your credit balance is too low", "overloaded"),
    ],
)
def test_words_that_say_more_than_the_status(status: int, text: str, kind: str) -> None:
    assert kind_of(answered(status, text)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "OpenAIException - Invalid response object",
        "GeminiException - Error converting to valid response block='args'",
        "provider returned 'choices' that is not a list (NoneType)",
    ],
)
@pytest.mark.parametrize("status", [400, 500])
def test_what_the_library_could_not_read_is_malformed_whatever_status_it_makes_up(
    status: int, text: str
) -> None:
    error = RuntimeError(text)
    vars(error)["status_code"] = status
    assert (kind_of(error), failure_of(error).retryable) == ("malformed_reply", True)
    # The same words from a server that did answer are its own.
    assert kind_of(answered(status, text)) != "malformed_reply"


def test_a_wait_that_stands_in_the_words_of_the_error() -> None:
    error = answered(429, '{"details": [{"retryDelay": "37.5s"}]}')
    assert failure_of(error).retry_after == 37.5
    vars(error)["litellm_response_headers"] = {"retry-after": "3"}
    assert failure_of(error).retry_after == 3.0


def test_a_lost_connection_that_looks_like_a_server_error() -> None:
    error = RuntimeError("Connection error.")
    vars(error)["status_code"] = 500
    error.__cause__ = ConnectionResetError()
    assert kind_of(error) == "connection"


def test_a_server_error_is_no_lost_connection_whatever_came_before() -> None:
    error = answered(500)
    error.__context__ = ConnectionResetError()
    assert kind_of(error) == "overloaded"


def test_a_wrapper_for_a_reply_that_the_library_could_not_read() -> None:
    error = APIConnectionError("Invalid response object")
    error.__context__ = AttributeError("get")
    assert kind_of(error) == "malformed_reply"
    assert kind_of(APIConnectionError("Connection error.")) == "connection"


def test_what_nobody_foresaw_is_unknown_and_not_retried() -> None:
    failure = failure_of(ZeroDivisionError("division by zero"))
    assert (failure.kind, failure.retryable) == ("unknown", False)
    assert failure.detail == "ZeroDivisionError: division by zero"


def test_a_chain_of_exceptions_that_bites_its_tail_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__context__, second.__context__ = second, first
    assert kind_of(first) == "unknown"


@pytest.mark.parametrize(
    ("status", "text", "verdict"),
    [
        (400, "filtered by Azure's content management policy", True),
        (403, "your input was flagged", True),
        (400, "the tool is flagged as wrong", False),
        (403, "no access to this model", False),
        (500, "content_filter", False),
    ],
)
def test_a_block_that_comes_as_a_plain_error(status: int, text: str, verdict: bool) -> None:
    assert blocked(answered(status, text)) is verdict


def test_what_the_provider_says_goes_before_litellm_s_reading_of_it() -> None:
    class ContentPolicyViolationError(HTTPStatusError):
        """What LiteLLM raises where a word of a list stands anywhere in an error."""

    def error(text: str) -> Exception:
        made = ContentPolicyViolationError(text)
        vars(made)["status_code"] = 400
        return made

    assert blocked(error("Your request was rejected as a result of our safety system."))
    assert blocked(error("something that only LiteLLM knows"))
    assert not blocked(error("Unknown parameter: 'content_filter_policy'."))
    assert not blocked(error("Your account has been suspended: content_policy_violation"))


@pytest.mark.parametrize(
    ("chain", "verdict"),
    [
        (("ConnectError", "ClientConnectorError", "ConnectionRefusedError"), False),
        (("ConnectError", "gaierror"), False),
        (("ConnectError",), False),
        (("ConnectTimeout",), False),
        # LiteLLM calls a broken connection one that could not be made.
        (("ConnectError", "ClientOSError", "ConnectionResetError"), True),
        (("ReadError", "ServerDisconnectedError"), True),
        (("ReadError", "ClientPayloadError"), True),
    ],
)
def test_only_a_connection_that_never_was_sent_nothing(
    chain: tuple[str, ...], verdict: bool
) -> None:
    error: Exception = APIConnectionError("Connection error.")
    link: BaseException = error
    for name in chain:
        link.__context__ = type(name, (Exception,), {})()
        link = link.__context__
    failure = failure_of(error)
    assert (failure.kind, failure.sent) == ("connection", verdict)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(("ahead", "low", "high"), [(90, 80, 90), (-90, 0, 0)])
def test_retry_after_as_a_date(ahead: int, low: float, high: float) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    seconds = retry_after({"Retry-After": then})
    assert seconds is not None
    assert low <= seconds <= high


def test_a_kind_is_said_once_and_no_object_of_the_client_s_is_shown() -> None:
    class InternalServerError(Exception):
        """What LiteLLM makes of much."""

    said = (
        "litellm.InternalServerError: InternalServerError: Hosted_vllmException - Cannot connect"
        " to host no-such-host.invalid:80 ssl:<ssl.SSLContext object at 0x7f779f209e20>"
        " [Name or service not known]"
    )
    assert failure_of(InternalServerError(said)).detail == (
        "InternalServerError: Hosted_vllmException - Cannot connect to host"
        " no-such-host.invalid:80 [Name or service not known]"
    )
    assert failure_of(InternalServerError("plain")).detail == "InternalServerError: plain"


def test_a_certificate_that_is_not_trusted_is_told_with_what_may_be_done() -> None:
    error = APIConnectionError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    assert failure_of(error).detail.startswith(
        "its certificate is not trusted here (SSL_CERT_FILE may name another): "
    )
