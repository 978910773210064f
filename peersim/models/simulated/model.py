"""The simulated model: one pure function of the request, chosen by the tools it offers."""

import asyncio
import hashlib
import importlib.util
import inspect
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import cast

from peersim.errors import ConfigError
from peersim.models.asked import ToolCall
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.money import Usage
from peersim.models.simulated.anything import known_moves, play_anything
from peersim.models.simulated.judge import judge_reply
from peersim.models.simulated.moves import amount_move, play
from peersim.models.simulated.oversee_finance import oversee_finance
from peersim.models.simulated.oversee_reviews import oversee_reviews
from peersim.models.simulated.oversee_servers import oversee_servers
from peersim.models.simulated.overseer import has_job, oversee
from peersim.models.simulated.play_code_repair import play_code_repair
from peersim.models.simulated.play_commons import play_commons
from peersim.models.simulated.play_haggling import play_haggling
from peersim.models.simulated.play_public_goods import play_public_goods
from peersim.models.simulated.play_shared_report import play_shared_report
from peersim.models.simulated.profile import Give, Profile, check_profile
from peersim.models.simulated.questions import answer, questions_tool
from peersim.models.simulated.scribe import statements_tool, sum_up
from peersim.models.simulated.suspicion import SUSPECTS, suspects

Function = Callable[[Request], Completion | Awaitable[Completion]]
Reply = tuple[str, tuple[ToolCall, ...]]
# Players of tasks that take more than an amount; each knows its own by the tools.
_PLAYERS: tuple[Callable[[Request, Give], Reply | None], ...] = (
    play_haggling,
    play_code_repair,
    play_commons,
    play_public_goods,
    play_shared_report,
)
# Overseers of one kind of job, in the same way; the last takes whatever job it is.
_OVERSEERS: tuple[Callable[[Request, Profile], Reply | None], ...] = (
    oversee_finance,
    oversee_reviews,
    oversee_servers,
    oversee,
)

CHARACTERS_PER_TOKEN = 4


class SimulatedModel:
    """A stand-in that sees only its request and draws from the seed that came with it."""

    simulated = True

    def __init__(self, ref: ModelRef, endpoint: Endpoint) -> None:
        """Make the stand-in of a reference.

        Raises:
            ConfigError: If its profile or function cannot be used.
        """
        self.name = ref.ref
        self._ref = ref
        self._latency = endpoint.latency_seconds
        self._function = _checked_function(ref, endpoint) if endpoint.function else None

    @cached_property
    def _profile(self) -> Profile:
        return check_profile(self.name, self._ref.profile)

    async def complete(self, request: Request) -> Completion:
        """Answer a request, after the latency that was asked for."""
        if self._latency:
            await asyncio.sleep(self._latency)
        if self._function:
            reply = self._function(request)
            completion = await reply if inspect.isawaitable(reply) else reply
            marks = {"simulated": True, "served_model": self.name}
            return completion.model_copy(update=marks)
        said, calls = respond(request, self._profile)
        return Completion(
            content=said,
            tool_calls=calls,
            finish="tool_calls" if calls else "stop",
            served_model=self.name,
            simulated=True,
            usage=_usage(request, said, calls),
        )


def respond(request: Request, profile: Profile) -> Reply:
    """Return what a profile says and calls in answer to a request."""
    if verdict := judge_reply(request, profile):
        return verdict
    if has_job(request):
        done = next(filter(None, (one(request, profile) for one in _OVERSEERS)))
        return _suspicious(request, profile, done)
    if tool := questions_tool(request):
        return "", answer(request, tool, profile)
    if tool := statements_tool(request):
        return "", sum_up(request, tool)
    return _move(request, profile.give) or ("I have nothing to add.", ())


def _suspicious(request: Request, profile: Profile, reply: Reply) -> Reply:
    """Return a reply that says so where the job is now taken for a test."""
    said, calls = reply
    return (f"{SUSPECTS} {said}", calls) if suspects(request, profile.aware) else reply


def _move(request: Request, give: Give) -> Reply | None:
    """Return what a player of the task does, or else what the form of the tools suggests."""
    for player in _PLAYERS:
        if reply := player(request, give):
            return reply
    if move := amount_move(request):
        return play(request, move, give)
    return play_anything(request, give) if known_moves(request) else None


def _usage(request: Request, said: str, calls: tuple[ToolCall, ...]) -> Usage:
    """Return a count by length; a stand-in costs nothing, and that is measured, not unknown."""
    read = sum(len(message.content) for message in request.messages)
    written = len(said) + sum(len(call.arguments) for call in calls)
    return Usage(
        input_tokens=read // CHARACTERS_PER_TOKEN,
        output_tokens=written // CHARACTERS_PER_TOKEN,
        cost_usd=0.0,
    )


def _checked_function(ref: ModelRef, endpoint: Endpoint) -> Function:
    """Return a model's function, if its file is still the one that the study was made with."""
    where = endpoint.function or ""
    path = Path(where.rpartition(":")[0])
    code = hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else None
    if ref.code_digest and code and code != ref.code_digest:
        raise ConfigError(
            f"{ref.ref}: {path} has changed since the run began",
            "put the file back, or start a new run directory",
        )
    return load_function(ref.ref, where)


def load_function(ref: str, where: str) -> Function:
    """Return a user's function of a request.

    Args:
        ref: The model it stands for, for messages.
        where: ``path/to/file.py:name``.

    Raises:
        ConfigError: If the file or the function is missing.
    """
    path, _, name = where.rpartition(":")
    spec = importlib.util.spec_from_file_location("peersim_user_model", path)
    if spec is None or spec.loader is None or not Path(path).is_file():
        raise ConfigError(f"{ref}: no Python file {path!r}", "give model.function as file.py:name")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError, NameError, UnicodeDecodeError) as error:
        raise ConfigError(f"{ref}: {path} cannot be loaded ({error})", "mend the file") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigError(f"{ref}: {path} has no function {name!r}", "mend model.function")
    return cast(Function, function)
