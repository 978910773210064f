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


def factor_cells(study: StudyConfig, fixed: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the cells of a study's factors, by their levels, cut down by ``study.only``.

    Args:
        study: The study.
        fixed: Levels that the command line sets; such a factor is no longer varied.

    Raises:
        ConfigError: If nothing is left, or a level is asked for that there is not.
    """
    names = {factor: [level_text(one) for one in of] for factor, of in study.factors.items()}
    if not study.grids:
        _check_only(study.only, {factor: {*of} for factor, of in names.items()})
    factors = {key: (fixed[key],) if key in fixed else of for key, of in study.factors.items()}
    cells = combinations(factors)
    kept = [levels for levels in cells if _wanted(levels, study.only)]
    if not kept:
        raise ConfigError("study.only leaves no arm", "ask for fewer restrictions")
    return kept


def _check_only(only: Mapping[str, Sequence[str] | None], levels: Mapping[str, set[str]]) -> None:
    """Check that the study is cut down to levels that there are.

    Raises:
        ConfigError: If it is not.
    """
    for factor, wanted in only.items():
        if wanted is None:
            continue
        if factor not in levels:
            named = ", ".join(levels) or "none, as the study varies nothing"
            raise ConfigError(f"study.only: no factor {factor!r}", f"the factors are {named}")
        if unknown := sorted(set(wanted) - levels[factor]):
            raise ConfigError(
                f"study.only.{factor}: no level {unknown[0]!r}",
                f"known: {', '.join(sorted(levels[factor]))}",
            )


def grid_cells(study: StudyConfig) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the cells of a study's grids, each with its levels by name and the keys it sets.

    All cells have all factors; one that a grid does not have is at the level ``none``.

    Raises:
        ConfigError: If nothing is left, or a level is asked for that there is not.
    """
    grids = study.grids.values()
    factors = dict.fromkeys(factor for grid in grids for factor in grid)
    if study.grids:
        named = {f: {one for g in grids for one in g.get(f, ("none",))} for f in factors}
        _check_only(study.only, named)
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
