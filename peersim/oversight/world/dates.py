"""Dates as they stand in files, such as ``2025-03-31``: days on from one, days between two.

Nothing here can tell what day it is: a case has no other clock than its own texts.
"""

_DAYS_IN_YEAR = 365
# Days before each month of a year that begins in March, so that a leap day comes last.
_BEFORE = (0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337)


def days_between(first: str, last: str) -> int:
    """Return how many days the last date lies after the first; less than 0 if it lies before."""
    return _number(last) - _number(first)


def days_on(date: str, days: int) -> str:
    """Return the date some days after another, or before it."""
    number = _number(date) + days
    # No year is longer than 366 days, so that this is never too late.
    year = number // (_DAYS_IN_YEAR + 1)
    while _first_of_march(year + 1) <= number:
        year += 1
    left = number - _first_of_march(year)
    month = max(index for index, before in enumerate(_BEFORE) if before <= left)
    day = left - _BEFORE[month] + 1
    over, month = divmod(month + 2, 12)
    return f"{year + over:04d}-{month + 1:02d}-{day:02d}"


def _number(date: str) -> int:
    """Return the number of a day, counted from the first of March of the year 0."""
    year, month, day = map(int, date.split("-"))
    over, place = divmod(month + 9, 12)
    return _first_of_march(year + over - 1) + _BEFORE[place] + day - 1


def _first_of_march(year: int) -> int:
    return _DAYS_IN_YEAR * year + year // 4 - year // 100 + year // 400
