"""The wall clock, for columns beside the records; it never enters one."""

from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
