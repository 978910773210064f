"""``peersim validate`` itself: what can be asked for, how it ends, and what it writes."""

import json

import pytest
from rich.console import Console
from support.shell import apart

from peersim.analysis.instrument import Instrument
from peersim.commands.validate import SMALLEST, form_of, validate
from peersim.errors import ConfigError
from peersim.validation.bands import FULL, SHORT
from peersim.validation.mutation import mutants
from peersim.validation.proof import known, steps


def test_forms_and_steps():
    assert form_of(full=True) == FULL
    assert form_of(full=False) == SHORT
    assert steps(SHORT, ["null"]) == 9 + SHORT.runs
    assert steps(SHORT, ["mutants"]) == len(mutants())
    assert {"null", "judge_noise", "covert", "mutants"} <= set(known())


def test_one_mechanism_alone(tmp_path, capsys):
    out = tmp_path / "figures.json"
    console = Console(width=200)
    ended = validate(console, SMALLEST, only=["memory_loss"], out=out)
    found = Instrument.model_validate_json(out.read_text())
    assert ended == 0
    assert {one.mechanism for one in found.inference} == {"memory_loss"}
    assert (found.path, found.mutants, found.sealed) == ((), (), "")
    said = capsys.readouterr().out
    assert "never construct validity" in said
    assert "all bands hold" in said


def test_without_a_terminal_each_finished_mechanism_is_a_line_and_the_end_says_what_it_took(capsys):
    validate(Console(width=200), SMALLEST, only=["memory_loss", "correlation"])
    captured = capsys.readouterr()
    told = [line.split()[-1] for line in captured.err.splitlines()]
    assert {"memory_loss", "correlation"} <= set(told)
    assert " of " in captured.err
    assert "took " in captured.out
    assert "2,000 studies a cell" in captured.out.replace("\n", " ")


def test_an_unknown_mechanism_is_refused():
    with pytest.raises(ConfigError, match="no mechanism 'magic'"):
        validate(Console(), SMALLEST, only=["magic"])


@pytest.mark.slow
def test_the_whole_command_at_its_smallest(tmp_path):
    out = tmp_path / "figures.json"
    done = apart("validate", "--smallest", "--out", out, cwd=tmp_path)
    found = Instrument.model_validate(json.loads(out.read_text()))
    assert done.returncode == (0 if found.holds else 1), done.stderr
    assert found.caught == len(found.mutants) == len(mutants())
    assert len({one.mechanism for one in found.inference}) >= 20
    assert len({one.mechanism for one in found.path}) >= 12
    assert f"Mutation score: {len(mutants())} of {len(mutants())} caught" in done.stdout


@pytest.mark.parametrize("name", ["absent/figures.json", "."])
def test_a_file_that_cannot_be_written_is_told_of_before_the_work(name, tmp_path, monkeypatch):
    def prove(*_, **__):
        raise AssertionError("worked")

    monkeypatch.setattr("peersim.commands.validate.prove", prove)
    with pytest.raises(ConfigError, match=r"--out .* cannot be written"):
        validate(Console(), SMALLEST, out=tmp_path / name)
    assert list(tmp_path.iterdir()) == []
