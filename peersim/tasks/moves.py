"""Typed moves: tools whose arguments are whole numbers, choices and texts."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from peersim.frozen import Frozen
from peersim.models.asked import ToolSpec

Scalar = int | str


class Whole(Frozen):
    """A whole number within bounds, both of them legal."""

    kind: Literal["whole"] = "whole"
    name: str
    low: int
    high: int

    def schema_(self) -> dict[str, JsonValue]:
        """Return the field as JSON Schema."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def problem(self, value: JsonValue) -> str | None:
        """Return what is wrong with a value, or None."""
        # A bool is an int to Python, but nobody who writes true means 1.
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{self.name!r} must be a whole number"
        if not self.low <= value <= self.high:
            return f"{self.name!r} must lie between {self.low} and {self.high}"
        return None


class Choice(Frozen):
    """One of some named options."""

    kind: Literal["choice"] = "choice"
    name: str
    options: tuple[str, ...] = Field(min_length=1)

    def schema_(self) -> dict[str, JsonValue]:
        """Return the field as JSON Schema."""
        return {"type": "string", "enum": list(self.options)}

    def problem(self, value: JsonValue) -> str | None:
        """Return what is wrong with a value, or None."""
        if value in self.options:
            return None
        return f"{self.name!r} must be one of {', '.join(self.options)}"


class Text(Frozen):
    """A text of limited length, in characters; an empty one is no answer."""

    kind: Literal["text"] = "text"
    name: str
    longest: int = Field(default=4000, ge=1)

    def schema_(self) -> dict[str, JsonValue]:
        """Return the field as JSON Schema."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    def problem(self, value: JsonValue) -> str | None:
        """Return what is wrong with a value, or None."""
        if not isinstance(value, str) or not value.strip():
            return f"{self.name!r} must be a text"
        if len(value) > self.longest:
            return f"{self.name!r} must have at most {self.longest} characters"
        return None


AnyField = Annotated[Whole | Choice | Text, Field(discriminator="kind")]


class Move(Frozen):
    """A typed move: a tool with named arguments.

    Attributes:
        fields: The arguments, all of them required.
        kindest: What someone wholly kind to the others would give, a value a field; None where
            no value is kinder than another. Scripted partners move by it; no model sees it.
        unkindest: The same for someone wholly unkind. Where it is what is kindest too, the move
            is done to nobody, and this is how to make it well.
        recipients: To whom each field's value goes, where each goes to another; else empty.
    """

    name: str
    description: str
    fields: tuple[AnyField, ...] = ()
    kindest: tuple[Scalar, ...] | None = None
    unkindest: tuple[Scalar, ...] | None = None
    recipients: tuple[str, ...] = ()

    @property
    def directed(self) -> bool:
        """Whether it can be made kindly or unkindly."""
        return self.kindest != self.unkindest

    def spec(self) -> ToolSpec:
        """Return the move as a tool; equal moves give the same object."""
        return self._tool

    @cached_property
    def _names(self) -> dict[str, None]:
        return dict.fromkeys(field.name for field in self.fields)

    @cached_property
    def _tool(self) -> ToolSpec:
        return _spec(self)

    def problem(self, arguments: JsonValue) -> str | None:
        """Return what is wrong with arguments, or None if they are a legal move."""
        if not isinstance(arguments, dict) or arguments.keys() != self._names.keys():
            wanted = ", ".join(map(repr, self._names)) or "no arguments"
            return f"{self.name} takes exactly {wanted}"
        for field in self.fields:
            if problem := field.problem(arguments[field.name]):
                return problem
        return None

    def toward(self, share: float) -> dict[str, JsonValue]:
        """Return the legal arguments that are kind to a degree.

        Args:
            share: From 0, the unkindest, to 1, the kindest. Numbers lie between the two in
                proportion; of other values it is the nearer of the two.
        """
        least, most = self.unkindest or self._lowest(), self.kindest or self._lowest()
        pairs = zip(self.fields, least, most, strict=True)
        return {field.name: _between(low, high, share) for field, low, high in pairs}

    def toward_each(self, shares: Mapping[str, float]) -> dict[str, JsonValue]:
        """Return the legal arguments that are kind to each recipient to a degree of its own.

        Args:
            shares: As for ``toward``, by recipient.
        """
        of = zip(self.fields, self.recipients, strict=True)
        return {f.name: self.toward(shares[name])[f.name] for f, name in of}

    def _lowest(self) -> tuple[Scalar, ...]:
        return tuple(_first(field) for field in self.fields)


# Moves never change, so equal calls give the same object, with all that was worked out from it.
@lru_cache(maxsize=1024)
def whole_move(
    name: str, description: str, argument: str, low: int, high: int, kind: bool | None = None
) -> Move:
    """Return a move with one whole number.

    Args:
        name: The tool's name.
        description: What it does.
        argument: The number's name.
        low: The least it can be.
        high: The most it can be.
        kind: Whether more is kinder to the others; None where it is neither.
    """
    ends: dict[bool, tuple[int, int]] = {True: (high, low), False: (low, high)}
    best, worst = ends[kind] if kind is not None else (None, None)
    return Move(
        name=name,
        description=description,
        fields=(Whole(name=argument, low=low, high=high),),
        kindest=None if best is None else (best,),
        unkindest=None if worst is None else (worst,),
    )


def _first(field: AnyField) -> Scalar:
    match field:
        case Whole():
            return field.low
        case Choice():
            return field.options[0]
        case Text():
            return "-"


def _between(low: Scalar, high: Scalar, share: float) -> Scalar:
    if isinstance(low, int) and isinstance(high, int):
        return round(low + (high - low) * share)
    return high if share >= 0.5 else low


# A game has few different moves and asks for them often; a spec keeps its digest too.
@lru_cache(maxsize=1024)
def _spec(move: Move) -> ToolSpec:
    return ToolSpec(
        name=move.name,
        description=move.description,
        parameters={
            "type": "object",
            "properties": {field.name: field.schema_() for field in move.fields},
            "required": [field.name for field in move.fields],
            "additionalProperties": False,
        },
    )
