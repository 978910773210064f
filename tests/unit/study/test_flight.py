"""What is in flight is counted, and how long it takes is told from what took how long."""

import contextlib

import pytest

from peersim.study.flight import Flight, duration


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_it_says_how_many_are_finished_and_how_long_that_takes():
    clock = Clock()
    flight = Flight(clock)
    assert flight.finishing() == "nothing is in flight"
    with flight.of("a"), flight.of("b"):
        assert flight.finishing().startswith("finishing 2 trials in flight, nobody knows how long")
        clock.now = 300.0
    with flight.of("c"):
        clock.now = 360.0
        assert flight.finishing() == (
            "finishing 1 trial in flight, which takes up to 4 min, as trials went so far"
        )
        clock.now = 900.0
        assert flight.finishing() == "finishing 1 trial in flight, soon"


def test_a_trial_that_is_given_up_says_nothing_of_how_long_one_takes():
    clock = Clock()
    flight = Flight(clock)
    with contextlib.suppress(ValueError), flight.of("a"):
        clock.now = 2.0
        raise ValueError
    assert (flight.finishing(), flight.longest) == ("nothing is in flight", None)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_seconds_are_told_as_people_read_them(seconds, said):
    assert duration(seconds) == said
