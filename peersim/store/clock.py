"""The wall clock, for columns beside the records; it never enters one."""

from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


Moment = datetime
"""A point in time, with its zone."""


def moment(kept: str) -> Moment:
    """Return the time that a text of ``now`` stands for."""
    return datetime.fromisoformat(kept)


def text_of(kept: Moment) -> str:
    """Return a time as ``now`` writes it."""
    return kept.isoformat(timespec="milliseconds")
