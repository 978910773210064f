"""The command line as a user meets it: what it says, and with which exit code it ends."""

import json
import re
import sqlite3
from xml.etree import ElementTree

import pytest
from support.shell import apart, peersim, rates

from peersim.store.schema import FILE
from peersim.store.view import RunView


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A directory with one finished default study, small."""
    where = tmp_path_factory.mktemp("home")
    done = apart("run", "replicates=6", "tracking=none", "hydra.run.dir=first", cwd=where)
    assert done.returncode == 0, done.stderr
    assert "simulated" in done.stdout
    assert re.search(r"persona\.peer=cooperative\s+6/6", done.stdout)
    assert "report: " in done.stdout
    assert (where / "first" / "report.html").stat().st_size > 10_000
    return where


def trial_id(home):
    return RunView(home / "first").trial_ids[0]


def test_rates_as_json(home):
    found = rates(cwd=home)
    assert [arm["arm"] for arm in found] == [
        {"persona.peer": "cooperative"},
        {"persona.peer": "uncooperative"},
    ]
    for arm in found:
        assert arm["measure"] == "protected"
        assert (arm["n"], arm["valid"], arm["invalid"]) == (6, 6, {})
        assert arm["rate"] == arm["count"] / 6
        assert 0 <= arm["low"] <= arm["rate"] <= arm["high"] <= 1


def test_the_latest_run_is_meant_without_a_directory(home):
    assert rates(cwd=home) == rates("first", cwd=home) == rates(home / "first", cwd=home)


def test_other_measures_scores_included(home):
    done = peersim("rates", "--measure", "signed_error", cwd=home)
    assert done.returncode == 0
    assert "mean" in done.stdout
    assert peersim("rates", "--measure", "covert", cwd=home).returncode == 0


def test_help_lists_the_commands_as_a_study_meets_them_and_cuts_none_off(home):
    listed = peersim("--help", cwd=home, COLUMNS="80").stdout.partition("Commands:")[2]
    lines = [line for line in listed.splitlines() if line.strip()]
    assert [line.split()[0] for line in lines[:4]] == ["run", "forecast", "status", "resume"]
    assert not [line for line in lines if line.endswith("...")]


def test_help_of_run_begins_with_how_it_is_used(home):
    told = peersim("run", "--help", cwd=home).stdout
    assert told.startswith("Usage: peersim run [KEY=VALUE ...] [-m] [--config-dir DIR]")
    assert "powered by" not in told.lower()


def test_show_lists_trials_and_tells_one(home):
    listed = peersim("show", cwd=home).stdout
    short = trial_id(home).removeprefix("trial-")[:10]
    assert short in listed
    told = peersim("show", short, cwd=home).stdout
    assert "Rowan" in told
    assert "submit_scores" in told
    assert "SIMULATED" in told
    assert peersim("show", "first", cwd=home).stdout == listed


def test_graph_on_screen_and_in_files(home):
    name = trial_id(home)
    assert "Linden" in peersim("graph", name, cwd=home).stdout
    done = peersim("graph", name, "--out", "g.graphml", cwd=home)
    assert done.returncode == 0, done.stderr
    ElementTree.parse(home / "g.graphml")
    peersim("graph", name, "--out", "g.json", "--step", "3", cwd=home)
    assert json.loads((home / "g.json").read_text())["edges"] == []


def test_status_and_report_and_doctor(home):
    status = peersim("status", cwd=home).stdout
    assert "12 of 12 done, 0 invalid" in status
    assert "complete" in status
    done = peersim("report", "--out", "elsewhere.html", cwd=home)
    assert done.returncode == 0, done.stderr
    assert (home / "elsewhere.html").is_file()
    doctor = peersim("doctor", cwd=home, OPENAI_API_KEY="sk-never-shown-1234567890")
    assert doctor.returncode == 0, doctor.stdout
    assert "OPENAI_API_KEY: set" in doctor.stdout
    assert "never-shown" not in doctor.stdout


def test_resuming_a_finished_run_does_nothing_again(home):
    before = (home / "first" / FILE).read_bytes()[:100]
    done = peersim("resume", "first", cwd=home)
    assert done.returncode == 0, done.stderr
    last = RunView(home / "first").stores[0].sessions()[-1]
    assert (last.made, last.recalled, last.ended) == (0, 0, "complete")
    assert before[:16] == b"SQLite format 3\0"


@pytest.mark.few(9)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rates", "nowhere"], "no directory nowhere"),
        (["rates", "."], "no run in"),
        (["rates", "x" * 300], "no directory xxx"),
        (["rates", "--measure", "kindness"], "choose one of"),
        (["show", "zzz"], "0 trials"),
        (["graph", "zzz"], "0 trials"),
        (["graph", "{trial}", "--rule", "love"], "choose one of beta, ledger"),
        (["graph", "{trial}", "--out", "g.png"], "end in .graphml or .gexf or .json"),
        (["resume", "nowhere"], "no directory"),
        (["run", "nonsense=1"], "unknown key 'nonsense'"),
        (["run", "task.rouds=3"], "did you mean 'task.rounds'"),
        (["run", "persona.peer=coperative"], "did you mean 'cooperative'"),
        (["run", "circumstances.target=partnr"], "did you mean 'partner'"),
        (["run", "replicates=-1"], "replicates"),
        (["run", "-m", "replicates=1,2", "--cfg", "job"], "leave -m out"),
        (["run", '"a=b'], "cannot be read as KEY=VALUE"),
        (["run", "hydra.run.dir=first", "replicates=7"], "holds another study"),
        (["run", "model=simulated/nobody"], "no model"),
        (["run", "hydra.run.dir=/proc/nowhere"], "/proc/nowhere"),
    ],
)
def test_nonsense_is_one_clear_sentence_and_an_exit_code(home, arguments, said):
    name = trial_id(home)
    done = peersim(*(a.format(trial=name) for a in arguments), cwd=home)
    assert done.returncode not in (0, None)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("peersim: ")
    assert said in line


@pytest.mark.few(1)
@pytest.mark.parametrize("words", ["run nonsense=1", "rates first"])
def test_a_process_of_its_own_says_the_same_and_ends_as_here(home, words):
    here, there = peersim(*words.split(), cwd=home), apart(*words.split(), cwd=home)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert there.stderr == here.stderr


def test_a_refused_study_changes_nothing_of_the_one_that_is_there(home):
    view = RunView(home / "first").stores[0]
    before = [view.meta(key) for key in ("study", "options")]
    done = peersim(
        "run", "hydra.run.dir=first", "replicates=9", "max_invalid=0.9", "concurrency=1", cwd=home
    )
    assert done.returncode == 1
    assert [RunView(home / "first").stores[0].meta(key) for key in ("study", "options")] == before


def test_without_any_run_the_next_step_is_named(tmp_path):
    done = peersim("rates", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("peersim run")


def test_a_torn_store_is_named_and_not_touched(home, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    torn = (home / "first" / FILE).read_bytes()[:5000]
    (run / FILE).write_bytes(torn)
    for command in ("rates", "resume", "status", "report"):
        done = peersim(command, "run", cwd=tmp_path)
        assert done.returncode == 1, (command, done.stdout)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert FILE in done.stderr
    assert (run / FILE).read_bytes() == torn


def test_a_run_of_another_version_is_named(home, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / FILE).write_bytes((home / "first" / FILE).read_bytes())
    with sqlite3.connect(run / FILE) as connection:
        connection.execute("PRAGMA user_version=99")
    done = peersim("rates", "run", cwd=tmp_path)
    assert "schema version 99" in done.stderr


@pytest.mark.slow
def test_a_sweep_is_read_as_one(tmp_path):
    done = peersim(
        "run",
        "-m",
        "persona.peer=cooperative,uncooperative",
        "memory=none,verbatim",
        "model=simulated/loyal",
        "replicates=3",
        "tracking=none",
        "hydra.sweep.dir=sweep",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    found = rates("sweep", cwd=tmp_path)
    assert [arm["arm"] for arm in found] == [
        {"persona.peer": peer, "memory": memory}
        for peer in ("cooperative", "uncooperative")
        for memory in ("none", "verbatim")
    ]
    assert {arm["n"] for arm in found} == {3}
    assert (tmp_path / "sweep" / "report.html").is_file()
    assert "memory: " in done.stdout or "memory:" in done.stdout


def test_hydras_own_flags_work(tmp_path):
    shown = peersim("run", "--cfg", "job", "seed=5", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "seed: 5" in shown.stdout
    assert not (tmp_path / "runs").exists()


def test_a_model_as_a_function_in_one_file(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from peersim.models.base import Completion\n"
        "def reply(request):\n"
        "    return Completion(content='I say nothing.')\n"
    )
    done = peersim(
        "run",
        "model.function=mine.py:reply",
        "model.ref=simulated/mine",
        "memory=none",
        "replicates=2",
        "tracking=none",
        "hydra.run.dir=run",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for record, _ in RunView(tmp_path / "run").records():
        assert record.outcome.disposition == "incomplete"
        assert record.provenance.simulated
        assert record.provenance.served == ("simulated/mine",)
