"""What a sweep keeps to: one store, one budget, every history once, exit codes as a run's."""

import json
import signal
import time

import pytest
from support.shell import peersim, rates, start
from support.studies import records

from peersim.store.schema import FILE
from peersim.store.view import RunView, StoreView

SMALL = ("replicates=4", "tracking=none")
TWO = ("run", "-m", "memory=none,verbatim", "hydra.sweep.dir=sweep", *SMALL)


def interaction_calls(run):
    """How many calls the histories of a run took, by history."""
    (store,) = RunView(run).stores
    counted = "SELECT owner, COUNT(*) FROM calls WHERE owner LIKE 'history-%' GROUP BY owner"
    return dict(store.query(counted))


def test_forked_arms_spend_no_second_interaction(tmp_path):
    one = peersim("run", "memory=none", *SMALL, "hydra.run.dir=one", cwd=tmp_path)
    two = peersim(*TWO, cwd=tmp_path)
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    once = interaction_calls(tmp_path / "one")
    assert len(once) == 8
    assert interaction_calls(tmp_path / "sweep") == once
    total = sum(once.values())
    said = f"8 histories lived for 16 trials: {total} interaction calls instead of {2 * total}"
    assert said in two.stdout
    assert "histories lived for" not in one.stdout
    assert set(records(tmp_path / "one")) < set(records(tmp_path / "sweep"))


def test_a_sweep_has_one_store_and_a_folder_a_job(tmp_path):
    done = peersim(*TWO, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sweep = tmp_path / "sweep"
    assert [path.parent for path in sweep.rglob(FILE)] == [sweep]
    assert (sweep / "report.html").is_file()
    folders = sorted(path.parent.name for path in sweep.glob("*/.hydra"))
    assert folders == ["0", "1"]
    assert {path.name for path in (sweep / "1" / ".hydra").iterdir()} == {
        *("config.yaml", "hydra.yaml", "overrides.yaml")
    }
    assert [arm["n"] for arm in rates(cwd=tmp_path)] == [4] * 4
    assert RunView(sweep).stores[0].sessions()[0].ended == "complete"


def test_no_arm_runs_earlier_in_time_than_another(tmp_path):
    done = peersim(*TWO, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (store,) = RunView(tmp_path / "sweep").stores
    by_block = {}
    for block, arm in store.query("SELECT block, arm FROM trials"):
        by_block.setdefault(block, set()).add(arm)
    assert sorted(by_block) == [0, 1, 2, 3]
    assert {len(arms) for arms in by_block.values()} == {4}


@pytest.mark.slow
def test_a_stock_launcher_gives_each_job_a_store(tmp_path):
    done = peersim(*TWO, "hydra/launcher=basic", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sweep = tmp_path / "sweep"
    assert sorted(path.parent.name for path in sweep.rglob(FILE)) == ["0", "1"]
    assert [arm["n"] for arm in rates(cwd=tmp_path)] == [4] * 4
    again = peersim("resume", cwd=tmp_path)
    assert "note: jobs of the sweep that had not begun" in again.stdout


@pytest.mark.slow
def test_one_directory_holds_one_kind_of_sweep(tmp_path):
    assert peersim(*TWO, "hydra/launcher=basic", cwd=tmp_path).returncode == 0
    done = peersim(*TWO, cwd=tmp_path)
    assert done.returncode == 1
    assert "hydra/launcher=basic" in done.stderr
    assert not (tmp_path / "sweep" / FILE).exists()
    other = "hydra.sweep.dir=other"
    assert peersim(*TWO, other, cwd=tmp_path).returncode == 0
    done = peersim(*TWO, other, "hydra/launcher=basic", cwd=tmp_path)
    assert done.returncode == 1
    assert "holds a sweep that is one study" in done.stderr


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed=1,2", "seed differs between the jobs of the sweep (1, 2)"),
        ("memory=none,none", "the same arm"),
        ("memory=none,nothing", "no memory named 'nothing'"),
    ],
)
def test_a_sweep_that_cannot_be_one_study_is_refused_in_a_line(tmp_path, override, said):
    done = peersim("run", "-m", override, *SMALL, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert list(tmp_path.rglob(FILE)) == []


def test_arms_that_show_the_same_are_refused(tmp_path):
    swept = ("memory=none", "circumstances.delivery=document,document_sentence")
    done = peersim("run", "-m", *swept, *SMALL, cwd=tmp_path)
    assert done.returncode == 1
    assert "circumstances.delivery" in done.stderr
    assert done.stdout.strip() == ""


def test_the_budget_is_over_the_whole_sweep(tmp_path):
    spent = peersim(*TWO, "budget.tokens=20000", cwd=tmp_path)
    assert spent.returncode == 4, spent.stdout + spent.stderr
    store = StoreView(tmp_path / "sweep" / FILE)
    ((tokens,),) = store.query("SELECT SUM(charged_tokens) FROM calls")
    assert 0 < tokens <= 20000
    assert "peersim resume sweep --budget" in spent.stderr
    done = peersim("resume", "sweep", "--budget-tokens", "100000000", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    whole = peersim(*TWO, "hydra.sweep.dir=whole", cwd=tmp_path)
    assert whole.returncode == 0
    assert records(tmp_path / "sweep") == records(tmp_path / "whole")


def test_an_interrupted_sweep_ends_as_an_interrupted_run_does(tmp_path):
    slow = (*TWO, "replicates=300", "model.latency_seconds=0.01")
    process = start(*slow, cwd=tmp_path)
    until = time.monotonic() + 60
    while not (tmp_path / "sweep" / FILE).is_file() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    held = json.loads(StoreView(tmp_path / "sweep" / FILE).meta("study"))
    assert len(held["arms"]) == 4


def test_too_many_invalid_trials_in_a_sweep_are_told_by_the_exit_code(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from peersim.models.base import Completion\n"
        "def reply(request):\n"
        "    raise RuntimeError('no reply today')\n"
    )
    mine = ("model.function=mine.py:reply", "model.ref=simulated/mine", "retry.attempts=1")
    done = peersim(*TWO, *mine, cwd=tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr


@pytest.mark.slow
def test_a_launcher_that_starts_processes_runs_each_job_as_a_run_of_its_own(tmp_path):
    sweep = ("-m", "hydra/launcher=joblib", "memory=none,summary", "replicates=2", "tracking=none")
    done = peersim("run", *sweep, "hydra.sweep.dir=sweep", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.parent.name for path in (tmp_path / "sweep").glob("*/study.sqlite")} == {"0", "1"}
    assert len(rates("sweep", cwd=tmp_path)) == 4
