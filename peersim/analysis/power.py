"""The power of declared contrasts: the declared analysis itself, run on simulated studies."""

from collections.abc import Callable, Mapping
from functools import partial
from math import sqrt
from typing import NamedTuple

import numpy as np

from peersim.analysis.deciding import decides
from peersim.analysis.designs import Design, design_of, is_score, likeness
from peersim.analysis.drawn import drawn, procedure_for
from peersim.analysis.jointly import Family, drawn_family, finder
from peersim.analysis.levels import Held, held, waited_for
from peersim.errors import ConfigError
from peersim.frozen import Frozen
from peersim.stats.power import Assumed, Power, power_of, solve
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.scopes import Level

WANTED = 0.8
MOST_HISTORIES = 2000
QUICK = 0.25
"""Share of the draws that each step of a search takes."""
CLEAR = 0.4
"""Of the error that a power of one half would have: with so small a one no more is drawn."""
AT_ONCE = 50
"""Studies after which that is looked at."""
Told = Callable[[str], None]
"""Is told how far a forecast is."""


class PowerLine(Frozen):
    """The power of one contrast.

    Attributes:
        id: The contrast.
        role: Whether the study stands or falls by it.
        outcome: What is compared.
        level: Within histories or between them.
        forked: Whether arms of different sides share histories, so that rho matters.
        histories: Per arm.
        trials: Per history and arm.
        alpha: What p must not exceed at the last look, once what the contrast waits for was
            found; for one of several that wait for nothing the first step of Holm's method, or
            what the first step of max-T amounts to, which errs on the low side.
        assumed: What was taken to be true, by name.
        power: Power at the assumed effect, its Monte Carlo error, and the studies drawn.
        detectable: The effect that is found with the wanted power, and the power simulated there;
            None if none is.
        needed: Histories per arm for the wanted power at the assumed effect, and the power
            simulated there; None if even the most are too few.
        refusal: Why the analysis would print no number; None if it would.
        how: Whether alpha is by max-T, and if the plan asks for it and it is not, why.
        after: What must have been found before; the power is that of the rest of the way.
    """

    id: str
    role: str
    outcome: str
    level: Level
    forked: bool
    histories: int
    trials: int
    alpha: float
    assumed: dict[str, float]
    power: tuple[float, float, int]
    detectable: tuple[float, float] | None
    needed: tuple[int, float] | None
    refusal: str | None = None
    how: str = ""
    after: tuple[str, ...] = ()


def forecast_powers(
    study: Study,
    assumed: Mapping[str, Assumed],
    draws: int = 400,
    wanted: float = WANTED,
    seed: int = 0,
    told: Told = lambda _: None,
) -> list[PowerLine]:
    """Simulate all declared contrasts at the study's size; those that are alike are drawn once.

    Args:
        study: The study that declares them.
        assumed: What is taken to be true, by contrast.
        draws: Simulated studies at most.
        wanted: The power that the detectable effect and the needed size are for.
        seed: Of the draws.
        told: Is told how far it is.

    Raises:
        ConfigError: If a rate that is assumed lies outside 0 to 1, or an arm is in no side.
    """
    known: dict[str, PowerLine] = {}
    found = []
    for contrast in study.protocol.contrasts:
        given = assumed[contrast.id]
        held_to = held(study, contrast, given)
        tested = contrast.model_copy(update={"alpha": held_to.alpha})
        # How a contrast is tied to others of its family is its own.
        alone = contrast.id if held_to.family else ""
        key = f"{likeness(tested, design_of(study, contrast))} {given} {alone}"
        if key not in known:
            own = partial(_told_of, contrast.id, told)
            asked = _Asked(draws, wanted, seed, own, held_to.family)
            known[key] = _line(study, tested, given, asked)
        found.append(known[key].model_copy(update=_named(study, contrast, held_to)))
    return found


def _told_of(name: str, told: Told, text: str) -> None:
    told(f"{name}: {text}")


def _named(study: Study, contrast: Contrast, held_to: Held) -> dict[str, object]:
    """Return what a line says of the contrast that it is of."""
    return {
        "id": contrast.id,
        "role": contrast.role,
        "outcome": contrast.outcome,
        "how": held_to.how,
        "after": waited_for(study.protocol, contrast),
    }


def forecast_power(
    study: Study,
    contrast: Contrast,
    assumed: Assumed,
    draws: int = 400,
    wanted: float = WANTED,
    seed: int = 0,
) -> PowerLine:
    """Simulate a declared contrast at the study's size.

    Args:
        study: The study that declares it.
        contrast: A difference or a difference of differences.
        assumed: What is taken to be true.
        draws: As for ``forecast_powers``.
        wanted: As for ``forecast_powers``.
        seed: As for ``forecast_powers``.

    Raises:
        ConfigError: If a rate that is assumed lies outside 0 to 1, or an arm is in no side.
    """
    held_to = held(study, contrast, assumed)
    tested = contrast.model_copy(update={"alpha": held_to.alpha})
    line = _line(
        study, tested, assumed, _Asked(draws, wanted, seed, lambda _: None, held_to.family)
    )
    return line.model_copy(update=_named(study, contrast, held_to))


