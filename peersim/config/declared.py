"""What a study declares, held against its arms: exclusions, contrasts and scopes."""

from collections.abc import Iterable, Mapping, Sequence

from peersim.config.grids import whole_design
from peersim.config.near import near
from peersim.config.outcomes import check_gates, check_outcome
from peersim.config.schema import StudyConfig
from peersim.errors import ConfigError
from peersim.study.contrast import Cells, Contrast, matches
from peersim.study.design import Arm, Study
from peersim.study.protocol import Protocol, Scope
from peersim.study.scopes import COARSEST_FIRST, scope_of_factors

Levels = Mapping[str, str]


def settle(study: Study, config: StudyConfig) -> Study:
    """Return a study without its excluded arms, and with the protocol that its file declares.

    Args:
        study: The study with all its arms; of a sweep, with those of all its jobs.
        config: What its file says.

    Raises:
        ConfigError: If an exclusion or a contrast fits no arm, a contrast has no estimand, its
            sides overlap, its outcome or a gate's is none that is measured, a scope is of no
            factor, or no arm is left.
    """
    design = [*(arm.levels for arm in study.arms), *whole_design(config)]
    arms = _left(study.arms, config.exclude, design)
    check_gates(config.gates, study.gates)
    kept: list[Contrast] = []
    lost: list[Contrast] = []
    for contrast in config.contrasts:
        (kept if _check(contrast, arms, design, config.exclude) else lost).append(contrast)
    _check_estimands(config.contrasts)
    protocol = Protocol(
        factors=_scopes(arms, config.scopes, design),
        contrasts=tuple(_after_what_is_left(kept)),
        exclude=config.exclude,
        correction=config.correction,
        looks=config.looks,
        gates=config.gates,
        left_out=tuple(lost),
    )
    return study.model_copy(update={"arms": arms, "protocol": protocol})


def _check_estimands(contrasts: Sequence[Contrast]) -> None:
    """Check that what a study stands or falls by says what it estimates.

    Raises:
        ConfigError: If a primary or secondary contrast does not.
    """
    for contrast in contrasts:
        if contrast.role != "exploratory" and not contrast.estimand.strip():
            raise ConfigError(
                f"study.contrasts.{contrast.id} has no estimand",
                "say in a sentence what it estimates (of whom, on what scale, against what), or"
                " declare role: exploratory",
            )


def _left(
    arms: tuple[Arm, ...], exclude: Sequence[Cells], design: Sequence[Levels]
) -> tuple[Arm, ...]:
    for cells in exclude:
        if not any(matches(dict(levels), cells) for levels in design):
            raise ConfigError(f"study.exclude: {_named(cells)} fits no arm", _known(cells, design))
    left = tuple(arm for arm in arms if not _excluded(arm.levels, exclude))
    if not left:
        raise ConfigError("study.exclude leaves no arm", "exclude fewer of them")
    return left


def _excluded(levels: Levels, exclude: Sequence[Cells]) -> bool:
    return any(matches(dict(levels), cells) for cells in exclude)


def _check(
    contrast: Contrast, arms: Sequence[Arm], design: Sequence[Levels], exclude: Sequence[Cells]
) -> bool:
    """Return whether a contrast has arms on all sides; False if the study was cut down.

    Raises:
        ConfigError: If it could have none in the whole design either, its sides overlap, or its
            outcome is none.
    """
    name = f"study.contrasts.{contrast.id}"
    sound = [cell for cell in design if not _excluded(cell, exclude)]
    sides = sides_of(contrast)
    for side, cells in sides.items():
        _check_side(f"{name}: {side} ({_named(cells)})", cells, design, sound)
    for one, other in (("a", "b"), ("c", "d"), ("a", "c")):
        both = [sides.get(one), sides.get(other)]
        if None not in both and _overlap(arms, [cells for cells in both if cells is not None]):
            raise ConfigError(
                f"{name}: an arm is in {one} and in {other}",
                "name levels of a factor in which they differ",
            )
    own = {side: [arm for arm in arms if matches(arm.levels, sides[side])] for side in sides}
    check_outcome(contrast, own, arms)
    whole = all(own.values())
    if contrast.dose is not None:
        whole = _check_dose(contrast, arms, sound) and whole
    return whole


