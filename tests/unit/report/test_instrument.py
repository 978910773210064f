"""The band that is printed beside a figure of the instrument is the one that it is held to."""

import pytest

from peersim.analysis.instrument import Figure
from peersim.report.instrument import figures_table


@pytest.mark.parametrize("value", [0.92, 0.85])
def test_the_band_that_is_printed_decides(value: float) -> None:
    figure = Figure(
        mechanism="own",
        question="null",
        measure="coverage",
        value=value,
        error=0.01,
        low=0.937,
        slack=3.0,
        histories=20,
        trials=4,
        studies=100,
    )
    (row,) = figures_table("own", "Own", (figure,)).rows

    assert row[3] == "at least 0.907 (0.937, widened by 3 Monte Carlo errors)"
    assert row[4] == ("yes" if value >= 0.907 else "NO")


def test_a_band_without_slack_is_printed_as_it_is() -> None:
    figure = Figure(
        mechanism="own",
        question="null",
        measure="bias",
        value=0.0,
        error=0.01,
        low=-0.02,
        high=0.02,
        histories=20,
        trials=4,
        studies=100,
    )
    (row,) = figures_table("own", "Own", (figure,)).rows

    assert "widened" not in row[3]
