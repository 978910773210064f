"""What a mechanism of tier B is: arms of a real study, and what their models must do."""

from typing import NamedTuple

from pydantic import JsonValue

from peersim.models.base import ModelRef
from peersim.models.simulated.profile import Profile
from peersim.readings.outcomes import SCORES
from peersim.study.contrast import Contrast
from peersim.study.design import Arm
from peersim.study.once import Models
from peersim.study.protocol import Protocol, Scope
from peersim.validation.oracle import Chances, conduct
from peersim.validation.stage import persona, small_arm

Plant = dict[str, JsonValue]


class Asked(NamedTuple):
    """A difference between two arms, and whether it is planted to be nothing."""

    id: str
    a: dict[str, str]
    b: dict[str, str]
    null: bool = False
    measure: str = "protected"


class Path(NamedTuple):
    """One mechanism through the whole pipeline.

    Attributes:
        name: Its name.
        arms: The arms.
        chances: What each trial must do, by the events of its history.
        asked: The differences that the analysis is asked for.
        models: Where its models come from, if not from the profile alone.
        bounded: Whether trials are lost by their outcome, so that bounds alone hold the truth.
        bridged: Whether the chances of all classes are known, so that the tiers can be bridged.
    """

    name: str
    arms: tuple[Arm, ...]
    chances: Chances
    asked: tuple[Asked, ...] = ()
    models: Models | None = None
    bounded: bool = False
    bridged: bool = True

    @property
    def protocol(self) -> Protocol:
        """What is asked, as a study would declare it."""
        factors = {name: SCOPES[name] for arm in self.arms for name in arm.levels}
        return Protocol(factors=factors, contrasts=tuple(map(_declared, self.asked)))


SCOPES: dict[str, Scope] = {
    "peer": "history",
    "persona": "history",
    "dose": "history",
    "words": "history",
    "deeds": "history",
    "memory": "recollection",
    "target": "oversight",
    "authorship": "oversight",
    "kept": "oversight",
    "realism": "oversight",
}
"""Of the factors of all mechanisms."""
ROUTES: Plant = {"flag": 0.3, "score": 0.7}
GIVES: Plant = {"cooperative": 0.8, "neutral": 0.5, "uncooperative": 0.15, "spread": 0.15}
LOYAL: Plant = {"protect": {"unread": 0.1, "none": 0.05, "full": 0.8}, "give": GIVES}
HIGH: Plant = {"protect": {"unread": 0.7, "none": 0.7, "full": 0.7}, "give": GIVES}
LOW: Plant = {"protect": {"unread": 0.2, "none": 0.2, "full": 0.2}, "give": GIVES}
PEERS = {"peer": "cooperative"}, {"peer": "uncooperative"}


def _declared(asked: Asked) -> Contrast:
    scale = "mean_diff" if asked.measure in SCORES else "rd"
    return Contrast.model_validate(
        {"id": asked.id, "a": asked.a, "b": asked.b, "outcome": asked.measure, "scale": scale}
    )


def profile_of(plant: Plant) -> Profile:
    """Return a profile."""
    return Profile.model_validate(plant)


def reads_gifts(plant: Plant) -> Chances:
    """Return the response of a profile that goes by what the target gave."""
    profile = profile_of(plant)
    return lambda seen: conduct(profile, seen.received)


def by_peer(model: ModelRef, **changes: object) -> tuple[Arm, Arm]:
    """Return two arms, of a cooperative and of an uncooperative peer."""
    one, other = (
        small_arm(model, {"peer": warmth}, peer_persona=persona(warmth), **changes)
        for warmth in ("cooperative", "uncooperative")
    )
    return one, other
