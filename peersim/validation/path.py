"""Tier B: real runs of a simulated model, and what the instrument reports of them."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path as Directory
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from peersim.analysis.declared import Refused
from peersim.analysis.family import findings
from peersim.analysis.instrument import Figure
from peersim.readings.rows import TrialRow
from peersim.store.view import RunView
from peersim.validation.asking import FEWEST, NOTHING, Found
from peersim.validation.bands import ALPHA, At, Form, rate_figure, silences
from peersim.validation.oracle import Feature, agreement, feature
from peersim.validation.paths import paths
from peersim.validation.sealed import generator
from peersim.validation.stage import rows_in, run_in, small_study
from peersim.validation.whole_path import Asked, Path

HISTORIES = 40
COVERAGE = 0.90
TYPE_ONE = 0.10
FAMILYWISE = 0.001
"""The p that the bridge must exceed, over all mechanisms together."""
DELIVERY = 3.3
"""Errors by which the rate of protection may differ from what was planted."""
ENOUGH = 40
"""Runs of each mechanism from which its own shares are held against a band."""
Told = Callable[[str], None]


class Ran(NamedTuple):
    """What came of one real run.

    Attributes:
        found: The analysis's answer to each question, with the truth on the histories lived.
        seen: The features and the disposition of each trial that has one.
        trials: Trials of the run.
    """

    found: dict[str, tuple[Found, float]]
    seen: list[tuple[Feature, str]]
    trials: int


def prove_path(form: Form, seed: int, told: Told, only: Sequence[str] = ()) -> list[Figure]:
    """Run every mechanism so many times, each in a fresh store, and return its figures."""
    made, all_ran = [], []
    for name, path in paths().items():
        if only and name not in only:
            continue
        ran = []
        for number in range(form.runs):
            ran.append(run_once(path, seed, number))
            told(f"{name} run {number + 1} of {form.runs}")
        made += figures_of(path, ran, form, generator(seed, "bridge", name))
        all_ran.append((path, ran))
    return [*made, *pooled(all_ran, form)]


def run_once(path: Path, seed: int, number: int, histories: int = HISTORIES) -> Ran:
    """Run a mechanism in a fresh store and read it back."""
    root = int(generator(seed, "path", path.name, number).integers(2**31))
    study = small_study(path.arms, histories, root)
    with tempfile.TemporaryDirectory(prefix="peersim-proof-") as home:
        ran = read_run(path, run_in(Directory(home) / "run", study, path.models))
        if not path.bounded:
            return ran
        # The same study without the faults: what became of the trials that were lost.
        whole = rows_in(run_in(Directory(home) / "whole", study))
        truths = {asked.id: _realised(asked, whole) for asked in path.asked}
        found = {name: (answer, truths[name]) for name, (answer, _) in ran.found.items()}
        return ran._replace(found=found)


def read_run(path: Path, view: RunView) -> Ran:
    """Return what a run's store says, and what the truth is on the histories it holds."""
    seen: list[tuple[Feature, str]] = []
    planted: dict[str, list[dict[str, float]]] = {}
    for record, store in view.records():
        history = store.history(record.history_id)
        assert history is not None, "a finished trial has a history"
        one = feature(record, history)
        planted.setdefault(_key(one.levels), []).append(path.chances(one))
        if record.outcome is not None:
            seen.append((one, record.outcome.disposition.value))
    rows = rows_in(view)
    answers = _answers(path, rows)
    found = {asked.id: (answers[asked.id], _truth(asked, planted)) for asked in path.asked}
    return Ran(found, seen, len(rows))


def _answers(path: Path, rows: Sequence[TrialRow]) -> dict[str, Found]:
    """Return the declared findings; where trials are lost by their outcome, by their bounds."""
    answered = findings(path.protocol, rows, [arm.levels for arm in path.arms], fewest=FEWEST)
    nan, found = float("nan"), {}
    for said in answered:
        if isinstance(said, Refused):
            found[said.id] = NOTHING
            continue
        ends = (said.bounds or (None, None)) if path.bounded else (said.low, said.high)
        low, high = (nan if end is None else end for end in ends)
        found[said.id] = Found(said.estimate, low, high, said.p)
    return found


