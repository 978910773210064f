"""The program of the process in which foreign code runs; it imports nothing of ours.

It reads one job from its standard input, takes away from itself what the code must not have,
and calls the code. It never learns which outputs are right: it sends what the code returned, a
line of JSON a case, and others compare. So whatever the code does to this process, it can only
send outputs that it found.
"""

import builtins
import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

# Modules without a clock, chance or anything outside the process; they are loaded beforehand.
MODULES = (
    "__future__",
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "statistics",
    "string",
    "textwrap",
    "typing",
)
# What the interpreter may announce from inside the code. All else is refused: files, sockets,
# processes, threads, foreign memory, other modules, and ways to this program's own frames.
# The name of a module is not its frame; from Python 3.12 on a named tuple asks for it.
_HARMLESS = ("compile", "exec", "builtins.id", "object.__setattr__", "sys._getframemodulename")
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # Linux's numbers of the two namespaces


class Refused(PermissionError, ValueError):
    """What the code tried is not to be had here.

    Both kinds of error, since the library goes on without what it was refused after the one
    here and after the other there.
    """


class TooMuch(ValueError):
    """What was returned is longer than what can be sent."""


def main() -> None:
    """Do the job that comes in, and end without any tidying up that the code could reach."""
    job = json.loads(sys.stdin.buffer.read())
    send = _sender(job["line_bytes"])
    _leave_networks()
    for module in MODULES:
        __import__(module)
    _take_away_chance_and_threads()
    _limit(job["limits"])
    _silence()
    _take_away_the_system()
    send({"ready": True})
    sys.settrace(_counter(job["steps"], send))
    sys.addaudithook(_refuser())
    function = _load(job["code"], job["function"], send)
    for number, inputs in enumerate(job["inputs"]):
        _run(function, number, inputs, send)
    send({"done": True})
    os._exit(0)


def _sender(line_bytes: int) -> Callable[[Mapping[str, Any]], None]:
    """Return what sends a line; it keeps the output for itself, where ``print`` has no way."""
    out = os.dup(1)

    def send(line: Mapping[str, Any]) -> None:
        text = json.dumps(line, allow_nan=False).encode() + b"\n"
        if len(text) > line_bytes:
            raise TooMuch("more was returned than can be sent")
        while text:
            text = text[os.write(out, text) :]

    return send


def _silence() -> None:
    """Let go of all three standard streams, so that prints and prompts go nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _leave_networks() -> None:
    """Go where there is no network, if the system lets us; else the refusals alone must do."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, ImportError, AttributeError):
        unshare = getattr(os, "unshare", None)  # from Python 3.12 on
        if unshare is None:
            import ctypes

            unshare = ctypes.CDLL(None).unshare
        unshare(_NEW_USER | _NEW_NETWORK)
    for name in [name for name in sys.modules if name.partition(".")[0].endswith("ctypes")]:
        del sys.modules[name]


def _take_away_the_system() -> None:
    """Make the functions of the system and the clock fail, for those who find a way to them.

    Allowed modules hold others that hold these, and not all they do is announced.
    """
    # Loaded here, so that what is loaded later is not theirs.
    import signal  # noqa: F401
    import time  # noqa: F401

    def refuse(*_: object, **__: object) -> None:
        raise Refused("the system")

    own = {"write", "_exit", "fspath"}  # what this program itself needs to its end
    names = ("os", "posix", "nt", "signal", "_signal", "time")
    for module in (sys.modules[name] for name in names if name in sys.modules):
        for name, value in list(vars(module).items()):
            if callable(value) and not isinstance(value, type) and name not in own:
                setattr(module, name, refuse)


def _take_away_chance_and_threads() -> None:
    """Make the one module with chance that the allowed ones load repeat itself, and threads fail.

    Not every version of the interpreter announces a thread, so there is nothing to refuse.
    """
    import _thread
    import random

    def start(*_: object, **__: object) -> None:
        raise Refused("_thread.start_new_thread")

    random.seed(0)
    for name in ("start_new_thread", "start_new", "start_joinable_thread"):
        if hasattr(_thread, name):
            setattr(_thread, name, start)


def _limit(limits: Mapping[str, Sequence[int]]) -> None:
    """Take on limits by name; a system that does not know one goes without it."""
    import resource

    for name, (soft, hard) in limits.items():
        which = getattr(resource, name, None)
        if which is not None:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(which, (soft, hard))


def _refuser() -> Callable[[str, tuple[Any, ...]], None]:
    """Return the hook that refuses what is not harmless; it holds all it needs in itself."""
    harmless, missing, refused = frozenset(_HARMLESS), ImportError, Refused

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import":
            raise missing(f"no module {arguments[0]!r} here")
        if event not in harmless:
            raise refused(event)

    return hook


def _counter(most: int, send: Callable[[Mapping[str, Any]], None]) -> Callable[..., Any]:
    """Return a tracer that ends the process after so many lines.

    A count of lines is the same on a fast and on a busy machine, as seconds are not.
    """
    steps = 0
    end = os._exit

    def count(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal steps
        steps += 1
        if steps > most:
            send({"end": "timed out"})
            end(0)
        return count

    return count


def _load(code: str, name: str, send: Callable[[Mapping[str, Any]], None]) -> Callable[..., Any]:
    """Return the function that the code defines; without one there is nothing more to do."""
    inside = vars(builtins) | {"__import__": _importer()}
    space: dict[str, Any] = {"__name__": "repair", "__builtins__": inside}
    try:
        exec(compile(code, "<code>", "exec"), space)
    except BaseException as error:  # noqa: BLE001  # foreign code raises what it likes
        send({"end": type(error).__name__})
        os._exit(0)
    if name not in space:
        send({"end": "no such function"})
        os._exit(0)
    function: Callable[..., Any] = space[name]
    return function


def _importer() -> Callable[..., Any]:
    """Return what stands for ``import``: a table of what is loaded, and no way to load more."""
    loaded = {name: sys.modules[name] for name in MODULES}

    def importer(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  # as the interpreter calls it
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        if level or name not in loaded:
            raise ImportError(f"no module {name!r} here")
        # A dotted name without a list of names means its first part, as the interpreter has it.
        return loaded[name if fromlist else name.partition(".")[0]]

    return importer


def _run(
    function: Callable[..., Any],
    number: int,
    inputs: Sequence[Any],
    send: Callable[[Mapping[str, Any]], None],
) -> None:
    """Call the function with the inputs of one case, and send what came of it."""
    try:
        output = function(*inputs)
    except BaseException as error:  # noqa: BLE001  # foreign code raises what it likes
        send({"case": number, "problem": type(error).__name__})
        return
    try:
        send({"case": number, "output": output})
    except TooMuch:
        send({"case": number, "problem": "too much output"})
    except BaseException:  # noqa: BLE001  # what was returned may have code of its own
        send({"case": number, "problem": "the output is no JSON"})


if __name__ == "__main__":
    main()
