"""A real OpenAI-compatible chat server on a loopback port, with faults on demand.

It runs an event loop of its own in a thread, so a client under test meets real sockets
whatever loop it runs on. A policy decides each reply; a ledger keeps what happened.
"""

import asyncio
import inspect
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from aiohttp import web
from servers.openai_wire import Body, Reply, error_body, reply_of, request_of

from peersim.models.base import Completion, Failure, Request
from peersim.models.port import Model

# Seconds until a server that does not start or stop is given up; a busy machine takes its time.
PATIENCE = 300


@dataclass(frozen=True)
class Fault:
    """A way for the server to fail.

    Attributes:
        name: What the ledger calls it.
        how: Answer with the status and body; hang, sending nothing; drip, sending a blank
            now and then for ever; drop the connection; or cut it in the middle of the body.
    """

    name: str
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    how: Literal["answer", "hang", "drip", "drop", "cut"] = "answer"


@dataclass(frozen=True)
class Served:
    """One request in the ledger.

    Attributes:
        outcome: ``reply``, or the name of a fault.
        authorization: The header that carried the key.
        at: When the request came, in seconds of the monotonic clock.
    """

    body: Body
    outcome: str
    authorization: str
    at: float


Answer = Reply | Fault
Policy = Callable[[Body, int], Answer | Awaitable[Answer]]
WireComplete = Callable[[Body], Reply | Awaitable[Reply]]


def rate_limited(retry_after: str | None = "7") -> Fault:
    """Return a 429, with a Retry-After in seconds or as an HTTP date unless None."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = error_body("Rate limit reached", "requests", "rate_limit_exceeded")
    return Fault("rate_limited", 429, body, headers)


def out_of_credit() -> Fault:
    """Return the 429 of an account that has no money left."""
    body = error_body("You exceeded your quota", "insufficient_quota", "insufficient_quota")
    return Fault("out_of_credit", 429, body)


def server_error() -> Fault:
    """Return a 500."""
    return Fault("server_error", 500, error_body("Something broke", "server_error"))


def unavailable(retry_after: str | None = None) -> Fault:
    """Return a 503."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault("unavailable", 503, error_body("Overloaded", "server_error"), headers)


def unauthorised(message: str = "Incorrect API key provided") -> Fault:
    """Return a 401."""
    body = error_body(message, "invalid_request_error", "invalid_api_key")
    return Fault("unauthorised", 401, body)


def unknown_model() -> Fault:
    """Return the 404 for a model that the server does not have."""
    body = error_body("No such model", "invalid_request_error", "model_not_found")
    return Fault("unknown_model", 404, body)


def bad_parameter() -> Fault:
    """Return the 400 for a parameter that the server does not take."""
    body = error_body("Unsupported value: 'temperature'", "invalid_request_error")
    return Fault("bad_parameter", 400, body)


def wrong_address() -> Fault:
    """Return the 405 of a web server that knows nothing of chat completions."""
    return Fault("wrong_address", 405, "<html><title>405 Not Allowed</title></html>")


def context_too_long() -> Fault:
    """Return the 400 for a request that is longer than the context window."""
    message = "This model's maximum context length is 8192 tokens."
    body = error_body(message, "invalid_request_error", "context_length_exceeded")
    return Fault("context_too_long", 400, body)


def blocked_prompt() -> Fault:
    """Return the 400 of a provider that blocks a request under its content policy."""
    message = "Your request was rejected as a result of the safety system."
    body = error_body(message, "invalid_request_error", "content_policy_violation")
    return Fault("blocked_prompt", 400, body)


def hang() -> Fault:
    """Return a fault that sends nothing until the client gives up."""
    return Fault("hang", how="hang")


def drip() -> Fault:
    """Return a fault that sends a blank ten times a second until the client gives up."""
    return Fault("drip", how="drip")


def dropped() -> Fault:
    """Return a fault that closes the connection without an answer."""
    return Fault("dropped", how="drop")


def cut_off() -> Fault:
    """Return a fault that closes the connection in the middle of the body."""
    return Fault("cut_off", how="cut")


def not_json() -> Fault:
    """Return a 200 whose body breaks off in the middle of its JSON."""
    return Fault("not_json", 200, '{"choices": [{"message": ')


def choiceless() -> Fault:
    """Return a 200 whose body is a whole reply, but without any choice."""
    said = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
    return Fault("choiceless", 200, json.dumps(said))


def always(answer: Completion | Fault) -> Policy:
    """Return a policy that gives every request the same answer."""
    return in_turn(answer)


def in_turn(*answers: Completion | Fault) -> Policy:
    """Return a policy that gives the answers in turn, and the last one from then on."""

    def policy(body: Body, n: int) -> Answer:
        answer = answers[min(n, len(answers) - 1)]
        return answer if isinstance(answer, Fault) else reply_of(body, answer)

    return policy


def simulated_policy(complete: WireComplete) -> Policy:
    """Return a policy over a function, async or not, from a wire body to a wire reply."""

    def policy(body: Body, n: int) -> Reply | Awaitable[Reply]:
        return complete(body)

    return policy


def model_policy(model: Model) -> Policy:
    """Return a policy that puts a model behind HTTP; its failures become 503s."""

    async def policy(body: Body, n: int) -> Answer:
        completion = await model.complete(request_of(body))
        return unavailable() if isinstance(completion, Failure) else reply_of(body, completion)

    return policy


class FaultServer:
    """A chat-completions server, up while its ``with`` or ``async with`` block lasts."""

    def __init__(self, reply: Policy) -> None:
        """Make a server that has not started.

        Args:
            reply: Called with each body and the number of the request, counted from 0.
        """
        self.ledger: list[Served] = []
        self._reply = reply
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._arrived = 0
        self._port = 0

    @property
    def base_url(self) -> str:
        """The address to give a client."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests that came, as our own."""
        return tuple(request_of(served.body) for served in self.ledger)

    def start(self) -> None:
        """Listen on a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE)

    def stop(self) -> None:
        """Stop listening, and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def settle(self) -> None:
        """Wait until the server has seen that clients have gone, and until their requests ended.

        From then on the ledger says all that it will ever say of them.
        """
        # Connections are taken in turn, so all before this one have been taken once it is served.
        with socket.create_connection(("127.0.0.1", self._port)) as probe:
            probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while probe.recv(4096):
                pass
        while self._runner and self._runner.server and self._runner.server.connections:
            time.sleep(0.005)

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start the server."""
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._serve)
        # A request whose client gave up is cancelled, so hanging handlers do not pile up.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        n, self._arrived = self._arrived, self._arrived + 1
        at = time.monotonic()
        body: Body = await request.json()
        made = self._reply(body, n)
        answer = await made if inspect.isawaitable(made) else made
        outcome = answer.name if isinstance(answer, Fault) else "reply"
        key = request.headers.get("Authorization", "")
        self.ledger.append(Served(body, outcome, key, at))
        if isinstance(answer, Fault):
            return await _fail(request, answer)
        return web.Response(text=json.dumps(answer), content_type="application/json")


async def _fail(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.how == "hang":
        await asyncio.Event().wait()
    if fault.how == "drip":
        return await _drip(request)
    if fault.how == "cut":
        return await _cut(request)
    if fault.how == "drop" and request.transport:
        request.transport.close()
    return web.Response(
        status=fault.status,
        text=fault.body,
        headers=fault.headers,
        content_type="application/json",
    )


async def _drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.1)


async def _cut(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "application/json", "Content-Length": "5000"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(b'{"choices": [')
    if request.transport:
        request.transport.close()
    return response
