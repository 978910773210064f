"""Events of talk."""

from typing import Literal

from peersim.events.base import Event


class Said(Event):
    """An agent said something that the named others could hear."""

    kind: Literal["said"] = "said"
    round: int
    speaker: str
    to: tuple[str, ...]
    text: str


class Noted(Event):
    """Something of no account that an agent is made to remember; it stands in for what was."""

    kind: Literal["noted"] = "noted"
    agent: str
    text: str
