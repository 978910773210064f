"""What LiteLLM works out beside a call and nobody here reads: its own log, and unused prices."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

# Whether LiteLLM is to work out what the calls of this context cost.
_priced: ContextVar[bool] = ContextVar("peersim_priced", default=True)


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """Mark calls as LiteLLM's own, which it does not log.

    It would make a report of every call for callbacks that nobody set, a tenth of its CPU.
    """
    try:
        from litellm._internal_context import is_internal_call
    except ImportError:  # A release without that mark logs in vain.
        yield
        return
    before = is_internal_call.set(True)
    try:
        yield
    finally:
        is_internal_call.reset(before)


@contextlib.contextmanager
def priced(wanted: bool) -> Iterator[None]:
    """Say whether anybody reads what LiteLLM thinks that calls cost."""
    before = _priced.set(wanted)
    try:
        yield
    finally:
        _priced.reset(before)


def teach_sparing() -> None:
    """Let LiteLLM leave out the price of a call that nobody reads, a fifth of its CPU.

    It searches its price map anew for every reply, and longest for models that are not in it,
    such as those of a server of one's own. Calls outside ``priced(False)`` are as ever.
    """
    from litellm.litellm_core_utils import litellm_logging

    logging: Any = litellm_logging.Logging
    whole = getattr(logging, "_response_cost_calculator", None)
    if whole is None:  # Another release prices elsewhere, and prices in vain.
        return

    def calculated(self: object, *args: object, **kwargs: object) -> float | None:
        cost: float | None = whole(self, *args, **kwargs) if _priced.get() else None
        return cost

    logging._response_cost_calculator = calculated
