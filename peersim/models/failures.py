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
from peersim.models.refusals import Refusal, meaning, parsed, refusal_of
from peersim.models.scrubbing import scrubbed

RETRYABLE: frozenset[FailureKind] = frozenset(
    {"rate_limited", "overloaded", "timeout", "connection", "malformed_reply"}
)

TIMEOUTS = frozenset({"Timeout", "TimeoutError", "APITimeoutError", "TimeoutException"})
GARBLED = frozenset(
    {"JSONDecodeError", "ValidationError", "APIResponseValidationError"}
    | {"UnicodeDecodeError", "DecodingError", "RecursionError"}
)
CONFUSED = frozenset({"AttributeError", "KeyError", "TypeError", "IndexError"})
UNREADABLE = (
    *("no 'choices'", "'choices' that is not a list", "Empty or invalid response"),
    *("Invalid response object", "Error converting to valid response block"),
)
# What clients say that give up before they ask, since they were given no key.
KEYLESS = ("Missing credentials", "api_key client option must be set")
TRANSPORT = frozenset(
    {"TransportError", "APIConnectionError", "ClientConnectionError", "ConnectionError"}
    | {"RequestError"}  # What answered speaks no HTTP.
)
STATUSES: dict[int, FailureKind] = {
    200: "malformed_reply",
    400: "bad_request",
    401: "auth",
    402: "auth",
    403: "auth",
    404: "bad_request",
    408: "timeout",
    409: "overloaded",
    413: "context_window",
    422: "bad_request",
    424: "overloaded",  # What stands behind the server failed: TGI, Azure ML
    425: "overloaded",
    429: "rate_limited",
    499: "connection",
    501: "bad_request",
    504: "timeout",
    505: "bad_request",
}
FIRST_REDIRECT, FIRST_SERVER_ERROR = 300, 500
# What answers so speaks HTTP, and most likely is no server of chat completions.
ASTRAY = frozenset({*range(300, 400), 405, 410, 501})

