"""Dates as texts: as the calendar has them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.oversight.world.dates import days_between, days_on

DAYS = st.dates(datetime.date(1600, 1, 1), datetime.date(2400, 12, 31))


@given(DAYS, DAYS)
def test_the_days_between_two_dates_are_the_calendar_s(first, last):
    assert days_between(str(first), str(last)) == (last - first).days
    assert days_on(str(first), (last - first).days) == str(last)


@pytest.mark.parametrize(
    ("date", "days", "found"),
    [
        ("2024-02-28", 1, "2024-02-29"),
        ("2023-02-28", 1, "2023-03-01"),
        ("2024-01-01", -1, "2023-12-31"),
        ("2024-12-31", 1, "2025-01-01"),
        ("2000-02-29", 366, "2001-03-01"),
        ("1900-02-28", 1, "1900-03-01"),
    ],
)
def test_leap_days_and_turns_of_the_year(date, days, found):
    assert days_on(date, days) == found
