"""Judged relations and matched pasts on the command line."""

import json
import re

import pytest
from support.shell import peersim

from peersim.relations.graph import steps
from peersim.store.view import RunView

MINE = """
from peersim.models.base import Completion
from peersim.models.simulated.judge import judge_reply
from peersim.models.simulated.profile import Profile

def reply(request):
    said, calls = judge_reply(request, Profile())
    return Completion(content=said, tool_calls=calls, finish="tool_calls")
"""
JUDGE = ("--model", "simulated/null", "--set", "model.function=mine.py:reply")
RELATIONS = ("--rubric", "relations")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A directory with a judge and a run of own and yoked pasts."""
    where = tmp_path_factory.mktemp("home")
    (where / "mine.py").write_text(MINE)
    wanted = ("study=single", "memory=verbatim", "+study.factors={transform: [own, yoked]}")
    quiet = ("replicates=3", "tracking=none", "hydra.run.dir=first")
    done = peersim("run", *wanted, *quiet, cwd=where)
    assert done.returncode == 0, done.stderr
    return where


def test_relations_are_judged_once_a_history_and_shown_beside_the_acts(home):
    done = peersim("judge", "first", *JUDGE, *RELATIONS, cwd=home)
    assert done.returncode == 0, done.stderr
    assert re.search(r"simulated/null \(simulated\) +relations 1 +3 +6 of 6", done.stdout)
    assert "enter no outcome" in done.stdout
    again = peersim("judge", "first", *JUDGE, *RELATIONS, cwd=home)
    assert again.returncode == 0
    assert RunView(home / "first").stores[0].sessions()[-1].made == 0
    assert len(RunView(home / "first").judgements()) == 3


def test_the_judged_layer_is_printed_and_written(home):
    assert peersim("judge", "first", *JUDGE, *RELATIONS, cwd=home).returncode == 0
    trial = RunView(home / "first").trial_ids[0]
    printed = peersim("graph", trial, "first", "--layer", "judged", cwd=home)
    assert printed.returncode == 0, printed.stderr
    assert "weight (judged)" in printed.stdout
    assert "1 votes" in printed.stdout
    to = ("--layer", "judged", "--out", "judged.json")
    written = peersim("graph", trial, "first", *to, cwd=home)
    assert written.returncode == 0, written.stderr
    graph = json.loads((home / "judged.json").read_text())
    assert len(graph["edges"]) == 2
    assert {edge["layer"] for edge in graph["edges"]} == {"judged"}


def test_the_graph_has_its_measures_and_what_changed_between_two_steps(home):
    trial = RunView(home / "first").trial_ids[0]
    printed = peersim("graph", trial, "first", cwd=home)
    assert printed.returncode == 0, printed.stderr
    assert re.search(r"Rowan +│ \d\.\d{3} +│ \d\.\d{3} +│", printed.stdout)
    assert re.search(r"kindness returned: \S+; harm returned: \S+", printed.stdout)
    record, store = RunView(home / "first").trial(trial)
    before, after = steps(store.history(record.history_id).events)[1:3]
    changed = peersim("graph", trial, "first", "--diff", str(before), str(after), cwd=home)
    assert changed.returncode == 0, changed.stderr
    assert re.search(r"changed +│ \w+ +│ \w+ +│ 0\.\d{3}", changed.stdout)
    assert re.search(r"e\d+ Round 2", changed.stdout)
    none = peersim("graph", trial, "first", "--diff", "0", "1", cwd=home)
    assert "nothing changed between 0 and 1" in none.stdout
    wrong = peersim("graph", trial, "first", "--diff", "3", "1", cwd=home)
    assert wrong.returncode == 1
    assert "step 1 comes before step 3" in wrong.stderr


def test_there_are_no_labelled_excerpts_of_relations(home):
    done = peersim("judge", "--labelled", *JUDGE, *RELATIONS, cwd=home)
    assert done.returncode == 1
    assert "no labelled excerpts for the rubric relations" in done.stderr


def test_the_shipped_yoked_past_is_matched_and_shown_to_be(home):
    yoked = [r for r, _ in RunView(home / "first").records() if r.spec.arm["transform"] == "yoked"]
    assert len(yoked) == 3
    for record in yoked:
        assert 0.95 <= record.matched.after / record.matched.own <= 1.05
    shown = peersim("show", yoked[0].trial_id, "first", cwd=home)
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"yoked: (?:0\.9|1\.0)\d+ of the length of the own past", shown.stdout)
