"""A local server that speaks Anthropic's Messages protocol, and refuses what the real one does."""

import asyncio
import json
import threading
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]


def text(said: str) -> Body:
    """Return a text block."""
    return {"type": "text", "text": said}


def tool_use(number: int, name: str, given: Body) -> Body:
    """Return a call of a tool."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": given}


def thinking(thought: str) -> Body:
    """Return a signed block of thinking."""
    return {"type": "thinking", "thinking": thought, "signature": f"signed:{thought}"}


class AnthropicServer:
    """Gives replies in turn, each a list of content blocks."""

    def __init__(self, *replies: list[Body], usage: Body | None = None) -> None:
        """Make a server that has not started."""
        self.bodies: list[Body] = []
        self.refused: list[str] = []
        self._replies = list(replies)
        self._usage = usage or {"input_tokens": 100, "output_tokens": 20}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0

    @property
    def base_url(self) -> str:
        """The address to give a client."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *ended: object) -> None:
        """Stop the server."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/messages", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.Response:
        body: Body = await request.json()
        self.bodies.append(body)
        if problem := problem_of(body):
            self.refused.append(problem)
            error = {"type": "invalid_request_error", "message": problem}
            said = json.dumps({"type": "error", "error": error})
            return web.Response(status=400, text=said, content_type="application/json")
        blocks = self._replies.pop(0)
        calls = any(block["type"] == "tool_use" for block in blocks)
        reply = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": f"{body['model']}-20251001",
            "content": blocks,
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": self._usage,
        }
        return web.json_response(reply)


def problem_of(body: Body) -> str:
    """Return what Anthropic would refuse a request for, or nothing."""
    problems = [
        *_problems_of_turns(body["messages"]),
        *_problems_of_calls(body["messages"]),
        *_problems_of_thinking(body),
    ]
    if not body.get("max_tokens"):
        problems.append("max_tokens: Field required")
    return problems[0] if problems else ""


def _blocks(message: Body) -> list[Body]:
    content = message["content"]
    return [text(content)] if isinstance(content, str) else content


def _problems_of_turns(messages: list[Body]) -> list[str]:
    found = []
    if not messages or messages[0]["role"] != "user":
        found.append("messages: first message must use the user role")
    for message in messages:
        if message["role"] not in ("user", "assistant"):
            found.append(f"messages: unexpected role {message['role']!r}")
        blocks = _blocks(message)
        if not blocks:
            found.append("messages: all messages must have non-empty content")
        if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
            found.append("messages: text content blocks must contain non-whitespace text")
    return found


def _problems_of_calls(messages: list[Body]) -> list[str]:
    found, asked = [], set()
    for message in messages:
        blocks = _blocks(message)
        results = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
        if asked - results:
            found.append("tool_use ids were found without tool_result blocks immediately after")
        if results - asked:
            found.append("unexpected tool_use_id found in tool_result blocks")
        asked = {b["id"] for b in blocks if b["type"] == "tool_use"}
    return found


def _problems_of_thinking(body: Body) -> list[str]:
    """When thinking is on, a turn that called tools must begin with its signed thinking."""
    if not body.get("thinking"):
        return []
    turns = [_blocks(m) for m in body["messages"] if m["role"] == "assistant"]
    calling = [blocks for blocks in turns if any(b["type"] == "tool_use" for b in blocks)]
    found = []
    for blocks in calling:
        first = blocks[0]
        if first["type"] not in ("thinking", "redacted_thinking"):
            found.append("Expected `thinking` or `redacted_thinking`, but found `tool_use`")
        elif first.get("signature") != f"signed:{first.get('thinking')}":
            found.append("Invalid `signature` in `thinking` block")
    return found
