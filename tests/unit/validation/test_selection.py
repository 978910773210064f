"""Selection is planted: the alarm must ring, the bounds hold, and the raw difference err."""

from peersim.validation.bands import SHORT
from peersim.validation.special import specials
from peersim.validation.special_selection import selective_refusal


def test_planted_selection_is_caught_and_bounded() -> None:
    alarm, bounds, unbounded = selective_refusal(SHORT._replace(special=60, resamples=199), 3)

    assert alarm.holds
    assert alarm.value == 1
    assert bounds.holds
    assert unbounded.value > 0.5
    assert "selective_refusal" in specials()
