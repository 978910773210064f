"""Ctrl-C once finishes what is in flight, twice stops now; neither loses anything."""

import os
import signal
import sys
import time

import pytest
from support.kills import patiently
from support.shell import peersim, start
from support.studies import records, study

from peersim.cli import main
from peersim.cli.base import plain_console
from peersim.commands.run import Options, work
from peersim.commands.trackers import Tracking
from peersim.store.view import RunView
from peersim.tracking.progress import ProgressTracker

# Answers that take their time leave many trials to do when the wish to end comes.
STUDY = (
    *("replicates=15", "tracking=none", "concurrency=8", "hydra.run.dir=run"),
    "model.latency_seconds=0.05",
)


def finished(run):
    return len(RunView(run).trial_ids) if (run / "study.sqlite").is_file() else 0


def interrupted(cwd, times):
    """Start the study, press Ctrl-C so often, and return the process and what it said."""
    process = start("run", *STUDY, cwd=cwd)
    patiently(lambda: finished(cwd / "run") > 3)
    for _ in range(times):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.002)
    said = process.communicate(timeout=600)
    return process, said


@pytest.mark.few(1)
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_with_clear_last_words_and_resumes(tmp_path, times):
    process, (out, err) = interrupted(tmp_path, times)
    assert process.returncode == 130, (out, err)
    assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
    assert "Traceback" not in err
    run = tmp_path / "run"
    done = finished(run)
    assert 3 < done < 30
    (session,) = RunView(run).stores[0].sessions()
    assert session.ended == "stopped"
    before = records(run)
    assert peersim("resume", cwd=tmp_path).returncode == 0
    after = records(run)
    assert len(after) == 30
    assert {name: after[name] for name in before} == before


@pytest.mark.slow
def test_a_batch_system_s_sigterm_is_one_wish_to_end(tmp_path):
    process = start("run", *STUDY, cwd=tmp_path)
    patiently(lambda: finished(tmp_path / "run") > 3)
    process.terminate()
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130, err
    assert err.strip().splitlines()[-1].endswith("Go on with: peersim resume")
    (session,) = RunView(tmp_path / "run").stores[0].sessions()
    assert session.ended == "stopped"
    # What was in flight was finished: every history that was begun has its trials.
    assert 3 < finished(tmp_path / "run") < 30
    again = peersim("resume", "run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert finished(tmp_path / "run") == 30


def test_ctrl_c_before_any_work_has_last_words_too(monkeypatch, capsys):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("peersim.commands.run.run", pressed)
    monkeypatch.setattr(sys, "argv", ["peersim", "run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "interrupted; nothing that was completed is lost" in capsys.readouterr().err


def ended_by(argument, monkeypatch, capsys):
    """What the command line says of a wish to end, which is all that it says."""
    monkeypatch.setattr(sys, "argv", ["peersim", *argument])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    (line,) = capsys.readouterr().err.splitlines()
    return line


def batch_system(*_):
    """Ask for the end as a batch system does."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def test_a_batch_system_s_wish_before_any_work_has_last_words_too(monkeypatch, capsys):
    monkeypatch.setattr("peersim.commands.run.run", batch_system)
    said = ended_by(["run"], monkeypatch, capsys)
    assert said.endswith("Go on with the same command, or, if it had begun, with: peersim resume")


def test_a_batch_system_s_wish_while_the_report_is_written_has_them_as_well(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("peersim.commands.finish.print_rates", batch_system)
    monkeypatch.setattr(sys, "argv", ["peersim", "run", *STUDY[:1], "tracking=none"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "interrupted; nothing that was completed is lost" in capsys.readouterr().err


def test_ctrl_c_in_a_command_that_only_reads_says_to_give_it_again(monkeypatch, capsys):
    def pressed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("peersim.store.runs.run_directory", pressed)
    said = ended_by(["status"], monkeypatch, capsys)
    assert said == "peersim: interrupted; nothing is lost. Give the same command again"


class LastWish(ProgressTracker):
    """Asks for the end when the last trial is finished."""

    def finished(self, record, spent):
        super().finished(record, spent)
        if self._done == self._header.total:
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_wish_to_end_after_the_last_trial_ends_a_complete_study(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("peersim.commands.run.ProgressTracker", LastWish)
    options = Options(concurrency=1, max_invalid=1.0, tracking=Tracking(kind="none"))
    work(study(2), options, tmp_path, plain_console())
    (session,) = RunView(tmp_path).stores[0].sessions()
    assert session.ended == "complete"
    assert "done: 4/4" in capsys.readouterr().out
