"""The sandbox: starts a process for each check, talks to it, and ends it with all it started.

It guards against accidents and casual mischief: endless loops, memory without bounds, stray
files, prints without end, code that looks for the answers. It is no wall against a determined
attacker, who may find a way past Python's own refusals; whoever expects one runs studies in a
container or a virtual machine of their own. On Linux the process also leaves the network's
namespace, where the system permits it; elsewhere the refusals alone keep it off the network.

The same code gets the same verdict again, as far as that can be: hashes are not salted, modules
with a clock or chance are not to be had, and endless work is ended by a count of lines. Only
work that is long inside one call of the library is ended by processor seconds, and only a
standstill by seconds on the wall.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import Field, JsonValue

from peersim.answers import Failed
from peersim.events.deeds import Checked
from peersim.frozen import Frozen
from peersim.tasks.checks import Check

TIMED_OUT = "timed out"
ENDED = "ended itself"
KILLED = "killed"
TOO_MUCH = "too much output"
GARBLED = "garbled output"
_MIB = 2**20
_CHUNK = 2**16
# How long the output of a dead process may stay open: only a runaway child of it holds it.
_GRACE_SECONDS = 5.0
# No -I: it would shut out the one variable too that keeps hashes from being salted. The rest of
# it is -s and -P, and an environment of that variable alone.
_PYTHON = ("-s", "-P", "-S", "-B", "-W", "ignore")
_ENVIRONMENT = {"PYTHONHASHSEED": "0"}
_LONGEST_PROBLEM = 80


class Limits(Frozen):
    """What foreign code may use, for all cases of a check together.

    Attributes:
        steps: Lines run.
        cpu_seconds: Processor time.
        wall_seconds: Time from being ready to the end.
        start_seconds: Time to be ready; longer is no fault of the code.
        memory_mib: Address space in MiB, the interpreter's own 30 or so included.
        output_bytes: What may be returned, as JSON.
        open_files: Open files, the few of the interpreter included.
    """

    steps: int = Field(default=1_000_000, ge=1)
    cpu_seconds: int = Field(default=4, ge=1)
    wall_seconds: float = Field(default=30.0, gt=0)
    start_seconds: float = Field(default=60.0, gt=0)
    memory_mib: int = Field(default=256, ge=64)
    output_bytes: int = Field(default=256 * 1024, ge=1024)
    open_files: int = Field(default=16, ge=8)


class Sandbox:
    """Runs checks, a few at a time; to be shared by all who run at the same time."""

    def __init__(self, limits: Limits | None = None, at_once: int = 2) -> None:
        """Set the limits.

        Args:
            limits: What the code of a check may use.
            at_once: How many processes run at the same time.
        """
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(at_once)

    async def run(self, check: Check) -> Checked | Failed:
        """Run a check and return the verdict, or a failure if nothing could be run.

        Being cancelled ends the process.
        """
        async with self._free:
            try:
                with TemporaryDirectory(prefix="peersim-", ignore_cleanup_errors=True) as room:
                    return await self._start(check, room)
            except OSError as error:
                return _failed(f"no process could be started ({error.strerror or error})")

    async def _start(self, check: Check, room: str) -> Checked | Failed:
        """Start the process in a room of its own, talk to it, and end it whatever happens."""
        child = Path(__file__).with_name("child.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PYTHON,
            str(child),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=room,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        try:
            return await self._talk(process, check)
        finally:
            await _end(process)

    async def _talk(self, process: Process, check: Check) -> Checked | Failed:
        """Hand the job in, and make a verdict of what comes out."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_job(check, self._limits))
        process.stdin.close()
        try:
            async with asyncio.timeout(self._limits.start_seconds):
                ready = await process.stdout.readline()
        except TimeoutError:
            return _failed("the interpreter did not get ready in time")
        if not ready:
            return _failed(await _complaint(process))
        output, problem = await self._listen(process, process.stdout)
        return _judged(check, output, problem)

    async def _listen(self, process: Process, stream: asyncio.StreamReader) -> tuple[bytes, str]:
        """Return all that is sent, and what ended the process before its time, if anything."""
        output = b""
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                while chunk := await stream.read(_CHUNK):
                    output += chunk
                    if len(output) > 2 * self._limits.output_bytes:
                        return output, TOO_MUCH
                code = await process.wait()
        except TimeoutError:
            return output, TIMED_OUT
        if code == -signal.SIGXCPU:
            return output, TIMED_OUT
        return output, "" if code == 0 else KILLED if code < 0 else ENDED


def _job(check: Check, limits: Limits) -> bytes:
    """Return what the process is told: the inputs, and not the outputs that are right."""
    cpu, memory, files = limits.cpu_seconds, limits.memory_mib * _MIB, limits.open_files
    job = {
        "code": check.code,
        "function": check.function,
        "inputs": [case.inputs for case in check.cases],
        "steps": limits.steps,
        "line_bytes": limits.output_bytes,
        "limits": {
            "RLIMIT_CPU": (cpu, cpu + 1),
            "RLIMIT_AS": (memory, memory),
            "RLIMIT_FSIZE": (0, 0),
            "RLIMIT_CORE": (0, 0),
            "RLIMIT_NPROC": (0, 0),
            "RLIMIT_NOFILE": (files, files),
        },
    }
    return json.dumps(job).encode()


def _judged(check: Check, output: bytes, problem: str) -> Checked:
    """Return the verdict on what was sent, a line a case in the order of the cases.

    The lines may be the code's own, if it found the way out; they count for what they say.

    Args:
        check: The check.
        output: All that was sent.
        problem: What ended the process before its time, if anything.
    """
    outputs: list[tuple[JsonValue, ...]] = []
    raised, done = "", False
    for text in output.split(b"\n")[:-1]:
        line = _read(text)
        if line is None:
            problem = problem or GARBLED
            break
        if line.get("case") == len(outputs) < len(check.cases):
            outputs.append((line["output"],) if "output" in line else ())
        raised = raised or str(line.get("problem", ""))
        problem = problem or str(line.get("end", ""))
        done = done or "done" in line
    return check.verdict(outputs, _short(problem or ("" if done else ENDED) or raised))


def _read(text: bytes) -> dict[str, JsonValue] | None:
    """Return a line as an object, or None."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _short(problem: str) -> str:
    """Return a problem as a short text; a name in it is the code's own."""
    return problem.encode("utf-8", "replace").decode()[:_LONGEST_PROBLEM]


async def _complaint(process: Process) -> str:
    """Return why an interpreter ended before it was ready, as far as it said."""
    assert process.stderr is not None
    said = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_SECONDS):
            said = await process.stderr.read(_CHUNK)
    last = said.decode(errors="replace").strip().rpartition("\n")[2]
    return f"the interpreter ended before it was ready ({last or 'it said nothing'})"


async def _end(process: Process) -> None:
    """Kill the process and its whole group, and wait until nothing is left of them."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_SECONDS):
            for stream in (process.stdout, process.stderr):
                while stream is not None and await stream.read(_CHUNK):
                    pass  # what nobody reads would keep the pipe open
            await process.wait()


def _failed(detail: str) -> Failed:
    return Failed(origin="environment", cause="sandbox", detail=detail)
