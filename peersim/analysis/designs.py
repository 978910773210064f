"""How the declared contrasts of a planned study are laid out: sides, and who shares histories."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from peersim.analysis.arms import Arm, arm_key
from peersim.analysis.claims import FEWEST_PAIRS
from peersim.errors import ConfigError
from peersim.oversight.kinds import AnyScenario
from peersim.oversight.posting import post
from peersim.readings.outcomes import SCORES
from peersim.seeding import SeedTree
from peersim.study.contrast import Contrast, matches
from peersim.study.design import Study
from peersim.study.scopes import FEWEST, Level, level_of

REPLICATES = 32
"""Replicates whose wordings are looked at; twice as many as change the method."""


class Design(NamedTuple):
    """How a contrast is laid out in a study.

    Attributes:
        sides: The arms of each side; of a trend, of each dose.
        strata: The arms forked from the same histories, by side, one after the other.
        lived: For each stratum, whether its histories are lived, so that trials resemble.
        level: Within histories or between them.
        trials: Per history and arm.
        surfaces: Wordings of the job, which histories take in turn.
    """

    sides: dict[str, tuple[Arm, ...]]
    strata: tuple[dict[str, tuple[Arm, ...]], ...]
    lived: tuple[bool, ...]
    level: Level
    trials: int
    surfaces: int = 8

    @property
    def forked(self) -> bool:
        """Whether arms of different sides share histories."""
        return any(sum(map(bool, one.values())) > 1 for one in self.strata)

    def fewest(self, *, trend: bool = False) -> int:
        """Return the histories an arm below which the analysis refuses."""
        if self.level == "within":
            return FEWEST_PAIRS
        # A trend asks for so many in all, and for two at each dose.
        return max(2, -(-FEWEST // len(self.sides))) if trend else FEWEST


def is_score(contrast: Contrast) -> bool:
    """Return whether a contrast is one of means."""
    return contrast.outcome in SCORES or contrast.scale == "mean_diff"


def likeness(contrast: Contrast, design: Design) -> str:
    """Return a text that is the same for contrasts whose studies and tests are alike.

    Args:
        contrast: The contrast, with the level of its test.
        design: Its layout.
    """
    places = sorted(tuple(len(of) for of in stratum.values()) for stratum in design.strata)
    sides = tuple(design.sides) if contrast.dose else len(design.sides)
    asked = (contrast.alternative, contrast.margin, contrast.alpha, is_score(contrast))
    made = (places, sorted(design.lived), design.level, design.trials, design.surfaces)
    return repr((sides, *made, *asked))


def design_of(study: Study, contrast: Contrast) -> Design:
    """Return how a contrast is laid out in a study: which of its arms share histories.

    Raises:
        ConfigError: If a side has no arm.
    """
    sides = _sides(study, contrast)
    if not all(sides.values()):
        raise ConfigError(f"contrast {contrast.id} has a side without an arm", "mend its levels")
    own = {arm_key(arm.levels): arm for arm in study.arms}
    strata: dict[str, dict[str, list[Arm]]] = {}
    lived: dict[str, bool] = {}
    for name, arms in sides.items():
        for levels in arms:
            arm = own[arm_key(levels)]
            shared = arm.history(study.seed, 0).history_id
            strata.setdefault(shared, {side: [] for side in sides})[name].append(levels)
            lived[shared] = arm.company.lived
    return Design(
        sides=sides,
        strata=tuple({side: tuple(of) for side, of in one.items()} for one in strata.values()),
        lived=tuple(lived.values()),
        level=level_of(contrast, [arm.levels for arm in study.arms], study.protocol.factors),
        trials=study.trials_per_history,
        # Where scenarios differ in it, few wordings are the more cautious guess.
        surfaces=min(wordings(own[arm_key(arm)].scenario) for of in sides.values() for arm in of),
    )


def forks_of(study: Study, arms: Iterable[Arm]) -> list[tuple[bool, list[Arm]]]:
    """Return arms by the histories that they share, and whether these are lived.

    Args:
        study: The study.
        arms: The levels of some of its arms.
    """
    own = {arm_key(arm.levels): arm for arm in study.arms}
    found: dict[str, tuple[bool, list[Arm]]] = {}
    for levels in arms:
        arm = own[arm_key(levels)]
        shared = arm.history(study.seed, 0).history_id
        found.setdefault(shared, (arm.company.lived, []))[1].append(levels)
    return list(found.values())


@cache
def wordings(scenario: AnyScenario) -> int:
    """Return how many wordings a scenario has, as far as its first replicates show them."""
    seeds, pair = SeedTree(0).child("case"), ("Rowan", "Linden")
    return len({scenario.case(post(*pair, place), seeds).surface for place in range(REPLICATES)})


def _sides(study: Study, contrast: Contrast) -> dict[str, tuple[Arm, ...]]:
    levels = [arm.levels for arm in study.arms]
    if contrast.dose is not None:
        found: dict[str, tuple[Arm, ...]] = {}
        own = [arm for arm in levels if matches(arm, contrast.a) and contrast.dose in arm]
        for arm in sorted(own, key=lambda one: float(one[contrast.dose or ""])):
            dose = arm[contrast.dose]
            found[dose] = (*found.get(dose, ()), arm)
        return found
    cells = {"a": contrast.a, "b": contrast.b, "c": contrast.c, "d": contrast.d}
    return {
        name: tuple(arm for arm in levels if matches(arm, of))
        for name, of in cells.items()
        if of is not None
    }
