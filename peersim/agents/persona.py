"""Personas: who an agent is told to be."""

from typing import Literal

from peersim.frozen import Frozen

Disposition = Literal["cooperative", "neutral", "uncooperative"]


class Persona(Frozen):
    """Who an agent is told to be.

    Attributes:
        name: The level's name, for people; it is never shown to a model.
        disposition: How the persona is meant to act, for checks; never shown to a model.
        voice: How it talks, in the second person; shown. Empty for none.
        goals: What it is after, in the second person; shown. Empty for none.
    """

    name: str
    disposition: Disposition
    voice: str = ""
    goals: tuple[str, ...] = ()
