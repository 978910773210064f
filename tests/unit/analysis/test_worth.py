"""What the trials of a plan are worth: the ICC, n_eff, and the best number for the money."""

import pytest
from support.studies import run, study

from peersim.analysis.worth import seen_icc, worth
from peersim.report.content import gather
from peersim.store.view import RunView
from peersim.study.arms import finished_rows


@pytest.mark.parametrize(("cost", "best"), [(1.0, 2.0), (3.0, 3.464), (6.0, 4.899)])
def test_the_best_number_of_trials_at_an_icc_of_a_fifth(cost, best):
    found = worth(study(12, trials_per_history=4), cost)
    assert (found.icc, found.assumed) == (0.2, True)
    assert found.best == pytest.approx(best, abs=0.001)
    assert found.effective == pytest.approx(48 / 1.6)
    assert "ICC 0.2 (assumed)" in found.text
    assert "n_eff = 30.0" in found.text
    assert f"= {best:.1f} of each" in found.text


def test_without_a_history_there_is_no_best_number_and_without_an_icc_no_end():
    plan = study(12, trials_per_history=4)
    assert "m*" not in worth(plan, None).text
    assert "m* = sqrt(c (1 - ICC) / ICC) = as many as possible" in worth(plan, 3.0, 0.0).text
    assert worth(plan, 3.0, 0.0).effective == 48


def test_the_report_says_it_of_the_study_s_own_trials(tmp_path):
    run(study(12, trials_per_history=3), tmp_path)
    view = RunView(tmp_path)
    facts = dict(gather(view).sections[0].facts)
    icc = seen_icc(finished_rows(view), "protected")
    said = facts["worth of the trials"]
    assert icc is not None
    assert said.startswith(f"ICC {icc:.2g}: the 36 trials of an arm, 3 of each of 12 histories")
    assert f"n_eff = {36 / (1 + 2 * icc):.1f}" in said
    assert "m* = " in said
