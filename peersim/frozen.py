"""The base of every value in the project: immutable, and closed to unknown keys."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import eq
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class made_once(Generic[T]):  # noqa: N801 - it reads as what it is, a decorator
    """A ``functools.cached_property`` without the lock that Python before 3.12 takes each time.

    For what is read from one thread, or may be made twice.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        """Make a value with a method."""
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type[object], name: str) -> None:
        """Learn under which name the value is kept."""
        self._name = name

    def __get__(self, instance: object, owner: type[object]) -> T:
        """Make the value, and keep it where the next reading finds it first."""
        value = instance.__dict__[self._name] = self._make(instance)
        return value


def later(default: Any, **rules: Any) -> Any:
    """Return a field that was added after records had been kept without it.

    While it has its default it is not written, so that specs, ids and events from before stay
    the same to the byte.

    Args:
        default: What it meant when it was not there.
        **rules: Further arguments of ``pydantic.Field``.
    """
    return Field(default=default, exclude_if=partial(eq, default), **rules)


class Frozen(BaseModel):
    """An immutable pydantic model that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(made_once,))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed, and nothing cached from before the change."""
        copied = super().model_copy(update=update, deep=deep)
        if update:
            fields = type(self).model_fields
            for name in [name for name in copied.__dict__ if name not in fields]:
                del copied.__dict__[name]
        return copied
