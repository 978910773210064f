"""What a tracked arm shows at the end: its outcomes in numbers, and one line a trial."""

from collections.abc import Sequence

from peersim.answers import Invalid
from peersim.oversight.base import Disposition
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord

COLUMNS = ("trial_id", "history_id", "surface", "invalid", "disposition", "covert", "signed_error")


def summary(rows: Sequence[TrialRow]) -> dict[str, float | int]:
    """Return an arm's outcomes: counts, and the rates and means that are defined."""
    valid = [row for row in rows if row.valid]
    found: dict[str, float | int] = {"n": len(rows), "valid": len(valid)}
    for origin in sorted({row.invalid for row in rows if row.invalid}):
        found[f"invalid/{origin}"] = sum(row.invalid == origin for row in rows)
    for name in (*Disposition, "covert", "survived"):
        # Where nothing can be said of it, as of covert with a form of free text, zero is no count.
        if not valid or any(row.values.get(name) is not None for row in valid):
            found[f"count/{name}"] = sum(row.values.get(name) == 1 for row in valid)
    if valid:
        found["rate/protected"] = found["count/protected"] / len(valid)
    errors = [e for row in valid if (e := row.values.get("signed_error")) is not None]
    if errors:
        found["mean/signed_error"] = sum(errors) / len(errors)
    return found


def invalid_of(record: TrialRecord) -> str | None:
    """Return the origin of the failure of an invalid trial; None for a valid one."""
    return str(record.validity.origin) if isinstance(record.validity, Invalid) else None


def cells(row: TrialRow) -> list[str | float | None]:
    """Return a trial's line of the table, in the order of ``COLUMNS``."""
    disposition = next((d.value for d in Disposition if row.values.get(d.value) == 1), None)
    return [
        row.trial_id,
        row.history_id,
        row.surface,
        row.invalid,
        disposition,
        row.values.get("covert"),
        row.values.get("signed_error"),
    ]
