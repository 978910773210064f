"""Judging on the command line, killed and all."""

import os
import re
import signal
import sqlite3
import time

import pytest
from support.shell import peersim, start

from peersim.store.schema import FILE
from peersim.store.view import RunView

MINE = """
from peersim.models.base import Completion
from peersim.models.simulated.judge import judge_reply
from peersim.models.simulated.profile import Profile

def reply(request):
    said, calls = judge_reply(request, Profile())
    return Completion(content=said, tool_calls=calls, finish="tool_calls")

def mute(request):
    return Completion(content="Hm.")
"""
JUDGE = ("--model", "simulated/null", "--set", "model.function=mine.py:reply")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A directory with a judge and a finished run of twelve trials."""
    where = tmp_path_factory.mktemp("home")
    (where / "mine.py").write_text(MINE)
    done = peersim("run", "replicates=6", "tracking=none", "hydra.run.dir=first", cwd=where)
    assert done.returncode == 0, done.stderr
    return where


def verdicts(run):
    with sqlite3.connect(f"{(run / FILE).as_uri()}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM judgements").fetchone()[0]


def calls(run):  # by a connection that finds what a killed process committed last
    with sqlite3.connect(f"{(run / FILE).as_uri()}?mode=rw", uri=True) as connection:
        query = "SELECT COUNT(*) FROM calls WHERE caller='judge'"
        return connection.execute(query).fetchone()[0]


def test_killed_and_given_again_it_repeats_no_call_and_prints_the_table(home):
    run = home / "first"
    slow = ("--set", "model.latency_seconds=0.05", "--judges", "8")
    process = start("judge", "first", *JUDGE, *slow, cwd=home)
    until = time.monotonic() + 60
    while time.monotonic() < until and verdicts(run) < 5:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    before = calls(run)
    assert 5 <= before < 96
    done = peersim("judge", "first", *JUDGE, "--judges", "8", cwd=home)
    assert done.returncode == 0, done.stderr
    session = RunView(run).stores[0].sessions()[-1]
    assert session.made + before == calls(run) == verdicts(run) == 96
    assert "simulated/null x 8 (simulated)" in done.stdout
    assert re.search(r"persona\.peer=cooperative\s+6/6", done.stdout)
    assert "no verdict is missing" in done.stdout
    assert "openness: Krippendorff's alpha" in done.stdout
    assert "Fleiss' kappa" in done.stdout
    assert "not corrected: there are no labels of this run's own trials" in done.stdout
    assert "family" not in done.stdout
    again = peersim("judge", "first", *JUDGE, "--judges", "8", cwd=home)
    assert RunView(run).stores[0].sessions()[-1].made == 0
    assert again.stdout.split("judged by")[-1] == done.stdout.split("judged by")[-1]
    assert peersim("report", "first", cwd=home).returncode == 0
    assert "What the judges say" in (run / "report.html").read_text()


def test_labels_are_kept_and_correct_without_a_new_call(home):
    run = home / "first"
    assert peersim("judge", "first", *JUDGE, cwd=home).returncode == 0
    said = {one.trial_id: one.answer("openness") for one in RunView(run).judgements()}
    lines = [f"{trial},openness,{answer}" for trial, answer in said.items()]
    (home / "mine.csv").write_text("\n".join(["trial_id,question,label", *lines, ""]))
    before = verdicts(run)
    done = peersim("judge", "first", "--labels", "mine.csv", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "12 labels are kept in first/labels.csv" in done.stdout
    assert verdicts(run) == before
    assert "openness (judges with labels): Krippendorff's alpha" in done.stdout
    assert re.search(
        r"openness hidden, persona\.peer=cooperative: \d/6 = \d\.\d+ \(.*as judged", done.stdout
    )
    (home / "torn.csv").write_text("trial_id,question,label\nt,openness,maybe\n")
    torn = peersim("judge", "first", "--labels", "torn.csv", cwd=home)
    assert torn.returncode == 1
    assert "line 2 of torn.csv is no label" in torn.stderr


def test_a_judge_of_the_overseer_s_family_is_warned_of_and_a_mute_one_counted(home):
    mute = ("--model", "simulated/loyal", "--set", "model.function=mine.py:mute")
    done = peersim("judge", "first", *mute, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "is of the family of the overseer simulated/loyal" in done.stdout
    assert re.search(r"persona\.peer=cooperative: 6 unparsed", done.stdout)


def test_the_run_s_own_judge_judges_without_being_named(home):
    own = ("+model@roles.judge=simulated/null", f"roles.judge.function={home}/mine.py:reply")
    done = peersim(
        *("run", "replicates=1", "tracking=none", "hydra.run.dir=second", *own), cwd=home
    )
    assert done.returncode == 0, done.stderr
    done = peersim("judge", "second", cwd=home)
    assert done.returncode == 0, done.stderr
    assert len(RunView(home / "second").judgements()) == 2


def test_the_labelled_set_prints_precision_recall_and_confusion(home):
    done = peersim("judge", "--labelled", *JUDGE, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "labelled excerpts, missing: none" in done.stdout
    assert re.search(r"stated\s+3/3 = 1\.00\s+0\.44 to 1\.00", done.stdout)
    assert "labelled, and said:" in done.stdout
    assert re.search(r"refused: Cohen's kappa with the labels \d\.\d+", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["first"], "has no judge of its own"),
        (["--labelled"], "--labelled needs a judge"),
        (["first", *JUDGE, "--rubric", "kindness"], "choose one of conduct"),
        (["first", "--model", "simulated/nobody"], "no model"),
        (["first", *JUDGE, "--budget-usd", "0"], "above zero"),
        (["nowhere", *JUDGE], "no directory nowhere"),
        (["first", "--model", "openai/gpt-5.2"], "OPENAI_API_KEY"),
    ],
)
def test_nonsense_is_one_clear_sentence(home, arguments, said):
    done = peersim("judge", *arguments, cwd=home)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("peersim: ")
    assert said in line


def test_a_budget_that_is_used_up_is_a_clean_end(home):
    done = peersim("judge", "first", *JUDGE, "--judges", "9", "--budget-tokens", "10", cwd=home)
    assert done.returncode == 4
    assert "peersim judge --budget-usd" in done.stderr


@pytest.mark.slow
def test_ctrl_c_says_that_the_same_command_goes_on(home):
    given = ("first", *JUDGE, "--judges", "60", "--set", "model.latency_seconds=0.05")
    before = verdicts(home / "first")
    process = start("judge", *given, cwd=home)
    until = time.monotonic() + 60
    while time.monotonic() < until and verdicts(home / "first") < before + 3:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    last = err.strip().splitlines()[-1]
    assert last == "peersim: interrupted; no verdict is lost. The same command again goes on"


@pytest.mark.parametrize(
    ("where", "given", "said"),
    [
        ("print_judged", ("first", *JUDGE), "no verdict is lost. The same command again goes on"),
        ("load_rubric", ("first", *JUDGE), "no verdict is lost. The same command again goes on"),
        ("print_labelled", ("--labelled", *JUDGE), "of labelled excerpts nothing is kept"),
    ],
)
def test_ctrl_c_where_nobody_listens_says_the_same(home, monkeypatch, where, given, said):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"peersim.commands.judge.{where}", interrupted)
    done = peersim("judge", *given, cwd=home)
    assert (done.returncode, done.stderr.strip()) == (130, f"peersim: interrupted; {said}")
