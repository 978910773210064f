"""The whole proof: sealed parameters, tier A, tier B, the mutation score, and what came of them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from peersim import __version__
from peersim.analysis.instrument import Figure, Instrument, MutantLine
from peersim.errors import ConfigError
from peersim.validation.bands import Form
from peersim.validation.inference import Inference, sizes
from peersim.validation.mutation import mutants, mutation_score
from peersim.validation.path import prove_path
from peersim.validation.paths import paths
from peersim.validation.roster import mechanisms
from peersim.validation.sealed import seal
from peersim.validation.special import specials

Told = Callable[[str], None]
MUTANTS = "mutants"
"""What ``only`` calls the mutation score."""
LEFT = (
    "stakes: tier A alone, since no profile of a stand-in goes by the level of harm",
    "anchoring, position and drift: tier A alone, as outcomes without a model behind them",
    "memory inventions: names swapped and acts forgotten are recovered, made-up events are not",
    "evaluation awareness: the effect of a hint is found; the bias of filtering by awareness is not"
    " shown",
    "provider change: caught as a mutant, not simulated as a step in time",
    "mutual ties: the received dose is shown to be nothing, their association is not shown",
    "power where events are too rare for t: the floor is an exact test's less .25, since"
    " exact limits of rates are wider, and there is none for differences of differences and trends",
    "fewer than sixteen wordings: what a fork does is said of these wordings alone, and how often"
    " that misleads about others is shown without a band",
    "tier B in the short form: a smoke test, held together over all mechanisms",
    "tier B in fresh processes and with faults injected in all mechanisms: each run has a fresh"
    " store, and faults are planted in the two mechanisms of attrition",
)
"""What of the standard is left."""


def known() -> list[str]:
    """Return all that can be asked for alone."""
    return [*dict.fromkeys((*mechanisms(), *paths(), *specials())), MUTANTS]


def steps(form: Form, only: Sequence[str] = ()) -> int:
    """Return in how many steps a proof tells of itself, reruns left out."""
    chosen = [m for name, m in mechanisms().items() if not only or name in only]
    alone = [name for name in specials() if not only or name in only]
    real = [name for name in paths() if not only or name in only]
    cells = sum(len(sizes(one)) for one in chosen)
    bugs = len(mutants()) if not only or MUTANTS in only else 0
    return cells + len(alone) + form.runs * len(real) + bugs


def prove(
    form: Form, seed: int, told: Told, *, only: Sequence[str] = (), jobs: int = 1
) -> Instrument:
    """Prove the instrument.

    Args:
        form: How much is simulated.
        seed: The root of all draws.
        told: Is told of each step.
        only: The mechanisms to try, or ``mutants``; all if empty.
        jobs: Processes for what is simulated.

    Raises:
        ConfigError: If there is no such mechanism.
    """
    if strange := set(only) - set(known()):
        raise ConfigError(f"no mechanism {sorted(strange)[0]!r}", f"choose of {', '.join(known())}")
    sealed, inference = _inference(form, seed, told, only, jobs)
    return Instrument(
        peersim=__version__,
        form="full" if form.name == "full" else "short",
        seed=seed,
        sealed=sealed,
        inference=inference,
        path=tuple(prove_path(form, seed, told, only)) if _real(only) else (),
        mutants=_mutants(told, only),
    )


def _real(only: Sequence[str]) -> bool:
    return not only or bool(set(only) & set(paths()))


def _inference(
    form: Form, seed: int, told: Told, only: Sequence[str], jobs: int
) -> tuple[str, tuple[Figure, ...]]:
    chosen = [m for name, m in mechanisms().items() if not only or name in only]
    made: list[Figure] = []
    digest = ""
    with tempfile.TemporaryDirectory(prefix="peersim-seal-") as home:
        if chosen:
            digest = seal(chosen, seed, Path(home))
            made += Inference(form, seed, Path(home), jobs, told).prove(chosen)
    alone = [name for name in specials() if not only or name in only]
    for name, figures in zip(alone, _special(alone, form, seed, jobs), strict=True):
        made += figures
        told(name)
    return digest, tuple(made)


def _special(names: Sequence[str], form: Form, seed: int, jobs: int) -> Iterator[Sequence[Figure]]:
    """Iterate over the figures of mechanisms that have a design of their own."""
    given = [(name, form, seed) for name in names]
    if jobs == 1 or len(names) < 2:
        yield from map(_one_special, given)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_one_special, given)


def _one_special(given: tuple[str, Form, int]) -> Sequence[Figure]:
    name, form, seed = given
    return specials()[name](form, seed)


def _mutants(told: Told, only: Sequence[str]) -> tuple[MutantLine, ...]:
    return tuple(mutation_score(told)) if not only or MUTANTS in only else ()
