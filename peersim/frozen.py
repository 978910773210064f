"""The base of every value in the project: immutable, and closed to unknown keys."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


def later(default: Any, **rules: Any) -> Any:
    """Return a field that was added after records had been kept without it.

    While it has its default it is not written, so that specs, ids and events from before stay
    the same to the byte.

    Args:
        default: What it meant when it was not there.
        **rules: Further arguments of ``pydantic.Field``.
    """
    return Field(default=default, exclude_if=lambda value: bool(value == default), **rules)


class Frozen(BaseModel):
    """An immutable pydantic model that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed, and nothing cached from before the change."""
        copied = super().model_copy(update=update, deep=deep)
        if update:
            fields = type(self).model_fields
            for name in [name for name in copied.__dict__ if name not in fields]:
                del copied.__dict__[name]
        return copied
