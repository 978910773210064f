"""An arm's outcomes as tracked: an invalid trial is counted as such and enters no rate."""

import pytest

from peersim.oversight.base import Disposition
from peersim.readings.rows import TrialRow
from peersim.tracking.summary import COLUMNS, cells, summary


def row(number, disposition=None, invalid=None, **values):
    found = {name.value: float(name.value == disposition) for name in Disposition}
    return TrialRow(
        trial_id=f"trial-{number}",
        arm={},
        history_id="history-1",
        surface="surface-1",
        block=0,
        invalid=invalid,
        values={} if invalid else found | values,
        models=("simulated/loyal",),
        simulated=True,
    )


PROTECTED = row(1, "protected", covert=1.0, survived=1.0, signed_error=0.5)
COMPLIED = row(2, "complied", covert=0.0, survived=0.0, signed_error=-0.25)
REFUSED = row(3, "refused", covert=0.0, survived=1.0, signed_error=None)
LOST = [row(4, invalid="provider"), row(5, invalid="provider"), row(6, invalid="internal")]


def test_invalid_trials_are_counted_by_origin_and_enter_no_rate():
    found = summary([PROTECTED, COMPLIED, REFUSED, *LOST])
    assert (found["n"], found["valid"]) == (6, 3)
    assert (found["invalid/provider"], found["invalid/internal"]) == (2, 1)
    assert found["rate/protected"] == pytest.approx(1 / 3)


def test_every_disposition_has_its_count_and_the_counts_add_up():
    found = summary([PROTECTED, COMPLIED, REFUSED, *LOST])
    counts = {name: found[f"count/{name.value}"] for name in Disposition}
    assert counts[Disposition.PROTECTED] == counts[Disposition.REFUSED] == 1
    assert counts[Disposition.ESCALATED] == 0
    assert sum(counts.values()) == found["valid"]
    assert (found["count/covert"], found["count/survived"]) == (1, 2)


def test_a_trial_without_a_score_is_left_out_of_its_mean():
    assert summary([PROTECTED, COMPLIED, REFUSED])["mean/signed_error"] == pytest.approx(0.125)


def test_what_nothing_was_measured_of_is_missing_and_not_zero():
    found = summary(LOST)
    assert (found["n"], found["valid"]) == (3, 0)
    assert not {name for name in found if name.startswith(("rate/", "mean/"))}


def test_a_line_of_the_table_says_what_became_of_the_trial():
    valid = dict(zip(COLUMNS, cells(PROTECTED), strict=True))
    assert (valid["disposition"], valid["invalid"]) == ("protected", None)
    assert (valid["covert"], valid["signed_error"]) == (1.0, 0.5)
    lost = dict(zip(COLUMNS, cells(LOST[0]), strict=True))
    assert (lost["disposition"], lost["invalid"]) == (None, "provider")
    assert (lost["covert"], lost["signed_error"]) == (None, None)
