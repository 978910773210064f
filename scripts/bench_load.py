"""Measures load: a thousand trials in flight, and peersim over HTTP against bare LiteLLM.

Times depend on the machine, so compare them within one run only.
"""

import argparse
import asyncio
import contextlib
import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import Recorder, default_study

from peersim import steady
from peersim.models.base import Endpoint, ModelRef
from peersim.models.litellm import close_connections, load_litellm
from peersim.models.throttle import ThrottlePolicy
from peersim.models.wire import wire_request
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.design import Study
from peersim.study.runner import collecting_rarely, run_study, switching_often

# A key, since OpenAI's client refuses to start without one; the server does not look at it.
KEY = "sk-not-a-key"
Wires = list[list[dict[str, Any]]]


@contextlib.contextmanager
def served(latency: float) -> Iterator[str]:
    """Serve the stand-in in another process; give its address."""
    script = Path(__file__).with_name("bench_server.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


def over_http(study: Study, ref: str, base_url: str) -> Study:
    """Return a study with every model behind an address."""
    model = ModelRef(ref=ref, send_seed=True)
    arms = tuple(
        arm.model_copy(update={"models": dict.fromkeys(arm.models, model)}) for arm in study.arms
    )
    endpoint = Endpoint(base_url=base_url, timeout_seconds=300)
    return study.model_copy(update={"arms": arms, "endpoints": {ref: endpoint}})


def delayed(study: Study, seconds: float) -> Study:
    """Return a study whose stand-ins take so long for an answer."""
    endpoints = {ref.ref: Endpoint(latency_seconds=seconds) for ref in study.models}
    return study.model_copy(update={"endpoints": endpoints})


def longest(directory: Path) -> int:
    """Return the calls that the longest trial made one after another, its history's included."""
    (store,) = RunView(directory).stores
    calls: dict[str, int] = dict(
        store.query("SELECT owner, COUNT(*) FROM calls GROUP BY owner")  # type: ignore[arg-type]
    )
    chains = (
        calls.get(r.trial_id, 0) + calls.get(r.history_id, 0) + calls.get(r.recollection_id, 0)
        for r, _ in RunView(directory).records()
    )
    return max(chains)


def run(study: Study, concurrency: int) -> dict[str, float]:
    """Run a study in a fresh store as it comes, but for its concurrency.

    A bare loop asks for everything from its first second on, so the throttle begins as high: how
    it finds a provider's limit is another matter than what a call costs.

    Returns:
        Wall, CPU, calls and the longest chain.
    """
    throttle = ThrottlePolicy(start=min(concurrency, ThrottlePolicy().most))
    conditions = Conditions(concurrency=concurrency, throttle=throttle)
    with tempfile.TemporaryDirectory() as home:
        store = StudyStore(Path(home) / "run")
        wall, cpu = time.perf_counter(), time.process_time()
        counter = steady.run(run_study(study, store, conditions=conditions))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        store.close()
        chain = longest(Path(home) / "run")
    return {"wall": wall, "cpu": cpu, "calls": counter.made, "chain": chain}


def wires(study: Study, ref: str, base_url: str, lanes: int) -> Wires:
    """Return the requests of a study as keywords of LiteLLM, dealt out to so many lanes."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as home:
        store = StudyStore(Path(home) / "run")
        asyncio.run(run_study(study, store, models=recorder))
        store.close()
    model = ModelRef(ref=ref, send_seed=True)
    common = {"api_base": base_url, "api_key": KEY, "timeout": 300}
    common |= {"num_retries": 0, "max_retries": 0}
    asked = [wire_request(model, request) | common for _, request in recorder.asked]
    return [asked[number::lanes] for number in range(lanes)]


def bare(lanes: Wires) -> dict[str, float]:
    """Make the same calls with LiteLLM alone; return wall, CPU and calls."""
    litellm = load_litellm()

    async def lane(requests: list[dict[str, Any]]) -> None:
        for request in requests:
            await litellm.acompletion(**request)

    async def all_of_them() -> None:
        await asyncio.gather(*(lane(requests) for requests in lanes))
        await close_connections()

    wall, cpu = time.perf_counter(), time.process_time()
    with collecting_rarely(len(lanes)), switching_often(len(lanes)):  # as our own run does
        asyncio.run(all_of_them())
    calls = sum(map(len, lanes))
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "calls": calls,
    }


def compare_cpu(ref: str, trials: int, repeats: int) -> None:
    """Print the CPU of a call over HTTP, ours against bare LiteLLM's, alternating."""
    ratios, ours, theirs = [], [], []
    with served(0.0) as url:
        study = over_http(default_study(trials), ref, url)
        lanes = wires(default_study(trials), ref, url, 32)
        bare(lanes[:4])
        for _ in range(repeats):
            theirs.append(_each(bare(lanes)))
            ours.append(_each(run(study, 32)))
            ratios.append(ours[-1] / theirs[-1])
    print(
        f"{ref}: {statistics.median(ours):.2f} ms CPU a call, bare"
        f" {statistics.median(theirs):.2f} ms, ratio {statistics.median(ratios):.2f}"
        f" ({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


def compare_wall(ref: str, trials: int, latency: float) -> None:
    """Print the wall time of trials all in flight over HTTP, ours against bare LiteLLM's."""
    with served(latency) as url:
        lanes = wires(long_study(trials), ref, url, trials)
        theirs = bare(lanes)
        ours = run(over_http(long_study(trials), ref, url), trials)
    print(
        f"{ref}, {trials} trials in flight, {latency:g} s a call: {ours['wall']:.1f} s for"
        f" {ours['calls']:.0f} calls, bare {theirs['wall']:.1f} s,"
        f" ratio {ours['wall'] / theirs['wall']:.2f}; {memory():.0f} MiB at most",
        flush=True,
    )


def long_study(trials: int) -> Study:
    """Return a study with about twenty calls a trial."""
    study = default_study(trials)
    arms = tuple(
        arm.model_copy(update={"task": arm.task.model_copy(update={"rounds": 7})})
        for arm in study.arms
    )
    return study.model_copy(update={"arms": arms})


def in_flight(trials: int, latency: float) -> None:
    """Print the wall time of trials all in flight on the stand-in, against the ideal."""
    run(default_study(4), 4)  # imports and caches
    found = run(delayed(long_study(trials), latency), trials)
    ideal = found["chain"] * latency
    print(
        f"stand-in, {trials} trials in flight, {latency:g} s a call: {found['wall']:.1f} s for"
        f" {found['calls']:.0f} calls, at most {found['chain']:.0f} in a row (ideal {ideal:.1f} s),"
        f" ratio {found['wall'] / ideal:.2f}; {memory():.0f} MiB at most",
        flush=True,
    )


def memory() -> float:
    """Return the most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _each(found: dict[str, float]) -> float:
    return 1000 * found["cpu"] / found["calls"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000, help="trials in flight")
    parser.add_argument("--latency", type=float, default=1.0, help="seconds a call")
    parser.add_argument("--repeats", type=int, default=5, help="of the comparison of CPU")
    parser.add_argument("--only", choices=("stand-in", "cpu", "wall"), help="one part alone")
    arguments = parser.parse_args()
    import os

    os.environ.setdefault("OPENAI_API_KEY", KEY)
    refs = ("openai/stand-in", "hosted_vllm/stand-in")
    parts: dict[str, Callable[[], object]] = {
        "stand-in": lambda: in_flight(arguments.trials, arguments.latency),
        "cpu": lambda: [compare_cpu(ref, 100, arguments.repeats) for ref in refs],
        "wall": lambda: [compare_wall(r, arguments.trials, arguments.latency) for r in refs],
    }
    for name in itertools.chain([arguments.only] if arguments.only else parts):
        parts[name]()


if __name__ == "__main__":
    main()
