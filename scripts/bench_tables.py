"""Measures reading at the size of the published data set: rates, contrasts, report, export.

A few hundred trials are run on the stand-in and then cloned, row by row and body by body, under
ids of their own, so that the store holds what a run of that size would hold. Each reading is done
by a fresh process. Times depend on the machine, so compare them within one run only.
"""

import argparse
import contextlib
import hashlib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from peersim.store.packing import pack, unpack
from peersim.store.schema import FILE
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY

SIZE = 240_500
# What all readings together may take at that size.
SECONDS, GIBIBYTES = 60.0, 2.0
SCENARIOS = "[deletion,finance,evaluation,tampering,transfer,alignment_faking]"
SHAPES = {
    "matrix": ["study=peer_preservation", "replicates=2"],
    "sweep": [
        "study=persona_memory",
        "study.factors.memory=[none,summary,verbatim,ledger]",
        f"+study.factors.scenario={SCENARIOS}",
        "replicates=4",
        "trials_per_history=2",
    ],
    # Declared contrasts: between histories, within them, and the difference of differences.
    "declared": [
        "study=partner_not_mood",
        "replicates=16",
        "trials_per_history=2",
    ],
}
READINGS: dict[str, list[str]] = {
    "rates --json": ["rates", "--json"],
    "rates and contrasts": ["rates"],
    "report": ["report"],
}
EXPORT = {"export": ["export", "--force"]}
Row = tuple[Any, ...]


class Taken(NamedTuple):
    """What a command took: seconds by the clock and of CPU, and GiB at its peak."""

    seconds: float
    cpu: float
    peak: float


def peersim(arguments: Sequence[str], cwd: Path) -> Taken:
    """Run a command in a process of its own.

    Raises:
        RuntimeError: If it fails.
    """
    began = time.perf_counter()
    command = [sys.executable, "-m", "peersim", *arguments]
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        said = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {said}")
    return Taken(time.perf_counter() - began, used.ru_utime + used.ru_stime, _peak(used))


