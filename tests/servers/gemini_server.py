"""A local server that speaks Gemini's generateContent, and refuses what the real one does."""

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]


def call(name: str, given: Body, signature: str = "") -> Body:
    """Return a part that calls a function, signed with the thought behind it unless empty."""
    part: Body = {"functionCall": {"name": name, "args": given}}
    return part | ({"thoughtSignature": signature} if signature else {})


class GeminiServer:
    """Gives replies in turn, each a list of parts."""

    def __init__(self, *replies: list[Body], faults: Sequence[tuple[int, Any]] = ()) -> None:
        """Make a server that has not started.

        Args:
            replies: The parts of each reply, in turn.
            faults: Statuses and bodies to answer with before any reply.
        """
        self._faults = list(faults)
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
        return f"http://127.0.0.1:{self._port}/v1beta"

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
        app.router.add_post("/v1beta/models/{name}:generateContent", self._serve)
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
        key = request.headers.get("x-goog-api-key") or request.query.get("key")
        if problem := self._problem_of(body) or ("" if key else "no API key"):
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
        contents = body["contents"]
        if contents[0]["role"] != "user":
            return "Please ensure that the conversation begins with a user turn."
        problems = [_problem_of_parts(content) for content in contents]
        problems += [_problem_of_results(contents), self._problem_of_signatures(contents)]
        return next(filter(None, problems), "")

    def _problem_of_signatures(self, contents: list[Body]) -> str:
        """In the current turn, the first call of each step must bear the signature it came with."""
        asks = [n for n, c in enumerate(contents) if any("text" in p for p in _said_by_user(c))]
        for content in contents[asks[-1] if asks else 0 :]:
            calls = [part for part in content["parts"] if _call_in(part)]
            if calls and calls[0].get("thoughtSignature") not in self._signed:
                return "Function call is missing a thought_signature in functionCall parts"
        signed = [part for content in contents for part in content["parts"]]
        given = [part["thoughtSignature"] for part in signed if "thoughtSignature" in part]
        return "" if set(given) <= self._signed else "Thought signature is not valid."


def _call_in(part: Body) -> Body | None:
    return part.get("functionCall") or part.get("function_call")


def _result_in(part: Body) -> Body | None:
    return part.get("functionResponse") or part.get("function_response")


def _said_by_user(content: Body) -> list[Body]:
    return content["parts"] if content["role"] == "user" else []


def _problem_of_parts(content: Body) -> str:
    if content["role"] not in ("user", "model"):
        return f"Please use a valid role: user, model. Not {content['role']}"
    if not content["parts"]:
        return "contents.parts must not be empty"
    for part in content["parts"]:
        if "text" in part and not part["text"]:
            return "Unable to submit request because it must have a text parameter"
    return ""


def _problem_of_results(contents: list[Body]) -> str:
    """As many results as calls, right after them."""
    called: list[str] = []
    for content in contents:
        results = [r["name"] for part in content["parts"] if (r := _result_in(part))]
        if results != called:
            return "The number of function response parts must equal that of function call parts"
        called = [c["name"] for part in content["parts"] if (c := _call_in(part))]
    return ""
