"""LiteLLM's own second sending of a request whose connection was lost, which is never wanted.

Its handler for most providers takes a connection that was reset for one that never was, and sends
the request again without a word: two may be billed, and one would be counted. This leans on an
inner part of LiteLLM; a release that has it no more is left alone, and a test tells that it is so.
"""

import inspect
import sys
from typing import Any


def teach_sending_once() -> None:
    """Let LiteLLM report a lost connection where it would send the request a second time."""
    try:
        from litellm.llms.custom_httpx import http_handler
    except ImportError:
        return
    handler: Any = getattr(http_handler, "AsyncHTTPHandler", None)
    if inspect.iscoroutinefunction(getattr(handler, "single_connection_post_request", None)):
        handler.single_connection_post_request = _reported


async def _reported(self: object, *args: object, **kwargs: object) -> None:
    """Raise again what the request was lost by: LiteLLM gets here with it in hand."""
    raise sys.exception() or ConnectionError("the connection was lost")