class _Asked(NamedTuple):
    """How often is simulated, and what for."""

    draws: int
    wanted: float
    seed: int
    told: Told
    family: Family | None


def _line(study: Study, tested: Contrast, assumed: Assumed, asked: _Asked) -> PowerLine:
    design, size = design_of(study, tested), study.replicates
    check_assumed(tested, assumed)

    def at(effect: float, histories: float, count: int) -> Power:
        given, many = assumed._replace(rd=effect), round(histories)
        asked.told(f"an effect of {effect:.3g} with {many} histories an arm")
        return simulate(tested, design, given, many, count, asked.seed, asked.family)

    few = design.fewest(trend=tested.dose is not None)
    here = at(assumed.rd, max(size, 2), asked.draws)
    mde, needed = _searched(tested, assumed, asked, at, (max(size, 2), few, here))
    return PowerLine(
        id=tested.id,
        role=tested.role,
        outcome=tested.outcome,
        level=design.level,
        forked=design.forked,
        histories=size,
        trials=design.trials,
        alpha=tested.alpha,
        assumed=assumed._asdict(),
        power=tuple(here),
        detectable=None if mde is None else (mde[0], mde[1].value),
        needed=None if needed is None else (round(needed[0]), needed[1].value),
        refusal=None
        if size >= few
        else f"{size} histories: refused, with fewer than {few} there is no number",
    )


Found = tuple[float, Power] | None


def _searched(
    tested: Contrast,
    assumed: Assumed,
    asked: _Asked,
    at: Callable[[float, float, int], Power],
    known: tuple[int, int, Power],
) -> tuple[Found, Found]:
    """The smallest effect and the fewest histories with the wanted power."""
    size, few, here = known
    alpha, wanted, quick = tested.alpha, asked.wanted, max(int(asked.draws * QUICK), 50)
    mde = needed = None
    if assumed.rd and tested.alternative != "equivalent":
        sign, most = (1 if assumed.rd > 0 else -1), largest_effect(tested, assumed)
        critical = alpha if tested.alternative == "two_sided" else 2 * alpha
        start = (abs(assumed.rd), here)
        mde = solve(lambda d: at(sign * d, size, quick), start, wanted, critical, (1e-4, most))
    if assumed.rd or tested.alternative == "equivalent":
        needed = solve(
            lambda h: at(assumed.rd, h, quick),
            (float(size), here),
            wanted,
            alpha,
            (float(few), float(MOST_HISTORIES)),
            root=True,
        )
    return mde, needed


def check_assumed(contrast: Contrast, assumed: Assumed) -> None:
    """Check that what is assumed can be.

    Raises:
        ConfigError: If a rate or correlation is outside 0 to 1.
    """
    names = ("icc", "rho", "invalid") if is_score(contrast) else ("p0", "icc", "rho", "invalid")
    given = assumed._asdict()
    for name in names:
        if not 0 <= given[name] <= 1:
            raise ConfigError(f"--assume {name}={given[name]:g} is not within 0 to 1", "mend it")
    if not is_score(contrast) and not 0 <= assumed.p0 + assumed.rd <= 1:
        raise ConfigError(
            f"--assume p0={assumed.p0:g} rd={assumed.rd:g} gives a rate outside 0 to 1",
            "assume rates that can be",
        )


def largest_effect(contrast: Contrast, assumed: Assumed) -> float:
    """Return the largest effect that the scale has room for."""
    if is_score(contrast):
        return 10 * assumed.sd
    return 1 - assumed.p0 if assumed.rd >= 0 else assumed.p0


def simulate(
    contrast: Contrast,
    design: Design,
    assumed: Assumed,
    histories: int,
    draws: int,
    seed: int,
    family: Family | None = None,
) -> Power:
    """Return the share of simulated studies in which the declared analysis finds the effect.

    Args:
        contrast: With the level of its test.
        design: Its layout.
        assumed: What is taken to be true.
        histories: Per arm.
        draws: Studies at most; a power near to 0 or 1 takes fewer to be told as well.
        seed: Of the draws.
        family: What it is judged with by max-T; None for its own test at its own level.
    """
    random, enough = np.random.default_rng([seed, histories]), CLEAR / 2 / sqrt(draws)
    finds = finder(family, assumed, histories) if family else None
    found: list[bool] = []
    while len(found) < draws:
        if family and finds:
            found.append(finds(drawn_family(family, assumed, histories, random)))
        else:
            study = drawn(contrast, design, assumed, histories, random)
            chosen = procedure_for(contrast, design, study, histories)
            found.append(chosen is not None and decides(contrast, chosen))
        if len(found) % AT_ONCE == 0 and power_of(found).error <= enough:
            break
    return power_of(found)
