"""Measures a sweep against the same trials as one flat run, each in a process of its own.

From the command line to the last stored trial; the table and the report after it are the same for
both. Times depend on the machine, so only the ratio says something; what is checked is that of
CPU, which other work on the machine hardly touches.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from peersim.store.view import RunView
from peersim.study.forking import forking

FACTORS = {
    "memory": ["none", "verbatim"],
    "persona.peer": ["cooperative", "uncooperative"],
    "circumstances.stakes": ["none", "note", "retrain", "shutdown"],
    "circumstances.standing": ["below", "just_below", "above"],
}
FLAT = "flat"
# What a sweep may take of a flat run, and the ratio that noise does not explain.
LIMIT, SANE = 1.1, 1.3
# Fewer would show the composing of the jobs and not the sweep.
QUICK = 40
# What `peersim run` does before it prints what came of it.
RUN = (
    "import sys; from rich.console import Console; from peersim.commands.run import run;"
    " run(sys.argv[1:], Console())"
)


def timed(home: Path, *arguments: str) -> tuple[float, float]:
    """Run a command to its end; return its seconds, on the wall and of CPU."""
    began, before = time.monotonic(), cpu()
    command = [sys.executable, "-c", RUN, *arguments, "tracking=none"]
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began, cpu() - before


def cpu() -> float:
    """Return the CPU seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def once(home: Path, replicates: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the seconds of the sweep, and of the flat run."""
    studies = home / "own" / "study"
    studies.mkdir(parents=True)
    flat = yaml.safe_dump({"name": FLAT, "factors": FACTORS}, sort_keys=False)
    (studies / f"{FLAT}.yaml").write_text(flat, encoding="utf-8")
    swept = [f"{key}={','.join(levels)}" for key, levels in FACTORS.items()]
    many = f"replicates={replicates}"
    seconds = (
        timed(home, "-m", *swept, many, "hydra.sweep.dir=sweep"),
        timed(home, "--config-dir", "own", f"study={FLAT}", many, "hydra.run.dir=flat"),
    )
    sweep, plain = RunView(home / "sweep"), RunView(home / "flat")
    assert set(sweep.trial_ids) == set(plain.trial_ids)
    print(f"  {forking(sweep.stores[0]).said}")
    return seconds


def main() -> int:
    """Measure, print the ratio, and check that it is sane."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=50)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} replicates, thrice")
    asked = parser.parse_args()
    replicates, times = (QUICK, 3) if asked.quick else (asked.replicates, asked.times)
    ratios = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as home:
            sweep, flat = once(Path(home), replicates)
        wall, used = (one / other for one, other in zip(sweep, flat, strict=True))
        ratios.append((wall, used))
        for name, (seconds, busy) in (("sweep", sweep), ("flat", flat)):
            print(f"  {name:5} {seconds:6.1f} s on the wall, {busy:6.1f} s of CPU", flush=True)
    wall, used = (statistics.median(each) for each in zip(*ratios, strict=True))
    print(f"sweep / flat: {wall:.3f} on the wall, {used:.3f} of CPU (medians of {len(ratios)})")
    print(f"limit {LIMIT:g}, sane below {SANE:g} of CPU")
    print("bench: sane" if used < SANE else "bench: NOT sane")
    return 0 if used < SANE else 1


if __name__ == "__main__":
    sys.exit(main())
