"""What a server answers in bytes that are no reply: one request, counted as what it may cost."""

import asyncio
import socket
import struct

import pytest

from peersim.models.asked import Message, Sampling
from peersim.models.base import Endpoint, Failure, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections

ASK = Request(
    messages=(Message(role="user", content="Hi."),), sampling=Sampling(temperature=1, max_tokens=9)
)
REFS = (
    *("openai/some", "hosted_vllm/some", "deepseek/deepseek-chat", "anthropic/claude-haiku-4-5"),
    *("gemini/gemini-3-flash-preview", "ollama_chat/some"),
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
RESET = b""
NO_TEXT = HEAD + b'\r\n{"choices": "\xff\xfe"}'
NO_GZIP = HEAD + b"Content-Encoding: gzip\r\n\r\nnope"
NO_HTTP = b"SSH-2.0-OpenSSH\r\n"
# Deeper than any parser of JSON follows.
TOO_DEEP = HEAD + b"\r\n" + b"[" * 100_000
CIRCLE = b"HTTP/1.1 308 Moved\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def asked(ref: str, answer: bytes) -> tuple[Failure, int]:
    """Ask a server that gives an answer and hangs up; return what came, and its requests."""
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        requests += 1
        writer.write(answer)
        if answer == RESET:
            # Nothing lingers: the other side is told of a reset instead of an end.
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reached = Endpoint(
            base_url=f"http://127.0.0.1:{port}/v1",
            key_env="PEERSIM_TEST_ENTRY",
            timeout_seconds=10,
        )
        failure = await LiteLLMModel(ModelRef(ref=ref), reached).complete(ASK)
        await close_connections()
    assert isinstance(failure, Failure), failure
    return failure, requests


@pytest.fixture(autouse=True)
def _a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERSIM_TEST_ENTRY", "planted-4f1c99e2")


@pytest.mark.parametrize("ref", REFS)
def test_a_request_whose_connection_was_reset_is_not_sent_again_unseen(ref: str) -> None:
    failure, requests = asyncio.run(asked(ref, RESET))
    assert (failure.kind, failure.maybe_billed, requests) == ("connection", True, 1)


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (NO_TEXT, "malformed_reply"),
        (NO_GZIP, "malformed_reply"),
        (TOO_DEEP, "malformed_reply"),
        (NO_HTTP, "connection"),
    ],
    ids=["no_text", "no_gzip", "too_deep", "no_http"],
)
def test_what_cannot_be_read_may_be_billed_and_is_no_overload(
    ref: str, answer: bytes, kind: str
) -> None:
    failure, requests = asyncio.run(asked(ref, answer))
    assert (failure.kind, failure.maybe_billed, requests) == (kind, True, 1), failure.detail


@pytest.mark.parametrize("ref", REFS)
def test_an_address_that_leads_in_a_circle_is_a_wrong_one(ref: str) -> None:
    failure, _ = asyncio.run(asked(ref, CIRCLE))
    assert (failure.kind, failure.retryable) == ("bad_request", False), failure.detail
