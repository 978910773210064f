"""Which cells a study has: the product of its factors, or of the factors of each of its grids."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from peersim.config.schema import Grid, Level, StudyConfig, level_text
from peersim.errors import ConfigError


def combinations(factors: Mapping[str, Sequence[Level]]) -> list[dict[str, str]]:
    """Return all combinations of levels; without factors the one empty combination.

    Raises:
        ConfigError: If a factor has no levels.
    """
    for key, levels in factors.items():
        if not levels:
            raise ConfigError(f"factor {key!r} has no levels", "give it at least one")
    named = [[(key, level_text(level)) for level in levels] for key, levels in factors.items()]
    return [dict(combination) for combination in itertools.product(*named)]


def grid_cells(study: StudyConfig) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the cells of a study's grids, each with its levels by name and the keys it sets.

    All cells have all factors; one that a grid does not have is at the level ``none``.

    Raises:
        ConfigError: If nothing is left, or a level is asked for that there is not.
    """
    grids = study.grids.values()
    factors = dict.fromkeys(factor for grid in grids for factor in grid)
    for factor, wanted in study.only.items():
        known = {level for grid in grids for level in grid.get(factor, {"none": {}})}
        if unknown := sorted(set(wanted or ()) - known):
            listed = ", ".join(sorted(known)) or "none: there is no such factor"
            raise ConfigError(f"study.only.{factor}: no level {unknown[0]!r}", f"known: {listed}")
    cells = [cell for grid in grids for cell in _product(grid, factors)]
    kept = [cell for cell in cells if _wanted(cell[0], study.only)]
    if cells and not kept:
        raise ConfigError("study.only leaves no arm", "ask for fewer restrictions")
    return kept


def _product(grid: Grid, factors: Iterable[str]) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    for levels in itertools.product(*grid.values()):
        named = dict(zip(grid, levels, strict=True))
        keys = {
            key: level_text(value)
            for factor, level in named.items()
            for key, value in grid[factor][level].items()
        }
        yield {factor: named.get(factor, "none") for factor in factors}, keys


def _wanted(levels: Mapping[str, str], only: Mapping[str, Sequence[str] | None]) -> bool:
    return all(not wanted or levels.get(factor) in wanted for factor, wanted in only.items())


def whole_design(study: StudyConfig) -> list[dict[str, str]]:
    """Return the levels of all cells that a study describes, before anything cuts it down."""
    if not study.grids:
        return combinations(study.factors)
    return [levels for levels, _ in grid_cells(study.model_copy(update={"only": {}}))]
