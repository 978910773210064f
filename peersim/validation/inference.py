"""Tier A: outcomes drawn from the planted truth, passed through the analysis itself."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from peersim.analysis.clusters import CROSSED
from peersim.analysis.instrument import Figure
from peersim.validation import asking
from peersim.validation.asking import Found
from peersim.validation.bands import At, Form, figures, large, silences
from peersim.validation.mechanism import Mechanism, Question
from peersim.validation.patching import patched, rooms
from peersim.validation.population import Size
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator, hidden_of, keep_estimates, kept_estimates

Told = Callable[[str], None]


class Cell(NamedTuple):
    """One cell of tier A, small enough to be sent to another process.

    Attributes:
        mechanism: The name of the mechanism.
        size: The size of its studies.
        studies: How many.
        first: The number of the first, so that a second round is of fresh ones.
        seed: The root of the draws.
        directory: Where the seal is.
        resamples: Permutations for each p.
    """

    mechanism: str
    size: Size
    studies: int
    first: int
    seed: int
    directory: Path
    resamples: int

    def name(self, question: str) -> str:
        """Return the name under which answers to a question are kept."""
        return "/".join(map(str, (self.mechanism, question, *self.size, self.first)))


@contextlib.contextmanager
def resampling(times: int) -> Iterator[None]:
    """Let each p be drawn from fewer permutations while the block runs.

    The test keeps its size, since the observed data count as one of the permutations; p is only
    coarser. The analysis draws the same permutations for all data of one size, which of few would
    err the same way in every study; here each p has permutations of its own. Each module of the
    statistics has both numbers under its own name.
    """
    new = {"RESAMPLES": times, "SEED": np.random.default_rng(0)}
    with contextlib.ExitStack() as stack:
        for module in rooms("peersim.stats"):
            if "RESAMPLES" in vars(module):
                for name in new.keys() & vars(module).keys():
                    stack.enter_context(patched(module, name, new[name]))
        yield


def answers(cell: Cell) -> dict[str, list[Found]]:
    """Return the analysis's answers to a cell's studies, by the name of the question asked."""
    mechanism = mechanism_of(cell.mechanism)
    hidden = hidden_of(cell.directory, cell.mechanism, cell.size.rate)
    found: dict[str, list[Found]] = {q.id: [] for q in mechanism.questions}
    protocol, arms = mechanism.protocol, mechanism.arms
    with resampling(cell.resamples):
        for number in range(cell.first, cell.first + cell.studies):
            rng = generator(cell.seed, "study", cell.mechanism, *cell.size, number)
            rows = mechanism.study(hidden, cell.size, rng)
            for question in mechanism.questions:
                found[question.id].append(asking.ask(question.contrast, protocol, rows, arms))
    return {cell.name(question): of for question, of in found.items()}


class Inference:
    """Tier A of one proof."""

    def __init__(self, form: Form, seed: int, directory: Path, jobs: int, told: Told) -> None:
        """Prepare it.

        Args:
            form: How much is simulated.
            seed: The root of all draws.
            directory: Where the seal is.
            jobs: Processes to work with.
            told: Is told of each cell that is done.
        """
        self._form, self._seed, self._directory = form, seed, directory
        self._jobs, self._told = jobs, told
        self._opened: dict[tuple[str, float], dict[str, float]] = {}

    def prove(self, mechanisms: Sequence[Mechanism]) -> list[Figure]:
        """Estimate all cells, write the estimates down, open the seal, and hold both together.

        What falls outside its band is estimated once more on fresh studies before it is said.
        """
        cells = [self._cell(m, size) for m in mechanisms for size in sizes(m)]
        self._estimate(cells)
        first = self._compare(cells, rerun=False)
        failed = {name for name, of in first.items() if not all(one.holds for one in of)}
        again = [c for c in cells if {c.name(q.id) for q in _questions(c)} & failed]
        fresh = [self._fresh(cell) for cell in again]
        self._estimate(fresh)
        second = self._compare(fresh, rerun=True)
        for was, now in zip(again, fresh, strict=True):
            for question in _questions(was):
                if was.name(question.id) in failed:
                    first[was.name(question.id)] = second[now.name(question.id)]
        made = [figure for of in first.values() for figure in of]
        return [*made, *self._pooled(cells, fresh)]

    def _pooled(self, cells: Sequence[Cell], fresh: Sequence[Cell]) -> list[Figure]:
        """Return the figures over all sizes; those outside are of fresh studies of every size."""
        first = self._together(cells, rerun=False)
        failed = {one.mechanism for one in first if not one.holds}
        again = [self._fresh(cell) for cell in cells if cell.mechanism in failed]
        self._estimate([cell for cell in again if cell not in fresh])
        second = self._together(again, rerun=True)
        return [*(one for one in first if one.mechanism not in failed), *second]

    def _fresh(self, cell: Cell) -> Cell:
        times = self._form.again // self._form.studies
        return cell._replace(first=cell.studies, studies=times * cell.studies)

    def _cell(self, mechanism: Mechanism, size: Size) -> Cell:
        form = self._form
        studies = form.studies if mechanism.surfaces < CROSSED else form.crossed
        return Cell(mechanism.name, size, studies, 0, self._seed, self._directory, form.resamples)

    def _estimate(self, cells: Sequence[Cell]) -> None:
        estimates: dict[str, list[Found]] = {}
        for cell, found in zip(cells, self._answered(cells), strict=False):
            estimates |= found
            self._told(f"{cell.mechanism} H={cell.size.histories} p={cell.size.rate:g}")
        keep_estimates(self._directory, estimates)

    def _answered(self, cells: Sequence[Cell]) -> Iterator[dict[str, list[Found]]]:
        if self._jobs == 1:
            yield from map(answers, cells)
            return
        with ProcessPoolExecutor(self._jobs) as pool:
            yield from pool.map(answers, cells)

    def _compare(self, cells: Sequence[Cell], *, rerun: bool) -> dict[str, list[Figure]]:
        """Open the seal and hold the estimates of cells against the truth."""
        kept = kept_estimates(self._directory)
        compared = {}
        for cell in cells:
            truths = self._truths(cell)
            for question in _questions(cell):
                at = _at(cell, question)
                found = kept[cell.name(question.id)]
                truth = [truths[question.id]] * len(found)
                made = figures(at, found, truth, question.null, self._form, rerun)
                compared[cell.name(question.id)] = _informed(cell.mechanism, made)
        return compared

    def _together(self, cells: Sequence[Cell], *, rerun: bool) -> list[Figure]:
        """Return the figures of each question over all sizes, whose error is small."""
        kept = kept_estimates(self._directory)
        pooled: dict[tuple[str, str], tuple[list[Found], list[float]]] = {}
        for cell in cells:
            truths = self._truths(cell)
            for question in _questions(cell):
                found, truth = pooled.setdefault((cell.mechanism, question.id), ([], []))
                found += (more := kept[cell.name(question.id)])
                truth += [truths[question.id]] * len(more)
        made = []
        for (name, asked), (found, truth) in pooled.items():
            question = next(q for q in mechanism_of(name).questions if q.id == asked)
            at = At(name, asked, None, mechanism_of(name).trials, None, question.contrast.scale)
            one = figures(at, found, truth, question.null, self._form, rerun=rerun)
            made += _informed(name, one)
            own = [c for c in cells if c.mechanism == name and large(_at(c, question))]
            if answered := [one for c in own for one in kept[c.name(asked)]]:
                made += silences(at, answered, self._form)
        return made

    def _truths(self, cell: Cell) -> dict[str, float]:
        """Return the true answer to each question, by opening the seal."""
        key = cell.mechanism, cell.size.rate
        if key not in self._opened:
            mechanism = mechanism_of(cell.mechanism)
            hidden = hidden_of(self._directory, *key)
            truth = mechanism.truth(hidden, generator(self._seed, "truth", *key))
            self._opened[key] = {
                q.id: mechanism.true_answer(q.contrast, truth) for q in mechanism.questions
            }
        return self._opened[key]


def sizes(mechanism: Mechanism) -> list[Size]:
    """Return the sizes at which a mechanism is tried."""
    return [
        Size(h, mechanism.trials, rate) for h in mechanism.histories for rate in mechanism.rates
    ]


def _informed(name: str, made: Sequence[Figure]) -> list[Figure]:
    """Take the bands off type I error and coverage where a mechanism shows a known limit."""
    why = mechanism_of(name).informs
    free = {"low": None, "high": None, "note": why}
    known = ("type_one", "coverage")
    return [one.model_copy(update=free) if why and one.measure in known else one for one in made]


def _at(cell: Cell, question: Question) -> At:
    return At(cell.mechanism, question.id, *cell.size, question.contrast.scale)


def _questions(cell: Cell) -> tuple[Question, ...]:
    return mechanism_of(cell.mechanism).questions
