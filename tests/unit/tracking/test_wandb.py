"""W&B offline: what is on disk is what the store holds, and its trouble is never ours."""

import io
from collections import Counter

import pytest
from rich.console import Console
from support.shell import peersim
from support.studies import run, study
from support.wandb_reader import read_all

from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.tracking.wandb import WandbSettings, WandbTracker

KEY = "planted0123456789abcdef0123456789abcdef01"
STUDY = ("replicates=4", "hydra.run.dir=run")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A finished study, tracked offline by a process of its own, with a home of its own."""
    where = tmp_path_factory.mktemp("tracked")
    (where / "home").mkdir()
    done = peersim("run", *STUDY, cwd=where, HOME=str(where / "home"), WANDB_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    return where


def test_one_run_an_arm_grouped_by_study(home):
    runs = read_all(home / "run")
    assert sorted(found.name for found in runs) == [
        "persona.peer=cooperative",
        "persona.peer=uncooperative",
    ]
    assert len({found.group for found in runs}) == 1
    assert runs[0].group.startswith("persona-")
    for found in runs:
        assert (found.project, found.job_type, found.exit_code) == ("peersim", "arm", 0)
        assert "simulated" in found.tags
        assert "simulated/loyal" in found.tags
        assert found.config["simulated"] is True
        assert f"persona.peer={found.config['arm']['persona.peer']}" == found.name
        assert (found.config["seed"], found.config["replicates"]) == (0, 4)


def test_the_summary_equals_the_store(home):
    stored = rows(RunView(home / "run"))
    for found in read_all(home / "run"):
        own = [row for row in stored if f"persona.peer={row.arm['persona.peer']}" == found.name]
        assert found.summary["n"] == found.summary["valid"] == len(own) == 4
        protected = sum(row.values["protected"] for row in own)
        assert found.summary["count/protected"] == protected
        assert found.summary["rate/protected"] == protected / 4
        errors = [
            row.values["signed_error"] for row in own if row.values["signed_error"] is not None
        ]
        assert found.summary["mean/signed_error"] == pytest.approx(sum(errors) / len(errors))
        assert found.summary["trials.nrows"] == 4


def test_while_it_runs_only_health_is_logged(home):
    for found in read_all(home / "run"):
        names = Counter(name for line in found.history for name in line)
        assert names["health/finished"] == 4
        outcomes = {n.split(".")[0] for n in names if not n.startswith(("health/", "_"))}
        assert outcomes == {"trials"}  # the table, once, at the end
        assert names["trials.nrows"] == 1


def test_nothing_is_written_outside_and_no_key_is_kept(home):
    assert [path for path in (home / "home").rglob("*") if path.is_file()] == []
    for path in (home / "run").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_a_resumed_study_keeps_the_runs_identity(home):
    before = {found.run_id for found in read_all(home / "run")}
    done = peersim("resume", "run", cwd=home, HOME=str(home / "home"))
    assert done.returncode == 0, done.stderr
    again = read_all(home / "run")
    assert {found.run_id for found in again} == before
    assert len({found.name for found in again}) == 2
    for found in again:
        assert found.summary["n"] == 4


def tracker(directory, said, mode="offline"):
    settings = WandbSettings(
        project="peersim",
        entity=None,
        mode=mode,
        group="g",
        directory=directory,
        config={},
        labels={},
        tags=(),
    )
    return WandbTracker(settings, lambda: rows(RunView(directory)), said.append)


def test_trouble_with_wandb_is_one_warning_and_the_study_goes_on(tmp_path, monkeypatch):
    def broken(**settings):
        raise OSError("no space left on device")

    monkeypatch.setattr("wandb.init", broken)
    said = []
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said)])
    assert len(rows(RunView(tmp_path))) == 4
    (warning,) = said
    assert "no space left" in warning
    assert "nothing is lost" in warning


def test_online_without_a_key_is_offline_with_one_warning(tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    said = []
    run(study(1), tmp_path, trackers=[tracker(tmp_path, said, mode="online")])
    assert [text for text in said if "WANDB_API_KEY" in text] == said
    assert len(said) == 1
    assert len(read_all(tmp_path)) == 2


def test_progress_off_a_terminal_says_how_it_ended(tmp_path):
    from peersim.tracking.progress import ProgressTracker

    out = io.StringIO()
    run(study(2), tmp_path, trackers=[ProgressTracker(Console(file=out, width=120))])
    text = out.getvalue()
    assert "test: 4 trials on simulated models" in text
    assert "done: 4/4" in text
    assert "0 in flight, 0 invalid, $0.00" in text
