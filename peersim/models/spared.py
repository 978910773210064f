"""What LiteLLM does beside a call in vain: its log, unused prices, a search for keys to rename.

This leans on inner parts of LiteLLM and of OpenAI's client. Where one of them is not what it was,
nothing is left out: calls are as the libraries make them. Tests tell when that is so.
"""

import contextlib
import inspect
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from peersim.models.renamed import renames_keys

# Whether what nobody reads may be left out of the calls of this context, and the price with it.
_spared: ContextVar[bool] = ContextVar("peersim_spared", default=False)
_priced: ContextVar[bool] = ContextVar("peersim_priced", default=True)

WALKED = ["data", "expected_type"]


@contextlib.contextmanager
def sparing(price: bool) -> Iterator[None]:
    """Leave out of the calls within what nobody here reads.

    Args:
        price: Somebody reads what LiteLLM thinks that they cost.
    """
    spared, priced = _spared.set(True), _priced.set(price)
    try:
        with _unlogged():
            yield
    finally:
        _priced.reset(priced)
        _spared.reset(spared)


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Mark calls as LiteLLM's own, which it does not log.

    It would make a report of every call for callbacks that nobody set, a tenth of its CPU.
    """
    mark = _mark()
    if mark is None:  # A release without that mark logs in vain.
        yield
        return
    before = mark.set(True)
    try:
        yield
    finally:
        mark.reset(before)


def _mark() -> ContextVar[bool] | None:
    try:
        from litellm import _internal_context
    except ImportError:
        return None
    found: object = getattr(_internal_context, "is_internal_call", None)
    return found if isinstance(found, ContextVar) else None


def teach_sparing() -> None:
    """Let LiteLLM, and the client of OpenAI's under it, leave out what is not wanted.

    Calls outside ``sparing`` are as ever, and so is what another release does elsewhere.
    """
    with contextlib.suppress(ImportError):
        from litellm.litellm_core_utils import litellm_logging

        _spare_prices(getattr(litellm_logging, "Logging", None))
    with contextlib.suppress(ImportError):
        from openai.resources.chat.completions import completions

        _spare_renaming(completions)


def _spare_prices(logging: Any) -> None:
    """Leave out prices that nobody reads, a fifth of a call's CPU.

    They are searched anew for every reply, and longest for models that the price map does not
    know, such as those of a server of one's own.
    """
    whole = getattr(logging, "_response_cost_calculator", None)
    if not inspect.isfunction(whole) or inspect.iscoroutinefunction(whole):
        return

    def calculated(self: object, *args: object, **kwargs: object) -> float | None:
        cost: float | None = whole(self, *args, **kwargs) if _priced.get() else None
        return cost

    logging._response_cost_calculator = calculated


def _spare_renaming(completions: Any) -> None:
    """Send what is plain JSON already as it is, a quarter of a call's CPU.

    The client walks through all messages and tools by their types for keys to rename and dates
    to write, of which the types of a chat have none.
    """
    from openai._utils import is_given

    whole = getattr(completions, "async_maybe_transform", None)
    # What waits for no more than these two may do no more with them.
    if not inspect.iscoroutinefunction(whole) or [*inspect.signature(whole).parameters] != WALKED:
        return

    async def transformed(data: object, expected_type: object) -> object:
        if _spared.get() and isinstance(data, dict) and not renames_keys(expected_type):
            # The walk also leaves out what was not given, for which JSON has no word.
            return {name: value for name, value in data.items() if is_given(value)}
        return await whole(data, expected_type)

    completions.async_maybe_transform = transformed
