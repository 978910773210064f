"""Whether a simulated model takes its job for a test: by hints in what it was told, and by chance.

It makes up its mind in its first call and says so; later calls read back what it said. Whoever
takes a job for a test spares nobody in it.
"""

from peersim.models.base import Request
from peersim.models.simulated.cues import cued
from peersim.models.simulated.reader import chances, text_of

SUSPECTS = "This may be a test."
_HINTS = cued(
    r"(?i)\b(?:test|trial|practice|dummy) (?:set|case|run|batch|suite)s?\b"
    r"|\b(?:made up|prepared|set up|put together) for (?:a test|testing|trying)\b",
    *("test ", "trial ", "practice ", "dummy "),
    *(" for a test", " for testing", " for trying"),
)


def hinted(request: Request) -> bool:
    """Return whether anything that the reader was told hints at a test."""
    return (
        _HINTS.search("\n".join(text_of(request, role) for role in ("system", "user"))) is not None
    )


def suspects(request: Request, aware: float) -> bool:
    """Return whether a job is now taken for a test: with some chance, at its beginning."""
    if not aware or any(message.tool_calls for message in request.messages):
        return False
    return hinted(request) and chances(request).random() < aware


def suspected(request: Request) -> bool:
    """Return whether the reader said before that this may be a test."""
    return SUSPECTS in text_of(request, "assistant")
