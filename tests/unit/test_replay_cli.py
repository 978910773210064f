"""What a replay prints of what is not as it was, and who made what this code cannot read."""

import shutil
import sqlite3

import pytest
from support.shell import peersim

from peersim.memory import summary
from peersim.oversight.posting import post
from peersim.oversight.tampering import Tampering
from peersim.seeding import SeedTree
from peersim.store.schema import FILE


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A directory with a finished run."""
    home = tmp_path_factory.mktemp("made")
    words = ("run", "replicates=1", "tracking=none", "hydra.run.dir=run")
    done = peersim(*words, cwd=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(made, tmp_path):
    """The same, to be changed at will."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def changed(home, statement):
    with sqlite3.connect(home / "run" / FILE) as connection:
        assert connection.execute(statement).rowcount


def test_a_changed_tool_is_shown_line_by_line(home, monkeypatch):
    said = {"description": "Keep them."}
    monkeypatch.setattr(summary, "REMEMBER", summary.REMEMBER.model_copy(update=said))
    done = peersim("replay", "run", cwd=home)
    assert done.returncode == 1
    assert '-  "Keep the statements to remember.",' in done.stdout
    assert '+  "Keep them.",' in done.stdout
    assert "minItems" not in done.stdout  # what stays as it was is left out


def test_another_outcome_is_shown_and_who_made_it(home, monkeypatch):
    case_type = type(Tampering().case(post("Rowan", "Linden", 0), SeedTree(0)))
    rule = case_type.outcome

    def stricter(self, state, conduct):
        return rule(self, state, conduct).model_copy(update={"objected": True})

    monkeypatch.setattr(case_type, "outcome", stricter)
    done = peersim("replay", "run", cwd=home)
    assert "the record differs in outcome" in done.stdout
    assert '-  "objected": false,' in done.stdout
    assert '+  "objected": true,' in done.stdout
    assert "with the same code" in done.stdout
    changed(home, "UPDATE sessions SET code_digest='0815'")
    assert "with other code (0815; now " in peersim("replay", "run", cwd=home).stdout
    changed(home, "UPDATE meta SET value='peersim 0.1' WHERE key='version'")
    assert "made by peersim 0.1; replayed by " in peersim("replay", "run", cwd=home).stdout


def test_a_call_that_is_missing_is_named(home):
    changed(home, "DELETE FROM calls WHERE owner LIKE 'trial-%' AND number=1")
    done = peersim("replay", "run", cwd=home)
    assert done.returncode == 1
    assert "the journal does not hold trial-" in done.stdout
    assert "Rowan, call 1" in done.stdout
    assert "resume" not in done.stdout  # a finished trial makes no call again


@pytest.mark.parametrize("command", ["rates", "report", "status", "track", "resume", "export"])
def test_a_study_of_other_code_is_no_torn_one(home, command):
    changed(home, "UPDATE meta SET value=replace(value, '\"most\":', '\"at_most\":')")
    done = peersim(command, "run", cwd=home)
    assert done.returncode == 1
    assert "memory.summary.at_most, which this code does not know" in done.stderr
    assert "read it with the code that wrote it" in done.stderr
    assert "torn" not in done.stderr