# Nothing was sent where these are in the chain: there was no connection to send it over.
UNSENT = frozenset(
    {"ConnectionRefusedError", "gaierror", "ClientConnectorError", "ConnectionTimeoutError"}
    | {"ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "InvalidURL"}
)

ADDRESS = re.compile(r"https?://[^\s'\"]+")
# What Python says where a function is given what it does not know.
UNEXPECTED = re.compile(r"unexpected keyword argument '(?P<name>\w+)'")
# All that OpenAI's client says of a connection that was lost or never made.
NO_MORE = "Connection error."
# LiteLLM names its exceptions up to three times.
STUTTER = re.compile(r"(\w+): (?:(?:litellm\.)?\1: )+")
# What aiohttp says of how it would have encrypted, which is another text in every process.
SSL_CONTEXT = re.compile(r" ssl:(<ssl\.SSLContext[^>]*>|\w+)(?= \[)")

RETRY_DELAY = re.compile(r'"retryDelay":\s*"(?P<seconds>\d+(?:\.\d+)?)s"')


def failure_of(error: BaseException, secrets: Iterable[str] = ()) -> Failure:
    """Return an exception as a failure.

    Args:
        error: What the provider library raised.
        secrets: Texts that must not show in the detail.
    """
    kind = kind_of(error)
    return Failure(
        kind=kind,
        detail=scrubbed(_detail(error, kind), secrets),
        retryable=kind in RETRYABLE,
        retry_after=_asked_to_wait(error),
        sent=sent(error),
    )


def _detail(error: BaseException, kind: FailureKind) -> str:
    """Return what an exception says, and those behind it where it leaves out what matters."""
    said = f"{_astray(error)}{_of_connection(error)}{type(error).__name__}: {error}"
    if kind == "connection" and said.endswith(NO_MORE):
        more = (f"{type(link).__name__}: {link}" for link in _chain(error) if str(link) not in said)
        said = f"{said} {next(more, '')}"
    if name := _untakeable(error):
        said = f"its client takes no {name} (try model.extra.extra_body={{{name}: ...}}): {said}"
    return STUTTER.sub(r"\1: ", SSL_CONTEXT.sub("", said))


def _untakeable(error: BaseException) -> str:
    """Return the parameter that the provider's client itself refused to take, if it is that."""
    if answered(error) or "TypeError" not in _all_names(error):
        return ""
    found = UNEXPECTED.search(_said(error))
    return found["name"] if found else ""


def _of_connection(error: BaseException) -> str:
    """Return what no client says of a connection that could not be made; else nothing."""
    chain, said = _all_names(error), _said(error)
    if "WRONG_VERSION_NUMBER" in said:
        return "no TLS is spoken there (http:// for https://?): "
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return "its certificate is not trusted here (SSL_CERT_FILE may name another): "
    proxied = chain & {"ProxyError", "ClientProxyConnectionError"}
    return "at the proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY; NO_PROXY): " if proxied else ""


def blocked(error: BaseException) -> bool:
    """Return whether the exception tells that the provider's policy blocked the exchange.

    What the provider itself says goes before LiteLLM's reading of it.
    """
    means = meaning(_refusal(error))
    return means == "blocked" or (means is None and "ContentPolicyViolationError" in _names(error))


def answered(error: BaseException) -> bool:
    """Return whether the server answered with an error status; else the trouble lay before."""
    return "HTTPStatusError" in _all_names(error)


def sent(error: BaseException) -> bool:
    """Return whether the provider may have had the request, and so may bill it.

    LiteLLM calls a connection that broke (``ClientOSError``) one that never was.
    """
    chain = _all_names(error)
    never = "ConnectError" in chain and "ClientOSError" not in chain
    return not (chain & UNSENT or never or _untakeable(error))


def kind_of(error: BaseException) -> FailureKind:
    """Return the kind of failure an exception tells of."""
    own = _names(error)
    if "ContextWindowExceededError" in own:
        return "context_window"
    if own & TIMEOUTS:
        return "timeout"
    if not answered(error) and (kind := _unanswered(error)):
        return kind
    means = meaning(_refusal(error))
    if means and means != "blocked":
        return means
    return kind_of_status(_status(error))


def kind_of_status(status: int) -> FailureKind:
    """Return the kind that a status tells of by itself; 0 if there was none."""
    if kind := STATUSES.get(status):
        return kind
    if status >= FIRST_SERVER_ERROR:
        return "overloaded"
    return "bad_request" if status >= FIRST_REDIRECT else "unknown"


def _status(error: BaseException) -> int:
    """Return the status that an exception bears; 0 for none, or for what is no number."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0


def _astray(error: BaseException) -> str:
    """Return what to say first of an answer that tells of a wrong address; else nothing.

    A path that a server does not have and a model that it does not have are both a 404, and
    only of the latter it says more.
    """
    status = _status(error)
    said = ADDRESS.sub("", _said(error)).lower()  # which may have "models" in it
    nowhere = status == 404 and not (_refusal(error).codes or "model" in said)
    if not answered(error) or not (nowhere or status in ASTRAY):
        return ""
    return f"HTTP {status}, as from a wrong address (see model.base_url; most end in /v1): "


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


def _unanswered(error: BaseException) -> FailureKind | None:
    """Return the kind of a failure that no error status of the server explains."""
    chain, said = _all_names(error), _said(error)
    if any(word in said for word in KEYLESS):
        return "auth"
    if _untakeable(error):
        return "bad_request"
    if "TooManyRedirects" in chain:
        return "bad_request"  # The address leads in a circle.
    if chain & GARBLED or any(word in said for word in UNREADABLE):
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


def _refusal(error: BaseException) -> Refusal:
    """Return what the provider said, read from the bodies that the exceptions carry."""
    status = _status(error)
    bodies = [body for link in _chain(error) for body in _bodies(link)]
    return refusal_of(status, bodies, _said(error))


def _bodies(error: BaseException) -> Iterator[object]:
    """Yield the bodies of an answer that an exception carries, where they are JSON."""
    own = getattr(error, "body", None)
    # The client's own property raises where the body was never read.
    whole = getattr(getattr(error, "response", None), "_content", None)
    for body in (own, parsed(whole) if isinstance(whole, bytes) else None, parsed(str(error))):
        if isinstance(body, dict | list) and body:
            yield body


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
