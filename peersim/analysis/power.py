"""The power of declared contrasts: the declared analysis itself, run on simulated studies."""

import numpy as np

from peersim.analysis.designs import Design, design_of, is_score
from peersim.analysis.drawn import decides, drawn, procedure_for
from peersim.analysis.family import chained
from peersim.analysis.gates import graph_steps
from peersim.analysis.looks import final_look
from peersim.errors import ConfigError
from peersim.frozen import Frozen
from peersim.stats.power import Assumed, Power, power_of, solve
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.protocol import Protocol
from peersim.study.scopes import Level

WANTED = 0.8
MOST_HISTORIES = 2000
QUICK = 0.25
"""Share of the draws that each step of a search takes."""


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
            found; for one of several that wait for nothing the first step of Holm's method, which
            errs on the low side.
        assumed: What was taken to be true, by name.
        power: Power at the assumed effect, its Monte Carlo error, and the studies drawn.
        detectable: The effect that is found with the wanted power, and the power simulated there;
            None if none is.
        needed: Histories per arm for the wanted power at the assumed effect, and the power
            simulated there; None if even the most are too few.
        refusal: Why the analysis would print no number; None if it would.
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
    after: tuple[str, ...] = ()


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
        draws: Simulated studies.
        wanted: The power that the detectable effect and the needed size are for.
        seed: Of the draws.

    Raises:
        ConfigError: If a rate that is assumed lies outside 0 to 1, or an arm is in no side.
    """
    design, alpha = design_of(study, contrast), alpha_of(study, contrast)
    tested = contrast.model_copy(update={"alpha": alpha})
    check_assumed(tested, assumed)

    def at(effect: float, histories: float, count: int) -> Power:
        given = assumed._replace(rd=effect)
        return simulate(tested, design, given, round(histories), count, seed)

    size = study.replicates
    few = design.fewest(trend=contrast.dose is not None)
    here = at(assumed.rd, max(size, 2), draws)
    quick = max(int(draws * QUICK), 50)
    most = largest_effect(tested, assumed)
    mde = needed = None
    if assumed.rd and contrast.alternative != "equivalent":
        sign = 1 if assumed.rd > 0 else -1
        start = (abs(assumed.rd), here)
        critical = alpha if contrast.alternative == "two_sided" else 2 * alpha
        mde = solve(
            lambda d: at(sign * d, max(size, 2), quick), start, wanted, critical, (1e-4, most)
        )
    if assumed.rd or contrast.alternative == "equivalent":
        needed = solve(
            lambda h: at(assumed.rd, h, quick),
            (float(max(size, 2)), here),
            wanted,
            alpha,
            (float(few), float(MOST_HISTORIES)),
            root=True,
        )
    return PowerLine(
        id=contrast.id,
        role=contrast.role,
        outcome=contrast.outcome,
        level=design.level,
        forked=design.forked,
        histories=size,
        trials=design.trials,
        alpha=alpha,
        assumed=assumed._asdict(),
        power=tuple(here),
        detectable=None if mde is None else (mde[0], mde[1].value),
        needed=None if needed is None else (round(needed[0]), needed[1].value),
        refusal=None
        if size >= few
        else f"{size} histories: refused, with fewer than {few} there is no number",
        after=waited_for(study.protocol, contrast),
    )


def alpha_of(study: Study, contrast: Contrast) -> float:
    """Return what p must not exceed at the last look, where what a contrast waits for was found.

    Of primaries that wait for nothing it is the first step of Holm's method; more is left for
    each when others are found, so that this errs on the low side.

    Args:
        study: The study that declares it.
        contrast: The contrast.
    """
    alpha, look = contrast.alpha * _share(study.protocol, contrast), final_look(study.protocol)
    if not look.charged:
        return alpha
    # The bounds of looks are of two sides, and a claim of one side has half of twice its alpha.
    one = contrast.alternative != "two_sided"
    return look.bound(min(2 * alpha, 0.999)) / 2 if one else look.bound(alpha)


def waited_for(protocol: Protocol, contrast: Contrast) -> tuple[str, ...]:
    """Return what must have been found before a contrast can be.

    Args:
        protocol: What was declared.
        contrast: One of its contrasts.
    """
    by_id = {one.id: one for one in protocol.contrasts}
    found, at = [], contrast
    while at.after is not None:
        at = by_id[at.after]
        found.append(at.id)
    first = chained(protocol.contrasts)
    gate = first if contrast.role == "secondary" and contrast.id not in first else set()
    return tuple(name for name in by_id if name in {*found, *gate})


def _share(protocol: Protocol, contrast: Contrast) -> float:
    """The part of alpha that the analysis's graph gives a contrast when no more are found."""
    if contrast.role == "exploratory":
        return 1.0
    first = chained(protocol.contrasts)
    own = [
        one
        for one in protocol.contrasts
        if one.role != "exploratory" and (one.id in first) == (contrast.id in first)
    ]
    places = {one.id: place for place, one in enumerate(own)}
    before = waited_for(protocol, contrast)
    ps = [0.0 if one.id in before else 1.0 for one in own]
    after = [places.get(one.after or "") for one in own]
    return graph_steps(ps, after, contrast.alpha)[places[contrast.id]].share


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
    contrast: Contrast, design: Design, assumed: Assumed, histories: int, draws: int, seed: int
) -> Power:
    """Return the share of simulated studies in which the declared analysis finds the effect.

    Args:
        contrast: With the level of its test.
        design: Its layout.
        assumed: What is taken to be true.
        histories: Per arm.
        draws: Studies.
        seed: Of the draws.
    """
    random = np.random.default_rng([seed, histories])
    found = []
    for _ in range(draws):
        study = drawn(contrast, design, assumed, histories, random)
        chosen = procedure_for(contrast, design, study, histories)
        found.append(chosen is not None and decides(contrast, chosen))
    return power_of(found)
