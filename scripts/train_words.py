"""Makes a dictionary for packing out of what studies write: scripts/train_words.py OUT [--size N].

A dictionary that was shipped stays as it is, or the stores written with it could not be read any
more: give a better one a file name of its own.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import zstandard
from bench import study_of

from peersim.store.packing import unpack
from peersim.store.schema import FILE
from peersim.store.study import StudyStore
from peersim.store.view import StoreView
from peersim.study.design import Study
from peersim.study.runner import run_study

TASKS = ("trust_game", "public_goods", "matrix_game", "haggling", "commons", "volunteer")
REPORTS = ("shared_report", "jigsaw")
SCENARIOS = ("tampering", "evaluation", "finance", "deletion", "transfer", "alignment_faking")
MEMORIES = ("summary", "verbatim", "reflective", "ledger", "none", "declared")
COLUMNS = (("calls", "entry"), ("texts", "body"), ("histories", "body"), ("trials", "body"))


def settings(replicates: int) -> list[list[str]]:
    """Return what to run: every task, scenario and memory, each beside the defaults."""
    levels = [("task", one) for one in (*TASKS, *REPORTS)]
    levels += [("scenario", one) for one in SCENARIOS] + [("memory", one) for one in MEMORIES]
    return [[f"{group}={one}", f"replicates={replicates}"] for group, one in levels]


def written(study: Study) -> dict[str, list[bytes]]:
    """Return the texts that a study's run packs, by where they stand."""
    with tempfile.TemporaryDirectory() as home:
        store = StudyStore(Path(home))
        asyncio.run(run_study(study, store))
        store.close()
        view = StoreView(Path(home) / FILE)
        rows = {t: view.query(f"SELECT {column} FROM {t}") for t, column in COLUMNS}
        return {table: [unpack(row[0]).encode() for row in found] for table, found in rows.items()}


def main() -> None:
    """Run, train, write, and say what it gains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=65_536, help="bytes of the dictionary")
    parser.add_argument("--replicates", type=int, default=6)
    arguments = parser.parse_args()
    found = [written(study_of(overrides)) for overrides in settings(arguments.replicates)]
    samples = [text for one in found for texts in one.values() for text in texts]
    words = zstandard.train_dictionary(arguments.size, samples, level=1)
    arguments.out.write_bytes(words.as_bytes())
    print(f"{len(samples)} texts, {len(words.as_bytes())} bytes, id {words.dict_id()}")


if __name__ == "__main__":
    main()
