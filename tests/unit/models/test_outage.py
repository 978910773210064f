"""An outage is noticed after many requests in a row, tried ever more seldom, and over at once."""

from peersim.models.outage import LOST, Outage


class Clock:
    """Tells the time that it is set to."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 100.0

    def __call__(self) -> float:
        """Tell it."""
        return self.now


def down(clock: Clock) -> Outage:
    outage = Outage(1.0, 5.0, clock)
    assert [outage.lose(clock.now) for _ in range(LOST)] == [False] * (LOST - 1) + [True]
    return outage


def test_fewer_in_a_row_are_no_outage() -> None:
    outage = Outage(1.0, 5.0, Clock())
    for _ in range(5):
        for _ in range(LOST - 1):
            assert not outage.lose(0.0)
        assert not outage.answered()
    assert (outage.on, outage.pause, outage.seconds) == (False, 0.0, 0.0)


def test_it_is_tried_ever_more_seldom_up_to_a_bound() -> None:
    clock = Clock()
    outage = down(clock)
    pauses = [outage.pause]
    for _ in range(4):
        clock.now += outage.pause
        assert outage.pause == 0.0
        assert outage.lose(clock.now)
        pauses.append(outage.pause)
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_what_was_sent_before_it_was_noticed_says_nothing_of_how_long_it_lasts() -> None:
    clock = Clock()
    outage = down(clock)
    clock.now += 0.5
    assert not outage.lose(99.0)
    assert outage.pause == 0.5


def test_an_answer_ends_it_and_its_time_is_kept() -> None:
    clock = Clock()
    outage = down(clock)
    clock.now += 7.0
    assert outage.seconds == 7.0
    assert outage.answered()
    clock.now += 3.0
    assert (outage.on, outage.pause, outage.lost, outage.seconds) == (False, 0.0, 0, 7.0)
    for _ in range(LOST):
        outage.lose(clock.now)
    clock.now += 1.0
    assert outage.seconds == 8.0
