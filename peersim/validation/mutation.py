"""The mutation score: each seeded bug must be caught by the check that is named for it."""

from collections.abc import Callable, Sequence

from peersim.analysis.instrument import MutantLine
from peersim.validation.checks import Check, problem
from peersim.validation.mutants import Mutant, mutants_of_delivery
from peersim.validation.mutants_declared import mutants_of_families, mutants_of_inference
from peersim.validation.mutants_more import mutants_of_reading, mutants_of_running

Told = Callable[[str], None]
LONGEST = 160
"""Characters of what a check said that are kept."""


def mutants() -> tuple[Mutant, ...]:
    """Return all seeded bugs."""
    return (
        *mutants_of_delivery(),
        *mutants_of_running(),
        *mutants_of_reading(),
        *mutants_of_inference(),
        *mutants_of_families(),
    )


def mutation_score(told: Told, chosen: Sequence[Mutant] | None = None) -> list[MutantLine]:
    """Try each bug: its check must pass on the sound instrument and fail with the bug in."""
    sound: dict[Check, str] = {}
    lines = []
    for mutant in mutants() if chosen is None else chosen:
        if mutant.check not in sound:
            sound[mutant.check] = problem(mutant.check)
        with mutant.apply():
            said = problem(mutant.check)
        lines.append(line_of(mutant, sound[mutant.check], said))
        told(mutant.name)
    return lines


def line_of(mutant: Mutant, without: str, said: str) -> MutantLine:
    """Return what became of a bug.

    Args:
        mutant: The bug.
        without: What its check found wrong without it.
        said: What its check found wrong with it.
    """
    return MutantLine(
        name=mutant.name,
        breaks=mutant.breaks,
        check=mutant.check.__name__,
        sound=not without,
        caught=bool(said),
        said=" ".join((without or said).split())[:LONGEST],
    )
