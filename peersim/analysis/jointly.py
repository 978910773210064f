"""A family that is judged by the largest of its t, in studies drawn as assumed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from peersim.analysis.arms import Arm, arm_key
from peersim.analysis.contributions import Contributions, contributions
from peersim.analysis.deciding import decides
from peersim.analysis.designs import Design, design_of, forks_of, is_score
from peersim.analysis.drawn import Drawn, chosen_for, drawn_arms, units
from peersim.analysis.largest import Joined, against_declared, against_joined, joint, joint_t
from peersim.analysis.procedures import Procedure
from peersim.analysis.sides import Layout, Stratum, differing_in
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.design import Study

STUDIES = 4
"""Studies whose critical values are averaged; each is of 9,999 permutations."""
NEAR = 0.1
"""How near to the critical value a t has to be for a study's own to be drawn, as a share of it."""
Forks = Sequence[tuple[bool, Sequence[Arm]]]


class Family(NamedTuple):
    """Contrasts that are judged together by max-T, one of which is asked about.

    Attributes:
        contrasts: All of them.
        place: Of the one that is asked about.
        designs: Of each.
        forks: All their arms by the histories that they share, and whether these are lived.
        trials: Per history and arm.
        share: The alpha of the family.
        fallback: The level of the one that is asked about where max-T does not apply to a study.
    """

    contrasts: tuple[Contrast, ...]
    place: int
    designs: tuple[Design, ...]
    forks: Forks
    trials: int
    share: float
    fallback: float


class Critical(NamedTuple):
    """What the first step of max-T asks for.

    Attributes:
        t: The largest t of the family must reach it; as a mean over drawn studies.
        alone: The level of a test of the one contrast alone that is as strict.
        against: What keeps max-T from applying to such studies; then the rest is 0.
    """

    t: float
    alone: float
    against: str = ""


def family_of(
    study: Study, contrast: Contrast, family: Sequence[Contrast], share: float, fallback: float
) -> Family | str:
    """Return a family that max-T may be applied to, or what its contrasts would have to be.

    Args:
        study: The study that declares them.
        contrast: The one that is asked about.
        family: All that are judged together with it, itself among them.
        share: The alpha of the family.
        fallback: As in ``Family``.
    """
    if any(one.dose for one in family):
        return "contrasts without a dose, in a forecast"
    if len({(one.outcome, one.scale) for one in family}) > 1:
        return "one outcome, in a forecast"
    if against := against_declared(family):
        return against
    designs = tuple(design_of(study, one) for one in family)
    every = {arm_key(arm): arm for one in designs for of in one.sides.values() for arm in of}
    forks = forks_of(study, every.values())
    place = [one.id for one in family].index(contrast.id)
    trials = study.trials_per_history
    return Family(tuple(family), place, designs, forks, trials, share, fallback)


def drawn_family(
    family: Family, assumed: Assumed, histories: int, random: np.random.Generator
) -> Drawn:
    """Draw a study with all arms of a family, in which only the contrast asked about is true.

    Args:
        family: The family.
        assumed: What is taken to be true.
        histories: Per arm.
        random: Where chance comes from.
    """
    raised = {arm_key(arm) for arm in family.designs[family.place].sides["a"]}
    means = [
        (lived, [(arm, assumed.p0 + assumed.rd * (arm_key(arm) in raised)) for arm in arms])
        for lived, arms in family.forks
    ]
    score = is_score(family.contrasts[family.place])
    values = drawn_arms(means, (histories, family.trials), assumed, random, score=score)
    return Drawn(values, min(one.surfaces for one in family.designs))


def critical(family: Family, assumed: Assumed, histories: int) -> Critical:
    """Return what the first step of max-T asks for, by studies drawn as assumed.

    The t are tied as the design and what is assumed tie them; the analysis's own max-T is put
    through the studies.

    Args:
        family: The family.
        assumed: What is taken to be true.
        histories: Per arm.
    """
    random, layouts = np.random.default_rng(0), _layouts(family, histories)
    found = []
    for _ in range(STUDIES):
        given, _ = _read(family, layouts, drawn_family(family, assumed, histories, random))
        if against := against_joined(given):
            return Critical(0.0, 0.0, against)
        each = joint(given, family.share)
        found.append((each.critical, each.alone[family.place]))
    t, alone = np.mean(found, axis=0)
    return Critical(float(t), float(alone))


def finder(family: Family, assumed: Assumed, histories: int) -> Callable[[Drawn], bool]:
    """Return what tells of a drawn study whether max-T upholds the contrast asked about.

    By the critical value that such studies have, and by that of the study itself where it is close:
    with few histories each has its own. Where max-T does not apply to a study
    the analysis falls back on Holm's method, and so does this.

    Args:
        family: The family.
        assumed: What is taken to be true.
        histories: Per arm.
    """
    asked, layouts = critical(family, assumed, histories), _layouts(family, histories)
    contrast = family.contrasts[family.place]
    alone, own = (
        contrast.model_copy(update={"alpha": alpha}) for alpha in (family.fallback, family.share)
    )

    def finds(seen: Drawn) -> bool:
        given, chosen = _read(family, layouts, seen)
        if chosen is None:
            return False
        if asked.against or against_joined(given):
            return decides(alone, chosen)
        t = joint_t(given)[family.place]
        found = t >= asked.t
        if abs(t - asked.t) <= NEAR * asked.t:
            found = joint(given, family.share).p[family.place] <= family.share
        # Its own p, which is asked for too, is the milder of the two.
        return found and decides(own, chosen)

    return finds


def _layouts(family: Family, histories: int) -> list[Layout]:
    """The layout of each contrast among the histories of the whole family."""
    return [_laid(design, family.forks, histories) for design in family.designs]


def _laid(design: Design, forks: Forks, histories: int) -> Layout:
    keys = {side: {arm_key(arm) for arm in of} for side, of in design.sides.items()}
    strata = [
        Stratum(
            {side: tuple(arm for arm in arms if arm_key(arm) in of) for side, of in keys.items()},
            frozenset(units(place, histories)),
        )
        for place, (_, arms) in enumerate(forks)
    ]
    served = tuple(one for one in strata if any(one.arms.values()))
    return Layout(design.sides, served, design.level, differing_in(design.sides), ())


def _read(
    family: Family, layouts: Sequence[Layout], seen: Drawn
) -> tuple[list[Joined], Procedure | None]:
    """What the family reads of each contrast, and the procedure of the one asked about."""
    pairs = list(zip(family.contrasts, layouts, strict=True))
    used = [contributions(layout, contrast.outcome, seen) for contrast, layout in pairs]
    chosen = [
        chosen_for(contrast, layout, of, seen)
        for (contrast, layout), of in zip(pairs, used, strict=True)
    ]
    event = not is_score(family.contrasts[0])
    given = [_joined(of, found, event=event) for of, found in zip(used, chosen, strict=True)]
    return given, chosen[family.place]


def _joined(used: Contributions, chosen: Procedure | None, *, event: bool) -> Joined:
    return Joined(chosen.method if chosen else "", event, used.by_unit, used.pulls)
