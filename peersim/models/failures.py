"""What went wrong at a provider, read from the exception that told of it.

Nothing here imports the provider library: exceptions are known by the names in their
chain and by their HTTP status, since LiteLLM gives one class to several troubles.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from peersim.models.base import Failure, FailureKind

RETRYABLE: frozenset[FailureKind] = frozenset(
    {"rate_limited", "overloaded", "timeout", "connection", "malformed_reply"}
)
DETAIL_LENGTH = 300

TIMEOUTS = frozenset({"Timeout", "TimeoutError", "APITimeoutError", "TimeoutException"})
GARBLED = frozenset({"JSONDecodeError", "ValidationError", "APIResponseValidationError"})
CONFUSED = frozenset({"AttributeError", "KeyError", "TypeError", "IndexError"})
UNREADABLE = (
    *("no 'choices'", "'choices' that is not a list", "Empty or invalid response"),
    *("Invalid response object", "Error converting to valid response block"),
)
# What providers say under a status that tells of something else.
TOO_LONG = ("request_too_large",)
NO_MONEY = ("insufficient_quota", "credit balance is too low")
TRANSPORT = frozenset(
    {"TransportError", "APIConnectionError", "ClientConnectionError", "ConnectionError"}
)
STATUSES: dict[int, FailureKind] = {
    200: "malformed_reply",
    400: "bad_request",
    401: "auth",
    402: "auth",
    403: "auth",
    404: "bad_request",
    408: "timeout",
    413: "context_window",
    422: "bad_request",
    429: "rate_limited",
    504: "timeout",
}
FIRST_SERVER_ERROR = 500

# A block that reaches us as a plain error, by its status: Azure-like servers and OpenRouter.
BLOCKS: dict[int, tuple[str, ...]] = {
    400: ("content_filter", "content management policy", "content_policy_violation"),
    403: ("flagged", "moderation"),
}

RETRY_DELAY = re.compile(r'"retryDelay":\s*"(?P<seconds>\d+(?:\.\d+)?)s"')

SECRET_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|hf)[-_][\w*-]{6,}|\bAIza[\w-]{20,}"
    r"|(?i:bearer\s+)[^\s\"',]+"
    r"|(?i:(?:api[-_]?key|access[-_]?token|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"',}&]+"
    r"|(?<=://)[^/\s@]+@"
)


def failure_of(error: BaseException, secrets: Iterable[str] = ()) -> Failure:
    """Return an exception as a failure.

    Args:
        error: What the provider library raised.
        secrets: Texts that must not show in the detail.
    """
    kind = kind_of(error)
    return Failure(
        kind=kind,
        detail=scrubbed(f"{type(error).__name__}: {error}", secrets),
        retryable=kind in RETRYABLE,
        retry_after=_asked_to_wait(error),
    )


def blocked(error: BaseException) -> bool:
    """Return whether the exception tells that the provider's policy blocked the exchange."""
    if "ContentPolicyViolationError" in _names(error):
        return True
    words = BLOCKS.get(getattr(error, "status_code", None) or 0, ())
    return any(word in _said(error) for word in words)


def answered(error: BaseException) -> bool:
    """Return whether the server answered with an error status; else the trouble lay before."""
    return "HTTPStatusError" in _all_names(error)


def kind_of(error: BaseException) -> FailureKind:
    """Return the kind of failure an exception tells of."""
    own = _names(error)
    if "ContextWindowExceededError" in own:
        return "context_window"
    if own & TIMEOUTS:
        return "timeout"
    if not answered(error) and (kind := _unanswered(error)):
        return kind
    status = getattr(error, "status_code", None) or 0
    if status in (400, 429) and any(word in _said(error) for word in NO_MONEY):
        return "auth"  # An empty account answers like a limit, but no waiting helps.
    if status == 400 and any(word in _said(error) for word in TOO_LONG):
        return "context_window"
    if status >= FIRST_SERVER_ERROR and status not in STATUSES:
        return "overloaded"
    return STATUSES.get(status, "unknown")


def _asked_to_wait(error: BaseException) -> float | None:
    """Return the seconds a provider asks to wait, in its headers or, as Google does, its words."""
    seconds = retry_after(getattr(error, "litellm_response_headers", None) or {})
    if seconds is None and (found := RETRY_DELAY.search(_said(error))):
        return float(found["seconds"])
    return seconds


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a provider asks to wait, or None if it does not say.

    Args:
        headers: The headers of its answer; Retry-After holds seconds or an HTTP date.
    """
    known = {name.lower(): value for name, value in headers.items()}
    if (milliseconds := _number(known.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    said = known.get("retry-after")
    seconds = _number(said)
    if seconds is not None or said is None:
        return seconds
    # A date is read by the clock that wrote it: ours may be hours off, or jump.
    now = _instant(known.get("date") or "") or datetime.now(UTC)
    until = _instant(said)
    return max((until - now).total_seconds(), 0.0) if until else None


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text on one line, at most 300 characters long, and without secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    text = SECRET_SHAPES.sub("[secret]", text.partition("Traceback (most recent call")[0])
    return " ".join(text.split())[:DETAIL_LENGTH]


def _unanswered(error: BaseException) -> FailureKind | None:
    """Return the kind of a failure that no error status of the server explains."""
    chain = _all_names(error)
    if chain & GARBLED or any(word in _said(error) for word in UNREADABLE):
        return "malformed_reply"
    if "APIConnectionError" in _names(error) and chain & CONFUSED:
        return "malformed_reply"  # The library's wrapper for a reply it could not read.
    return "connection" if chain & TRANSPORT else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those behind it."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        link = link.__cause__ or link.__context__
    yield from seen


def _names(error: BaseException) -> frozenset[str]:
    return frozenset(kind.__name__ for kind in type(error).__mro__)


def _all_names(error: BaseException) -> frozenset[str]:
    return frozenset().union(*map(_names, _chain(error)))


def _said(error: BaseException) -> str:
    """Return all that an exception and those behind it say, the server's words included."""
    return " ".join(f"{link} {getattr(link, 'body', None) or ''}" for link in _chain(error))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _instant(date: str) -> datetime | None:
    """Return the instant of an HTTP date, or None if it is none."""
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return then if then.tzinfo else then.replace(tzinfo=UTC)
