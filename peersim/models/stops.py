"""How a study ends when its provider lets it go no further, and what to do then."""

from peersim.errors import ProviderStop
from peersim.models.base import Failure, FailureKind
from peersim.models.journal import CallKey
from peersim.models.onward import RESUME, Onward

STOPS: dict[FailureKind, str] = {
    "auth": "check the key in its environment variable, that it may use this model, and its"
    " account",
    "bad_request": "check the model's name, its parameters and tools, and model.base_url",
}


# Limits that are counted by the month are the longest that there are.
ENDLESS_SECONDS = 32 * 24 * 3600


def _length(seconds: float) -> str:
    """Return a wait as people read it."""
    if seconds < 7200:
        return f"{seconds:.0f} s"
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:,.0f} days"


def blocks_stop(name: str, key: CallKey, blocks: int, onward: Onward = RESUME) -> ProviderStop:
    """Return the end of a study whose calls a provider's policy blocks one after another.

    Args:
        name: The model.
        key: The last call that was blocked.
        blocks: How many were, in a row.
        onward: How the work goes on.
    """
    return ProviderStop(
        f"the policy of {name}'s provider has blocked {blocks} calls in a row (the last at {key})",
        "see with the provider that neither the account nor the study's subject is blocked;"
        f" {onward.blocked}, and {onward.again} goes on",
    )


def refusal_stop(
    name: str,
    key: CallKey,
    failure: Failure,
    unanswered: int,
    silent: float,
    onward: Onward = RESUME,
) -> ProviderStop:
    """Return the end of a study that a failure brings about.

    Args:
        name: The model.
        key: The call that failed.
        failure: How.
        unanswered: Calls of the model in a row that stayed without an answer.
        silent: The seconds for which it answered none.
        onward: How the work goes on.
    """
    what = f"({failure.kind} at {key}: {failure.detail})"
    if failure.hopeless and failure.kind == "connection":
        return ProviderStop(
            f"{name} cannot be reached: it has not answered once within retry.reach_seconds {what}",
            f"start its server, then: {onward.lost}; a wrong address is mended by"
            f" {onward.readdressed} (peersim doctor tries it)",
        )
    if failure.hopeless:
        seconds = failure.retry_after or 0.0
        endless = "that is no limit that passes: see its account or its server"
        return ProviderStop(
            f"{name} asks to wait {_length(seconds)}, longer than retry.call_seconds {what}",
            f"{endless if seconds > ENDLESS_SECONDS else 'wait that long'}, then: {onward.lost}",
        )
    if failure.kind in STOPS:
        return ProviderStop(
            f"{name} refuses the study's calls {what}",
            f"{STOPS[failure.kind]}, then: {onward.lost}",
        )
    if failure.kind == "unknown":
        return ProviderStop(
            f"{unanswered} calls in a row to {name} failed in a way that nobody foresaw {what}",
            "read what it says and try a call (peersim doctor --call), since no waiting may help;"
            f" then run what was lost too: {onward.lost}",
        )
    return ProviderStop(
        f"{name} has left {unanswered} calls in a row unanswered, and for"
        f" {silent:.0f} s answered none {what}",
        f"once it answers again, run what was lost too: {onward.lost}",
    )
