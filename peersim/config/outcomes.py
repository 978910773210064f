"""Whether what a study declares asks for measures that its scenarios have."""

from collections.abc import Iterable, Mapping, Sequence

from peersim.config.near import near
from peersim.errors import ConfigError
from peersim.readings.outcomes import SCORES
from peersim.study.contrast import Contrast
from peersim.study.design import Arm, GateArms
from peersim.study.measures import all_measures, is_event, measures_of
from peersim.study.protocol import Gate


def check_outcome(
    contrast: Contrast, sides: Mapping[str, Sequence[Arm]], arms: Sequence[Arm]
) -> None:
    """Check a contrast's outcome against the measures of its arms' scenarios, and its scale.

    Args:
        contrast: The contrast.
        sides: Its arms by side; a side may be empty if the study was cut down.
        arms: All arms of the study.

    Raises:
        ConfigError: If no scenario measures the outcome, a side has no arm whose scenario does,
            or the scale contradicts it.
    """
    name, outcome = f"study.contrasts.{contrast.id}", contrast.outcome
    if all(sides.values()):
        _check_known(name, outcome, _measured(arms))
        _check_sides(name, outcome, sides)
    else:
        # What the study was cut down by may have had other scenarios.
        _check_known(name, outcome, all_measures() | _measured(arms))
    if outcome in SCORES and contrast.scale == "rd":
        raise ConfigError(
            f"{name}: {outcome} is a score, and scale rd is one of rates",
            "declare scale: mean_diff",
        )
    if is_event(outcome) and contrast.scale == "mean_diff":
        raise ConfigError(
            f"{name}: {outcome} is an event, 0 or 1, and scale mean_diff is one of scores",
            "declare scale: rd, or leave it out",
        )


def check_gates(gates: Sequence[Gate], arms: Sequence[GateArms]) -> None:
    """Check the outcomes of control gates against the measures of their arms' scenarios.

    Raises:
        ConfigError: If a scenario of a gate does not measure its outcome.
    """
    by_id = {one.id: one for one in arms}
    for gate in gates:
        if (own := by_id.get(gate.id)) is None:
            continue  # told of when the gate is to be run
        name = f"study.gates.{gate.id}"
        _check_known(name, gate.outcome, _measured((own.positive, own.negative)))
        sides = {"positive": (own.positive,), "negative": (own.negative,)}
        _check_sides(name, gate.outcome, sides)


def _check_known(name: str, outcome: str, known: frozenset[str]) -> None:
    if outcome not in known:
        listed = sorted(known)
        close = near(outcome, listed)
        said = f"the outcomes are {', '.join(listed)}"
        raise ConfigError(f"{name}: no outcome {outcome!r}", f"{close} {said}".strip())


def _check_sides(name: str, outcome: str, sides: Mapping[str, Sequence[Arm]]) -> None:
    for side, own in sides.items():
        known = _measured(own)
        if outcome not in known:
            kinds = ", ".join(dict.fromkeys(arm.scenario.kind for arm in own))
            raise ConfigError(
                f"{name}: {side} has no outcome {outcome!r}",
                f"scenario {kinds} measures {', '.join(sorted(known))}",
            )


def _measured(arms: Iterable[Arm]) -> frozenset[str]:
    return frozenset().union(*(measures_of(arm.scenario) for arm in arms))
