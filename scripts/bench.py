"""Measures the main job: trials a second, CPU a model call, bytes a call, and what dominates.

Times depend on the machine, so compare them within one run only; what is checked is a ratio:
the CPU of a call with everything around it, against the stand-in alone on the same requests.
"""

import argparse
import asyncio
import contextlib
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console

from peersim.answers import Invalid
from peersim.commands.run import Options, work
from peersim.commands.trackers import Tracking
from peersim.config.launch import Job, launch
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.simulated.model import SimulatedModel
from peersim.store.schema import FILE
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.runner import run_study

# All that surrounds a call may cost this many times the stand-in itself; far more means that
# something was made quadratic or slow.
SANE_RATIO = 40.0


class Recorder:
    """Simulated models that keep every request they answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[SimulatedModel, Request]] = []

    def model(self, ref: ModelRef) -> "_Recorded":
        return _Recorded(SimulatedModel(ref, Endpoint()), self)


class _Recorded:
    simulated = True

    def __init__(self, model: SimulatedModel, recorder: Recorder) -> None:
        self.name = model.name
        self._model, self._recorder = model, recorder

    async def complete(self, request: Request) -> Completion:
        self._recorder.asked.append((self._model, request))
        return await self._model.complete(request)


def default_study(trials: int) -> Study:
    """Return the default study with so many trials."""
    return study_of([f"replicates={max(trials // 2, 1)}"])


def study_of(overrides: list[str]) -> Study:
    """Return the study of some overrides."""
    found: list[Study] = []

    def keep(job: Job) -> None:
        found.append(job.study)

    with tempfile.TemporaryDirectory() as home, contextlib.chdir(home):
        launch([*overrides, "tracking=none"], keep)
    return found[0]


def measure(study: Study, concurrency: int) -> dict[str, float]:
    """Run a study in a fresh store and return what it took."""
    options = Options(concurrency=concurrency, max_invalid=1.0, tracking=Tracking(kind="none"))
    with tempfile.TemporaryDirectory() as home:
        run = Path(home) / "run"
        wall, cpu = time.perf_counter(), time.process_time()
        work(study, options, run, Console(file=io.StringIO()))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        view = RunView(run)
        (calls, size) = view.stores[0].query("SELECT COUNT(*), SUM(LENGTH(entry)) FROM calls")[0]
        invalid = sum(isinstance(r.validity, Invalid) for r, _ in view.records())
        return {
            "trials": study.size,
            "invalid": invalid,
            "trials_per_second": study.size / wall,
            "trials_per_cpu_second": study.size / cpu,
            "calls": calls,
            "cpu_ms_per_call": 1000 * cpu / calls,
            "journal_bytes_per_call": size / calls,
            "store_bytes_per_trial": (run / FILE).stat().st_size / study.size,
        }


def bare_ms_per_call(study: Study) -> float:
    """Return the CPU of the stand-in alone, on the requests of a run."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as home:
        store = StudyStore(Path(home) / "run")
        asyncio.run(run_study(study, store, models=recorder))
        store.close()

    async def again() -> None:
        for model, request in recorder.asked:
            await model.complete(request)

    cpu = time.process_time()
    asyncio.run(again())
    return 1000 * (time.process_time() - cpu) / len(recorder.asked)


def dominating(study: Study) -> list[tuple[str, float]]:
    """Return the share of own CPU time by part of the program, the largest first."""
    profile = cProfile.Profile()
    profile.enable()
    measure(study, 32)
    profile.disable()
    shares: Counter[str] = Counter()
    for (path, _, name), row in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        shares[_part(path, name)] += row[2]
    whole = sum(shares.values())
    return [(part, spent / whole) for part, spent in shares.most_common(10)]


def _part(path: str, name: str) -> str:
    for part in ("peersim/models/simulated", "peersim", "autogen", "pydantic", "jinja2", "asyncio"):
        if f"{os.sep}{part}" in path.replace("/", os.sep):
            return part
    if path == "~":  # built in
        return next(
            (p for p in ("pydantic", "zstandard", "sqlite3", "json") if p in name), "built-in"
        )
    return "standard library and others"


def main() -> int:
    """Measure, print, and check that the figures are sane."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 trials instead of 1,000")
    parser.add_argument("--profile", action="store_true", help="say what dominates too")
    arguments = parser.parse_args()
    measure(default_study(4), 4)  # imports and caches
    study = default_study(100 if arguments.quick else 1000)
    found = measure(study, 32)
    bare = bare_ms_per_call(default_study(100))
    ratio = found["cpu_ms_per_call"] / bare
    for name, value in found.items():
        print(f"{name:>26}: {value:,.2f}")
    print(f"{'stand-in alone, ms':>26}: {bare:,.3f}")
    print(f"{'ratio all-in to alone':>26}: {ratio:,.1f} (sane below {SANE_RATIO:g})")
    if arguments.profile:
        for part, share in dominating(default_study(200)):
            print(f"{part:>30}: {share:.1%} of own time")
    sane = found["invalid"] == 0 and ratio < SANE_RATIO
    print("bench: sane" if sane else "bench: NOT sane")
    return 0 if sane else 1


if __name__ == "__main__":
    sys.exit(main())
