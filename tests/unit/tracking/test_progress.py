"""Progress as a terminal and as a log file see it."""

import io

import pytest
from rich.console import Console
from support.studies import arm, run, study

from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.models.counter import CallCounter
from peersim.record import Paper
from peersim.tracking import progress
from peersim.tracking.base import Header
from peersim.tracking.progress import ProgressTracker

SPEC = arm().trial(seed=0, replicate=0, fork=0)
FAILED = Failed(origin="provider", cause="timeout", detail="no answer")
INVALID = Paper(SPEC, 0, EventLog()).invalid(FAILED, "oversight")


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def told(terminal=False):
    out = io.StringIO()
    return out, ProgressTracker(Console(file=out, width=120, force_terminal=terminal))


def header(**more):
    facts = {"name": "test", "study_id": "study-1", "directory": "run", "total": 10, "done": 0}
    return Header(**(facts | {"simulated": False} | more))


def spent(cost):
    counter = CallCounter()
    counter.cost_usd = cost
    return counter


def test_a_whole_study_says_how_it_begins_and_ends(tmp_path):
    out, tracker = told()
    run(study(2), tmp_path, trackers=[tracker])
    first, *_, last = out.getvalue().splitlines()
    assert first == "test: 4 trials on simulated models"
    assert last.startswith("  done: 4/4, ")
    assert last.endswith(" trials/s, 0 in flight, 0 invalid, $0.00")


def test_real_models_are_not_called_simulated():
    out, tracker = told()
    tracker.begin(header())
    assert out.getvalue() == "test: 10 trials\n"


def test_what_was_done_before_counts_for_the_position_and_not_for_the_rate(clock):
    out, tracker = told()
    tracker.begin(header(done=6))
    for _ in range(3):
        tracker.started("t")
    for _ in range(2):
        tracker.finished(INVALID, spent(0.25))
    clock.now += 4
    tracker.end("stopped")
    first, last = out.getvalue().splitlines()
    assert first == "test: 10 trials, 6 done before"
    assert last == "  stopped: 8/10, 0.5 trials/s, 1 in flight, 2 invalid, $0.25"


def test_a_slow_study_s_rate_is_told_by_the_hour(clock):
    out, tracker = told()
    tracker.begin(header())
    tracker.started("t")
    tracker.finished(INVALID, spent(0.25))
    clock.now += 50
    tracker.end("stopped")
    assert out.getvalue().splitlines()[-1].startswith("  stopped: 1/10, 72 trials/h, 0 in flight")


@pytest.mark.parametrize(
    ("ending", "word"), [("complete", "done"), ("stopped", "stopped"), ("failed", "broken off")]
)
def test_every_ending_has_its_word(ending, word):
    out, tracker = told()
    tracker.begin(header())
    tracker.end(ending)
    assert out.getvalue().splitlines()[-1].startswith(f"  {word}: 0/10, ")


def test_a_cost_that_anyone_kept_back_is_unknown_and_not_zero():
    out, tracker = told()
    tracker.begin(header())
    tracker.started("t")
    tracker.finished(INVALID, spent(None))
    tracker.end("complete")
    assert out.getvalue().endswith("1 invalid, cost unknown\n")


def test_a_log_file_gets_a_line_every_ten_seconds_and_no_bar(clock):
    out, tracker = told()
    tracker.begin(header())
    for _ in range(9):  # trials at 4, 8, 12 … 36 seconds
        clock.now += 4
        tracker.started("t")
        tracker.finished(INVALID, spent(0.0))
    lines = out.getvalue().splitlines()[1:]
    assert [line.split(",")[0].strip() for line in lines] == ["3/10", "6/10", "9/10"]
    assert "\x1b" not in out.getvalue()


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end():
    out, tracker = told(terminal=True)
    tracker.begin(header(done=3))
    tracker.started("t")
    tracker.finished(INVALID, spent(1.5))
    tracker.end("complete")
    text = out.getvalue()
    assert "4/10" in text
    assert "1 invalid, $1.50" in text
    # The last line goes up to where the bar was, and wipes it.
    assert text.rstrip().splitlines()[-1].startswith("\x1b[1A\x1b[2K  done: ")


def test_what_was_spent_before_any_trial_was_finished_is_no_zero():
    out, tracker = told()
    counter = spent(0.0)
    tracker.begin(header(spent=counter))
    tracker.started("t")
    counter.cost_usd = 0.75
    tracker.end("budget")
    assert out.getvalue().endswith("1 in flight, 0 invalid, $0.75\n")
