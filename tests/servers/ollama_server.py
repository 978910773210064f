"""A local server that speaks Ollama's chat API, and cuts what does not fit, as Ollama does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Body = dict[str, Any]
BYTES_PER_TOKEN = 4
OWN_WINDOW = 4096


def called(name: str, **given: Any) -> Body:
    """Return a call of a tool as the server words it: without an id, its arguments an object."""
    return {"function": {"name": name, "arguments": given}}


class OllamaServer:
    """Gives messages in turn, each as the server words it, with its end if that is not "stop".

    Attributes:
        paths: The path of every request, in order.
        bodies: What was asked of /api/chat.
        read: The texts of the messages that fitted into the window, for each request.
    """

    def __init__(self, *replies: Body) -> None:
        """Make a server that has not started."""
        self.paths: list[str] = []
        self.bodies: list[Body] = []
        self.read: list[list[str]] = []
        self._replies = list(replies)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """The address to give a client."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def answer(self, path: str, body: Body) -> Body:
        """Return what a request is answered with."""
        self.paths.append(path)
        if path != "/api/chat":
            return {"model_info": {"x.context_length": 40960}, "template": "tools"}
        self.bodies.append(body)
        window = body.get("options", {}).get("num_ctx", OWN_WINDOW)
        kept = _fitting([str(message["content"]) for message in body["messages"]], window)
        self.read.append(kept)
        reply = self._replies.pop(0)
        counts = {"prompt_eval_count": sum(map(_tokens, kept)), "eval_count": 7}
        return {
            "model": reply.get("model", body["model"]),
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", **reply.get("message", {})},
            "done": True,
            "done_reason": reply.get("done_reason", "stop"),
        } | {name: n for name, n in counts.items() if name not in reply.get("uncounted", ())}


def _tokens(text: str) -> int:
    return len(text.encode()) // BYTES_PER_TOKEN + 4


def _fitting(texts: list[str], window: int) -> list[str]:
    """Return the first text and as many of the last as fit, cut to the window without a word."""
    kept = list(texts)
    while len(kept) > 2 and sum(map(_tokens, kept)) > window:
        del kept[1]
    room = max(window - sum(map(_tokens, kept[:-1])) - 4, 1) * BYTES_PER_TOKEN
    return [*kept[:-1], kept[-1][-room:]]


def _handler(server: OllamaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
            said = json.dumps(server.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    return Handler