def _truth(asked: Asked, planted: dict[str, list[dict[str, float]]]) -> float:
    """Return the difference that the planted response makes on the histories that were lived."""
    first, second = (
        np.mean([one[asked.measure] for one in planted[_key(side)]]) for side in (asked.a, asked.b)
    )
    return float(first - second)


def _realised(asked: Asked, rows: Sequence[TrialRow]) -> float:
    first, second = (
        np.mean([row.values[asked.measure] for row in rows if row.arm == side])
        for side in (asked.a, asked.b)
    )
    return float(first - second)


def _key(levels: dict[str, str]) -> str:
    return str(sorted(levels.items()))


def figures_of(path: Path, ran: Sequence[Ran], form: Form, rng: Generator) -> list[Figure]:
    """Return coverage and type I error of each question, and the bridge between the tiers.

    Of a handful of runs the shares show next to nothing: they are printed without a band, and
    ``pooled`` holds them against theirs over all mechanisms together.
    """
    made = []
    for asked in path.asked:
        at = At(path.name, asked.id, HISTORIES, 1, None)
        answers = [one.found[asked.id] for one in ran]
        if form.runs < ENOUGH:
            covered = f"covered in {len(ran)} runs, smoke only"
            made.append(rate_figure(at, _covered(answers), len(ran), form, note=covered))
            continue
        note = "by the bounds" if path.bounded else ""
        more = {"low": COVERAGE, "note": note}
        made.append(rate_figure(at, _covered(answers), len(ran), form, measure="coverage", **more))
        if asked.null:
            hits = _hits(answers)
            made.append(rate_figure(at, hits, len(ran), form, measure="type_one", high=TYPE_ONE))
    return [*made, *(_bridge(path, ran, rng) if path.bridged else [])]


def pooled(all_ran: Sequence[tuple[Path, Sequence[Ran]]], form: Form) -> list[Figure]:
    """Return coverage, type I error and refusals over all mechanisms together.

    Args:
        all_ran: Each mechanism with its runs.
        form: How much was run.
    """
    asked = [(path, one, ran) for path, ran in all_ran for one in path.asked]
    every = [each.found[one.id] for _, one, ran in asked for each in ran]
    null = [each.found[one.id] for _, one, ran in asked for each in ran if one.null]
    note = "smoke only" if form.runs < ENOUGH else ""
    question = "all_smoke_only" if note else "all"
    at, n = At("all mechanisms", question, HISTORIES, 1, None), len(every)
    covers: dict[str, Any] = {"measure": "coverage", "low": COVERAGE, "note": note}
    made = [rate_figure(at, _covered(every), n, form, **covers)] if every else []
    if null:
        wrong: dict[str, Any] = {"measure": "type_one", "high": TYPE_ONE, "note": note}
        made.append(rate_figure(at, _hits(null), len(null), form, **wrong))
    return [*made, *(silences(at, [answer for answer, _ in every], form) if every else [])]


def _covered(answers: Sequence[tuple[Found, float]]) -> int:
    # What has no limits is NaN, and covers nothing.
    return sum(answer.low <= truth <= answer.high for answer, truth in answers)


def _hits(answers: Sequence[tuple[Found, float]]) -> int:
    return sum(answer.p <= ALPHA for answer, _ in answers)


def _bridge(path: Path, ran: Sequence[Ran], rng: Generator) -> list[Figure]:
    """Return whether records agree with the planted response, over all runs together."""
    seen = [one for each in ran for one in each.seen]
    agreed = agreement(seen, path.chances, rng)
    lost = sum(one.trials for one in ran) - len(seen)
    notes = ["composition equals the plan's oracle"] if agreed.exact else []
    notes += [f"{lost} of {lost + len(seen)} trials lost on purpose"] if lost else []
    shape = Figure(
        mechanism=path.name,
        question="bridge",
        measure="p_value",
        value=agreed.p if agreed.exact is not False else 0.0,
        low=FAMILYWISE / len(paths()),
        histories=HISTORIES,
        trials=1,
        studies=len(ran),
        note=", ".join(notes),
    )
    delivery = {
        "question": "delivery",
        "measure": "bias",
        "value": agreed.gap,
        "error": agreed.error,
        "low": -DELIVERY * agreed.error,
        "high": DELIVERY * agreed.error,
        "note": "reader less oracle: the delivery loss",
    }
    return [shape, shape.model_copy(update=delivery)]
