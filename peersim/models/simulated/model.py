"""The simulated model: one pure function of the request, chosen by the tools it offers."""

import asyncio
import hashlib
import importlib.util
import inspect
from collections.abc import Awaitable, Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import cast

from peersim.errors import ConfigError
from peersim.models.asked import ToolCall
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.money import Usage
from peersim.models.simulated.parts import Reply, part_for
from peersim.models.simulated.profile import Profile, check_profile

Function = Callable[[Request], Completion | Awaitable[Completion]]
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
    return part_for(request.tools)(request, profile) or ("I have nothing to add.", ())


def _usage(request: Request, said: str, calls: tuple[ToolCall, ...]) -> Usage:
    """Return a count by length; a stand-in costs nothing, and that is measured, not unknown."""
    read = sum([len(message.content) for message in request.messages])
    written = len(said) + sum([len(call.arguments) for call in calls])
    return _counted(read // CHARACTERS_PER_TOKEN, written // CHARACTERS_PER_TOKEN)


@lru_cache(maxsize=4096)
def _counted(read: int, written: int) -> Usage:
    return Usage(input_tokens=read, output_tokens=written, cost_usd=0.0)


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
