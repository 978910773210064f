"""A local server that speaks Gemini's generateContent, and refuses what the real one does."""

import asyncio
import json
import threading
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]


def call(name: str, given: Body, signature: str) -> Body:
    """Return a part that calls a function, signed with the thought behind it."""
    return {"functionCall": {"name": name, "args": given}, "thoughtSignature": signature}


class GeminiServer:
    """Gives replies in turn, each a list of parts."""

    def __init__(self, *replies: list[Body]) -> None:
        """Make a server that has not started."""
        self.bodies: list[Body] = []
        self.refused: list[str] = []
        self._replies = list(replies)
        self._signed: set[str] = set()
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
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.Response:
        body: Body = await request.json()
        self.bodies.append(body)
        if not request.path.endswith(":generateContent"):
            return web.Response(status=404, text=f"no {request.path}")
        if problem := self._problem_of(body):
            self.refused.append(problem)
            error = {"code": 400, "message": problem, "status": "INVALID_ARGUMENT"}
            said = json.dumps({"error": error})
            return web.Response(status=400, text=said, content_type="application/json")
        parts = self._replies.pop(0)
        self._signed |= {part["thoughtSignature"] for part in parts if "thoughtSignature" in part}
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
        usage = {"promptTokenCount": 50, "candidatesTokenCount": 5, "thoughtsTokenCount": 7}
        usage["totalTokenCount"] = 62
        reply = {"candidates": [candidate], "usageMetadata": usage}
        return web.json_response(reply | {"modelVersion": "gemini-3-flash-preview-11-2025"})

    def _problem_of(self, body: Body) -> str:
        """Return what Gemini 3 would refuse a request for, or nothing."""
        for content in body["contents"]:
            if content["role"] not in ("user", "model"):
                return f"Please use a valid role: user, model. Not {content['role']}"
            for part in content["parts"]:
                calls = content["role"] == "model" and "functionCall" in part
                if calls and part.get("thoughtSignature") not in self._signed:
                    return "Function call is missing a thought_signature in functionCall parts"
        return ""
