"""Time in which the process stands still counts for nobody, and goes on otherwise."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from peersim import steady
from peersim.models.watch import Watch
from peersim.study.vigil import Vigil

# Waits for a word that comes while it is stopped, and says what it got.
LISTENING = """
import asyncio, socket, sys
from peersim import steady

async def tick():
    while True:
        await asyncio.sleep(0.1)

async def main():
    ticking = asyncio.create_task(tick())
    reader, _ = await asyncio.open_connection(sock=socket.socket(fileno=int(sys.argv[1])))
    print("ready", flush=True)
    async with asyncio.timeout(2.0):
        print((await reader.readline()).decode(), end="", flush=True)

steady.run(main())
"""


def stand_still(seconds: float) -> None:
    """Hold up the whole loop, as a signal that stops the process would."""
    time.sleep(seconds)


@pytest.mark.parametrize("seconds", [1.5, 2.5])
def test_time_that_the_loop_lost_is_on_no_clock_of_its_own(seconds: float) -> None:
    async def main() -> tuple[float, float]:
        began = steady.steady()
        stand_still(seconds)
        return steady.steady() - began, steady.stood_still()

    took, lost = steady.run(main())
    assert steady.SLACK_SECONDS <= took < seconds
    assert took + lost == pytest.approx(seconds, abs=0.2)


def test_a_limit_that_passed_while_the_loop_stood_still_has_not_passed() -> None:
    async def main() -> str:
        async with asyncio.timeout(1.3):
            stand_still(2.0)
            await asyncio.sleep(0.05)
            return "in time"

    assert steady.run(main()) == "in time"


def test_a_wait_begun_right_after_a_standstill_is_no_longer_than_it_is_asked_to_be() -> None:
    async def main() -> float:
        stand_still(2.0)
        began = time.monotonic()
        await asyncio.sleep(0.05)
        return time.monotonic() - began

    assert steady.run(main()) < 0.9


def test_time_goes_on_for_a_loop_that_only_waits_or_never_stops_working() -> None:
    async def main() -> float:
        began, end = steady.steady(), time.monotonic() + 1.5
        while time.monotonic() < end:
            time.sleep(0.01)
            await asyncio.sleep(0)
        await asyncio.sleep(1.5)
        return steady.steady() - began

    assert steady.run(main()) == pytest.approx(3.0, abs=0.5)


def test_another_loop_s_clock_is_the_common_one() -> None:
    async def main() -> tuple[float, float]:
        return steady.steady() - time.monotonic(), steady.stood_still()

    assert asyncio.run(main()) == (pytest.approx(0.0, abs=0.1), 0.0)
    assert steady.steady() == pytest.approx(time.monotonic(), abs=0.1)
    assert steady.stood_still() == 0.0


def test_what_came_while_it_was_stopped_is_read_before_any_limit_is_past() -> None:
    ours, theirs = socket.socketpair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        process = subprocess.Popen(
            [sys.executable, "-c", LISTENING, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGSTOP)
        ours.sendall(b"hello\n")
        time.sleep(3.0)
        os.kill(process.pid, signal.SIGCONT)
        said, trouble = process.communicate(timeout=60)
    assert said == "hello\n", trouble


def test_a_run_that_stood_still_says_so_once_and_blames_nobody() -> None:
    said: list[str] = []

    async def flush() -> None:
        return None

    async def main() -> None:
        watch = Watch()
        looking = Vigil(watch, 0.5, lambda model: [], said.append, flush)
        task = asyncio.create_task(looking.keep())
        await asyncio.sleep(0.05)
        watch.moved()
        stand_still(3.0)
        watch.moved()
        await asyncio.sleep(0.3)
        task.cancel()

    steady.run(main())
    (text,) = said
    assert "this process itself has stood still for 2 s" in text


def slowly(host: str, port: int, **options: object) -> list[object]:
    """Look a name up as a network does that answers nothing."""
    time.sleep(20)
    return []


def test_no_end_waits_for_a_name_that_is_being_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", slowly)

    async def main() -> None:
        async with asyncio.timeout(0.2):
            await asyncio.get_running_loop().getaddrinfo("peersim.invalid", 80)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        steady.run(main())
    assert time.monotonic() - began < 10


def test_names_are_looked_up_as_ever() -> None:
    async def main(host: str) -> object:
        kind = socket.SOCK_STREAM
        return await asyncio.get_running_loop().getaddrinfo(host, 80, type=kind)

    assert steady.run(main("127.0.0.1")) == socket.getaddrinfo(
        "127.0.0.1", 80, type=socket.SOCK_STREAM
    )
    with pytest.raises(OSError, match=r"not known|nodename|failure"):
        steady.run(main("no-such-host.invalid"))


def test_only_so_many_names_are_looked_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, most = [], []

    def slow(host: str, port: int, **options: object) -> list[object]:
        busy.append(host)
        most.append(len(busy))
        time.sleep(0.02)
        busy.remove(host)
        return []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.getaddrinfo(f"host-{n}", 80) for n in range(100)))

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    steady.run(main())
    assert len(most) == 100
    assert 1 < max(most) <= steady.NAMES_AT_ONCE