def _check_side(what: str, cells: Cells, design: Sequence[Levels], sound: Sequence[Levels]) -> None:
    if any(matches(dict(levels), cells) for levels in sound):
        return
    if any(matches(dict(levels), cells) for levels in design):
        raise ConfigError(
            f"{what} has no arm left",
            "study.exclude removed it; exclude less, or take the contrast away",
        )
    raise ConfigError(f"{what} fits no arm", _known(cells, design))


def sides_of(contrast: Contrast) -> dict[str, Cells]:
    """Return the sides that a contrast has, by letter."""
    sides = {"a": contrast.a, "b": contrast.b, "c": contrast.c, "d": contrast.d}
    return {letter: cells for letter, cells in sides.items() if cells is not None}


def _overlap(arms: Sequence[Arm], sides: Sequence[Cells]) -> bool:
    return any(all(matches(arm.levels, cells) for cells in sides) for arm in arms)


def _check_dose(contrast: Contrast, arms: Sequence[Arm], design: Sequence[Levels]) -> bool:
    dose = contrast.dose or ""
    every = [levels for levels in design if matches(dict(levels), contrast.a)]
    levels = sorted({one[dose] for one in every if dose in one})
    if not levels or not all(map(_is_number, levels)):
        raise ConfigError(
            f"study.contrasts.{contrast.id}: the dose {dose!r} needs levels that are numbers",
            f"its levels are {', '.join(levels)}" if levels else _known({dose: ""}, design),
        )
    own = {arm.levels[dose] for arm in arms if matches(arm.levels, contrast.a)}
    return len(own) > 1


def _is_number(level: str) -> bool:
    try:
        float(level)
    except ValueError:
        return False
    return True


def _after_what_is_left(kept: Sequence[Contrast]) -> Iterable[Contrast]:
    """Yield the contrasts; one that comes after another that was cut away comes after none."""
    ids = {contrast.id for contrast in kept}
    for contrast in kept:
        gone = contrast.after is not None and contrast.after not in ids
        yield contrast.model_copy(update={"after": None}) if gone else contrast


def _scopes(
    arms: Sequence[Arm], given: Mapping[str, Scope], design: Sequence[Levels]
) -> dict[str, Scope]:
    """Return the scope of each factor that varies, as it is or as it is given.

    Raises:
        ConfigError: If a scope is given of no factor, or claims pairs that are none.
    """
    found = scope_of_factors(arms)
    known = list(dict.fromkeys(key for levels in design for key in levels))
    fixed = {key for arm in arms for key in arm.settings}
    if strange := [factor for factor in given if factor not in {*known, *fixed}]:
        raise ConfigError(
            f"study.scopes: no factor {strange[0]!r}",
            f"{near(strange[0], known)} the factors are {', '.join(known) or 'none'}".strip(),
        )
    for factor, scope in given.items():
        if factor not in found:
            continue  # a factor that no longer varies has no scope
        finer = COARSEST_FIRST.index(scope) > COARSEST_FIRST.index(found[factor])
        if finer and (scope != "scoring" or found[factor] == "history"):
            raise ConfigError(
                f"study.scopes.{factor}: {scope}, but its levels change the {found[factor]}",
                "leave it out; a scope can only be given as deeper than it is",
            )
        found[factor] = scope
    return found


def _named(cells: Cells) -> str:
    named = (
        f"{factor}={level if isinstance(level, str) else '|'.join(level)}"
        for factor, level in cells.items()
    )
    return ", ".join(named) or "any arm"


def _known(cells: Cells, design: Sequence[Levels]) -> str:
    """Return what there is to choose from, in the factors that were asked for."""
    factors = list(dict.fromkeys(factor for levels in design for factor in levels))
    if strange := [factor for factor in cells if factor not in factors]:
        return f"no factor {strange[0]!r}; the factors are {', '.join(factors) or 'none'}"
    return "; ".join(
        f"the levels of {factor} are {', '.join(_levels_of(factor, design))}" for factor in cells
    )


def _levels_of(factor: str, design: Sequence[Levels]) -> Iterable[str]:
    return dict.fromkeys(levels[factor] for levels in design if factor in levels)
