"""How the interpreter is set while a study runs, and that it is set back."""

import gc
import sys

import pytest

from peersim.study.runner import MANY, collecting_rarely, switching_often


@pytest.mark.parametrize(("in_flight", "changed"), [(1, False), (MANY - 1, False), (MANY, True)])
def test_turns_are_shortened_for_many_in_flight_alone(in_flight: int, changed: bool) -> None:
    before = sys.getswitchinterval()
    with switching_often(in_flight):
        assert (sys.getswitchinterval() < before) == changed
    assert sys.getswitchinterval() == before


def test_turns_are_set_back_when_the_work_fails() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError), switching_often(MANY):
        raise ZeroDivisionError
    assert sys.getswitchinterval() == before


def test_what_a_run_made_is_old_at_its_end_so_that_no_look_goes_through_it() -> None:
    thresholds = gc.get_threshold()
    with collecting_rarely(1_000):
        assert gc.get_threshold()[0] > thresholds[0]
        made = [[number] for number in range(100_000)]
        assert gc.get_count()[0] > len(made) / 2
    assert gc.get_threshold() == thresholds
    assert gc.get_count()[0] < len(made) / 10
    old = gc.get_objects(generation=2)
    assert any(found is made for found in old)
