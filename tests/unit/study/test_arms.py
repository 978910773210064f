"""Arms of runs and sweeps, unfinished ones too."""

import asyncio

import pytest
from support.studies import arm, opened, run, study

from peersim.analysis.pairs import contrasts
from peersim.errors import AnalysisRefusal
from peersim.memory.none import NoMemory
from peersim.models.counter import CallCounter
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, planned_arms
from peersim.study.runner import adopt


def job(remember, name):
    """One job of a sweep over memory."""
    made = arm(remember=remember).model_copy(update={"settings": {"memory": name, "model": "m"}})
    return study(2, arms=(made,))


def test_a_job_that_never_ran_is_an_arm_all_the_same(tmp_path):
    (tmp_path / "multirun.yaml").write_text("")
    run(job(NoMemory(), "none"), tmp_path / "0")
    with opened(tmp_path / "1") as store:
        asyncio.run(adopt(job(None, "summary"), store))
    view = RunView(tmp_path)
    assert planned_arms(view) == [
        {"persona.peer": "cooperative", "memory": "none"},
        {"persona.peer": "cooperative", "memory": "summary"},
    ]
    found = finished_rows(view)
    assert {row.arm["memory"] for row in found} == {"none"}
    (line,) = contrasts(found, "protected", arms=planned_arms(view))
    assert line.estimate is None
    assert "memory=summary" in line.refusal


def test_a_run_without_a_finished_trial_has_no_numbers(tmp_path):
    with opened(tmp_path) as store:
        asyncio.run(adopt(study(1), store))
    with pytest.raises(AnalysisRefusal, match="no finished trial"):
        finished_rows(RunView(tmp_path))


def test_all_calls_count_as_spent_those_of_histories_too(tmp_path):
    class Spending:
        spent = None

        def begin(self, header): ...
        def started(self, trial_id): ...
        def warned(self, text): ...
        def end(self, ending): ...

        def finished(self, record, spent):
            self.spent = spent

    tracker = Spending()
    run(study(2), tmp_path, trackers=[tracker])
    (calls,) = RunView(tmp_path).stores[0].query("SELECT COUNT(*) FROM calls")[0]
    assert isinstance(tracker.spent, CallCounter)
    assert tracker.spent.made == calls
    assert tracker.spent.cost_usd == 0.0
    (session,) = RunView(tmp_path).stores[0].sessions()
    assert (session.made, session.cost_usd) == (calls, 0.0)