def _peak(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (2**20 if sys.platform == "linux" else 2**30)


def template(shape: str, home: Path) -> Path:
    """Run the trials that are cloned, and return their run directory."""
    run = home / f"{shape}-template"
    if (run / FILE).is_file():
        return run
    peersim(["run", *SHAPES[shape], "tracking=none", f"hydra.run.dir={run}"], home)
    return run


def multiply(source: Path, target: Path, size: int) -> int:
    """Make a store with at least so many trials, each the clone of one of a source's.

    Returns:
        How many trials it has.
    """
    target.mkdir(parents=True)
    connection = sqlite3.connect(target / FILE, isolation_level=None)
    # By SQLite itself: some of the run may still be in its write-ahead log.
    with contextlib.closing(sqlite3.connect(source / FILE)) as original:
        original.backup(connection)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    trials = _all(connection, TRIALS)
    copies = -(-size // len(trials))
    connection.execute("BEGIN")
    for table, rows in ((TRIALS, trials), *((t, _all(connection, t)) for t in CLONED)):
        _clone(connection, table, rows, copies)
    _grow(connection, copies)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()
    return len(trials) * copies


# With the columns by name: those that later forms of the store add come after the body.
TRIALS = (
    "trials (trial_id, history_id, surface, block, arm, settings, invalid, cause, outcome, models,"
    " served, simulated, cost_usd, calls, session, finished_at, started_at, body)"
)
CLONED = ("histories", "calls")


def _all(connection: sqlite3.Connection, table: str) -> list[Row]:
    name, _, columns = table.partition(" ")
    return connection.execute(f"SELECT {columns.strip('()') or '*'} FROM {name}").fetchall()


def _clone(connection: sqlite3.Connection, table: str, rows: list[Row], copies: int) -> None:
    if not rows:
        return
    make = {TRIALS: _trials, "histories": _histories, "calls": _calls}[table]
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", make(rows, copies))


def renamed(name: str, copy: int) -> str:
    """Return the id that a clone has instead of its original's, of the same form."""
    kind, _, mark = name.rpartition("-")
    return f"{kind}-{hashlib.sha256(f'{mark} {copy}'.encode()).hexdigest()[: len(mark)]}"


def _trials(rows: list[Row], copies: int) -> Iterator[Row]:
    blocks = 1 + max(row[3] for row in rows)
    texts = [unpack(row[-1]) for row in rows]
    for copy in range(1, copies):
        for row, text in zip(rows, texts, strict=True):
            trial, history = renamed(row[0], copy), renamed(row[1], copy)
            block = row[3] + copy * blocks
            body = text.replace(row[0], trial).replace(row[1], history)
            # The last one: a script has blocks of its own, before that of the trial.
            start, _, end = body.rpartition(f'"block":{row[3]},')
            body = f'{start}"block":{block},{end}'
            outcome, body = _told_apart(row[8], body, copy)
            yield (trial, history, row[2], block, *row[4:8], outcome, *row[9:-1], pack(body))


def _told_apart(outcome: str | None, body: str, copy: int) -> tuple[str | None, str]:
    """Return an outcome, and the body with it, unlike those of all other clones.

    Outcomes alike are read once, which would flatter the figures.
    """
    if outcome is None:
        return None, body
    start, _, rest = outcome.partition('"exposed_at":')
    end = rest[rest.index(",") :]
    own = f'{start}"exposed_at":{copy}{end}'
    return own, body.replace(outcome, own, 1)


def _histories(rows: list[Row], copies: int) -> Iterator[Row]:
    # A history's id stands in none of its bodies: it is the digest of the spec.
    for copy in range(1, copies):
        yield from ((renamed(row[0], copy), *row[1:]) for row in rows)


def _calls(rows: list[Row], copies: int) -> Iterator[Row]:
    for copy in range(1, copies):
        yield from ((renamed(row[0], copy), *row[1:]) for row in rows)


def _grow(connection: sqlite3.Connection, copies: int) -> None:
    """Make the plan as large as what is stored."""
    ((text,),) = connection.execute("SELECT value FROM meta WHERE key=?", (STUDY_KEY,))
    study = Study.model_validate_json(text)
    grown = study.model_copy(update={"replicates": study.replicates * copies})
    connection.execute("UPDATE meta SET value=? WHERE key=?", (grown.model_dump_json(), STUDY_KEY))


def measure(run: Path, commands: dict[str, list[str]]) -> dict[str, Taken]:
    """Print and return what each command takes on a run."""
    found = {}
    for name, words in commands.items():
        taken = found[name] = peersim([*words, str(run)], run.parent)
        line = f"{taken.seconds:7.1f} s, CPU {taken.cpu:6.1f} s, {taken.peak:5.2f} GiB"
        print(f"{name:>22}: {line}", flush=True)
    return found


def main() -> int:
    """Measure, print, and check the figures against what they may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="matrix")
    parser.add_argument("--trials", type=int, default=SIZE)
    parser.add_argument("--keep", type=Path, help="make the store here, or use the one there")
    parser.add_argument("--export", action="store_true", help="measure the export too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = arguments.keep or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        run = home / f"{arguments.shape}-{arguments.trials}"
        if not run.is_dir():
            count = multiply(template(arguments.shape, home), run, arguments.trials)
            print(f"{count:,} trials, {(run / FILE).stat().st_size / 2**30:.2f} GiB")
        found = measure(run, READINGS | (EXPORT if arguments.export else {}))
    both = [found[name] for name in ("rates and contrasts", "report")]
    seconds, peak = sum(taken.seconds for taken in both), max(taken.peak for taken in both)
    cpu = sum(taken.cpu for taken in both)
    sane = seconds < SECONDS and peak < GIBIBYTES
    print(f"rates, contrasts and report: {seconds:.1f} s, CPU {cpu:.1f} s, {peak:.2f} GiB")
    print("bench: sane" if sane else "bench: NOT sane")
    return 0 if sane else 1


if __name__ == "__main__":
    sys.exit(main())
