"""A local server that speaks Anthropic's Messages protocol, and refuses what the real one does."""

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]
KEYS = {
    *("model", "messages", "system", "max_tokens", "metadata", "stop_sequences", "stream"),
    *("temperature", "top_p", "top_k", "thinking", "tools", "tool_choice"),
}
KINDS = {"user": {"text", "tool_result"}}
KINDS["assistant"] = {"text", "tool_use", "thinking", "redacted_thinking"}
MOST_MARKS = 4


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

    def __init__(
        self,
        *replies: list[Body],
        usage: Body | None = None,
        faults: Sequence[tuple[int, Any]] = (),
    ) -> None:
        """Make a server that has not started.

        Args:
            replies: The content of each reply, in turn.
            usage: What every reply says it used.
            faults: Statuses and bodies to answer with before any reply.
        """
        self._faults = list(faults)
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
        if fault := self._faults.pop(0) if self._faults else None:
            return web.Response(
                status=fault[0], text=json.dumps(fault[1]), content_type="application/json"
            )
        headers = request.headers
        missing = [name for name in ("x-api-key", "anthropic-version") if not headers.get(name)]
        if problem := problem_of(body) or ", ".join(missing):
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
        *_problems_of_marks(body),
    ]
    if not body.get("max_tokens"):
        problems.append("max_tokens: Field required")
    problems += [f"{key}: Extra inputs are not permitted" for key in body.keys() - KEYS]
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
        inner = [one for block in blocks for one in _inside(block)]
        if any(one["type"] == "text" and not one["text"].strip() for one in blocks + inner):
            found.append("messages: text content blocks must contain non-whitespace text")
        strange = {block["type"] for block in blocks} - KINDS.get(message["role"], set())
        found += [f"messages: {kind} is not for the role {message['role']}" for kind in strange]
    return found


def _inside(block: Body) -> list[Body]:
    """Return the blocks inside a tool's result."""
    content = block.get("content") if block["type"] == "tool_result" else None
    return content if isinstance(content, list) else []


def _problems_of_marks(body: Body) -> list[str]:
    """At most four blocks may be marked, and none that holds no text."""
    system = body.get("system") or []
    blocks = [*(system if isinstance(system, list) else []), *(body.get("tools") or [])]
    for message in body["messages"]:
        blocks += [one for block in _blocks(message) for one in (block, *_inside(block))]
    marked = [block for block in blocks if block.get("cache_control")]
    if len(marked) > MOST_MARKS:
        return [f"A maximum of 4 blocks with cache_control may be provided. Found {len(marked)}."]
    if any(block.get("type") == "thinking" for block in marked):
        return ["cache_control cannot be set for thinking blocks"]
    return []


def _problems_of_calls(messages: list[Body]) -> list[str]:
    found, asked = [], set()
    for message in messages:
        blocks = _blocks(message)
        results = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
        if asked - results:
            found.append("tool_use ids were found without tool_result blocks immediately after")
        if results - asked:
            found.append("unexpected tool_use_id found in tool_result blocks")
        uses = [b for b in blocks if b["type"] == "tool_use"]
        if any(not isinstance(b["input"], dict) or not b["name"] for b in uses):
            found.append("tool_use.input: Input should be a valid dictionary")
        asked = {b["id"] for b in uses}
    return found


def _problems_of_thinking(body: Body) -> list[str]:
    """When thinking is on, a turn that called tools must begin with its signed thinking."""
    if not body.get("thinking"):
        return []
    found = []
    if body["thinking"]["budget_tokens"] >= body.get("max_tokens", 0):
        found.append("`max_tokens` must be greater than `thinking.budget_tokens`")
    if body.get("temperature") not in (None, 1, 1.0):
        found.append("`temperature` may only be set to 1 when thinking is enabled")
    if body.get("tool_choice", {}).get("type") in ("any", "tool"):
        found.append("Thinking may not be enabled when tool_choice forces tool use.")
    turns = [_blocks(m) for m in body["messages"] if m["role"] == "assistant"]
    calling = [blocks for blocks in turns if any(b["type"] == "tool_use" for b in blocks)]
    for blocks in calling:
        if blocks[0]["type"] not in ("thinking", "redacted_thinking"):
            found.append("Expected `thinking` or `redacted_thinking`, but found `tool_use`")
        for block in blocks:
            signed = block.get("signature") == f"signed:{block.get('thinking')}"
            if block["type"] == "thinking" and not signed:
                found.append("Invalid `signature` in `thinking` block")
    return found
